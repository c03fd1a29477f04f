"""Which shop a request of OAuth is about, as its host or a parameter says."""

from till.apps.gate import shop_label
from till.oauth.refused import InvalidRequest


def named_shop(host: str, said: str | None, bases: tuple[str, ...]) -> str | None:
    """The handle that the first label of the host names, or `said`, a handle or a shop's whole domain.

    `InvalidRequest` where the two name different shops.
    """
    label = shop_label(host, bases)
    if said is None:
        return label
    told = said.strip().lower()
    handle = shop_label(told, bases) or told
    if label is not None and label != handle:
        raise InvalidRequest("The host names another shop than the parameter shop: ask the right host.")
    return handle
