"""People who sign in: accounts, memberships of shops, invitations, sessions."""
