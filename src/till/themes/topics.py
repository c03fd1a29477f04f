"""What apps may learn of themes, and when. Additive: the platform publishes no topics of themes."""

from till.themes.theme import Theme
from till.webhooks.topic import Topic, became, changed, created, deleted

READ = frozenset({"read_themes", "write_themes"})
WRITE = frozenset({"write_themes"})


def is_current(theme: Theme) -> bool:
    return theme.is_current


def was_published(old: Theme | None, new: Theme) -> bool:
    """True when visitors see it from now on; not of one that a shop is founded with."""
    return old is not None and became(is_current)(old, new)


TOPICS: tuple[Topic[Theme], ...] = (
    Topic("themes/create", READ, created),
    Topic("themes/publish", READ, was_published),
    Topic("themes/update", READ, changed),
    Topic("themes/delete", READ, deleted),
)
