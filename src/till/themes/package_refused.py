"""How a package is refused: one sentence that names the file, the limit and the value."""

from till.errors import Invalid

SHOWN = 100


class BadPackage(Invalid):
    """The zip of a theme cannot be taken as it is; nothing of it was kept."""


def no(what: str, way_out: str) -> BadPackage:
    """A refusal of the package as a whole: "The package `what`: `way_out`."."""
    return BadPackage(f"The package {what}: {way_out}.", fields={"theme.attachment": [f"{what}: {way_out}"]})


def no_file(name: bytes | str, what: str, way_out: str) -> BadPackage:
    """A refusal that names the file in the package that it is about."""
    return no(f"holds {shown(name)}, which {what}", way_out)


def shown(name: bytes | str) -> str:
    """A name as a sentence may hold it: quoted, short, and with nothing in it that a terminal obeys."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    short = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return ascii(short) if not short.isprintable() else f'"{short}"'


def spell_size(size: int) -> str:
    """A number of bytes for people: exact below 10 KiB, with a digit after the point above."""
    if size < 10 * 1024:
        return f"{size:,} bytes"
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size / 1024:.1f}".removesuffix(".0") + " KiB"
