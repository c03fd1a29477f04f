"""How apps come by their tokens: the consent of a merchant, codes, session tokens and their exchange."""
