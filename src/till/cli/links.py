"""Links to pages of a server, by which people come in."""

SET_UP, INVITATION = "/admin/set-up", "/admin/invitation"


def link_of(url: str, path: str, token: str) -> str:
    """A link to a page of this server; to this machine where it listens on all addresses."""
    here = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    return f"{here}{path}?token={token}"
