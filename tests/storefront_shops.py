"""Shops of tests, as they are founded by command: with a theme that visitors see."""

from till import clock
from till.themes.founding import found


def themed(server, shop):
    """Give a shop the theme that every shop is founded with."""
    server.write(lambda tx: found(tx, shop, theme_id=server.parts.lease.minter(), at=clock.now()))
    return shop
