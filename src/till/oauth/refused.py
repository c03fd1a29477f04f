"""What OAuth refuses, by the names that its standards give (RFC 6749 §4.1.2.1, §5.2)."""

from till.errors import Forbidden, NotFound, Unreadable


class InvalidRequest(Unreadable):
    """A parameter is missing, given twice, or not as it must be."""


class UnsupportedResponseType(Unreadable):
    """There are authorization codes only: `responseType` is `code`."""


class InvalidScope(Unreadable):
    """A scope is unknown, or more than the app declares or was granted."""


class AccessDenied(Forbidden):
    """The merchant declined."""


class InvalidGrant(Unreadable):
    """The code or the session token is unknown, used, expired, or given for something else."""


class UnsupportedGrantType(Unreadable):
    """There are `authorization-code` and `token-exchange`."""


class BadRedirect(Unreadable):
    """The app has not registered this redirect URL, so that nobody is sent there."""


class UnknownApp(NotFound):
    """No app has this client id."""


class NotYourShop(Forbidden):
    """Whoever signed in does not belong to the shop; of one that does not exist the same is said."""
