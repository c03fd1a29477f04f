"""What has to be done to a theme so that a topic is told: by the API, to a theme that was made for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from till.cli.remote import Remote
from till.cli.theme.client import Shelf, Theme, as_asset
from till.themes.theme import Status

# Nobody's own draft is touched, nor shown to visitors.
NAME = "Triggered"
FILE = "snippets/triggered.liquid"


@dataclass(slots=True)
class Work:
    """The themes of the shop; `made` are those that a deed had to make."""

    shelf: Shelf
    made: list[Theme] = field(default_factory=list)

    def create(self) -> Theme:
        """A draft that has all that visitors see now."""
        self.made.append(self.shelf.duplicate(self.shelf.current(), NAME))
        return self.made[-1]

    def draft(self) -> Theme:
        """The draft that an earlier trigger made, or a new one."""
        known = (each for each in self.shelf.all() if each.name == NAME and not each.is_current)
        return next((each for each in known if each.status == Status.SUCCESS), None) or self.create()

    def update(self) -> Theme:
        draft = self.draft()
        text = f"{{% comment %}}Triggered at {datetime.now(UTC).isoformat()}{{% endcomment %}}\n"
        self.shelf.batch(draft, [as_asset(FILE, text.encode(), None)], [])
        return draft

    def publish(self) -> Theme:
        """Show what is shown now once more, as another theme; where that is, what was shown before it."""
        if self.shelf.current().name == NAME:
            return self.shelf.rollback()
        return self.shelf.publish(self.create())

    def delete(self) -> Theme:
        made = self.create()
        self.shelf.delete(made)
        return made


RECIPES: dict[str, Callable[[Work], Theme]] = {
    "themes/create": Work.create,
    "themes/update": Work.update,
    "themes/publish": Work.publish,
    "themes/delete": Work.delete,
}


def do(remote: Remote, topic: str) -> tuple[Theme, list[Theme]]:
    """Bring the topic about: the theme that it is told of, and those that were made for it."""
    work = Work(Shelf(remote))
    return RECIPES[topic](work), work.made
