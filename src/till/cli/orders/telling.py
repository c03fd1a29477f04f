"""Says what a write has done, and how the order stands now."""

from rich.text import Text

from till.cli.orders.drawing import title
from till.cli.orders.paint import paint, printable
from till.cli.orders.words import Json, plain
from till.cli.outcome import print_json
from till.cli.remote import Remote


def tell(remote: Remote, answer: Json, sentence: str, order_id: str | None, *, json: bool) -> None:
    """Print the answer as JSON, or its sentence above the order as it is now."""
    if json:
        print_json(answer)
        return
    parts = [Text(printable(sentence))]
    if order_id is not None:
        parts.append(title(plain(answer.get("order") or remote.get(f"/orders/{order_id}")["order"])))
    paint(parts)
