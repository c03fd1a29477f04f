"""The tags of a store, beside those of python-liquid."""

from liquid import Environment

from till.liquid.tags.layout import LayoutTag

TAGS = (LayoutTag,)


def register(environment: Environment) -> None:
    """Add the tags of a store."""
    for tag in TAGS:
        environment.add_tag(tag)
