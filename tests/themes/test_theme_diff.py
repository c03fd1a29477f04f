"""How one file differs: what would take too long, or too much memory, is not compared."""

from till.themes.diff import MOST_BYTES, MOST_LINES, unified


def test_lines_around_a_change_are_shown_with_their_numbers():
    old = b"\n".join(str(number).encode() for number in range(5_000))
    text = unified("assets/a.css", old, old.replace(b"\n4000\n", b"\nx\n"))
    assert text is not None
    assert text.splitlines()[:3] == ["--- a/assets/a.css", "+++ b/assets/a.css", "@@ -3998,7 +3998,7 @@"]


def test_what_is_very_long_is_not_compared():
    lines = b"\n" * MOST_BYTES
    assert unified("assets/a.css", lines + b"\n", lines) is None
    assert unified("assets/a.css", b"a\n" * (MOST_LINES + 1), b"b\n") is None
