"""Theme packages that no packer writes are refused at once, in little memory (delivery.md §10 row 36)."""

import stat
import time
import tracemalloc
import zipfile
import zlib
from io import BytesIO

import package_zips as zips
import pytest

from till.themes.package import Limits, read
from till.themes.package_refused import BadPackage

SMALL = Limits(package=1 << 20, entries=10, total=1 << 20, file=600_000, ratio=100)


def refused(file, limits=None):
    """The sentence that refuses a package, told within a second of computing and 64 MB beside the package."""
    begun = time.process_time()
    with pytest.raises(BadPackage) as first:
        read(file) if limits is None else read(file, limits)
    assert time.process_time() - begun < 1
    tracemalloc.start()
    with pytest.raises(BadPackage) as second:
        read(file) if limits is None else read(file, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64_000_000
    assert first.value.message == second.value.message
    assert first.value.message.count("\n") == 0
    assert first.value.message.startswith("The package ")
    assert first.value.message.endswith(".")
    return first.value.message


def one(name="assets/a.css", data=b"x", **said):
    """A package with a layout and one file that says of itself what is given."""
    return zips.Raw().add("layout/theme.liquid", zips.LAYOUT).add(name, data, **said)


def test_36_01_nested_bomb_as_42_zip():
    said = refused(zips.nested_bomb())
    assert '"lib 0.zip", which is an archive itself' in said


def test_36_02_overlap():
    assert '"assets/1.css", which has another name where it lies' in refused(zips.flat_bomb(entries=60))


def test_36_02_a_file_that_lies_inside_of_another():
    inner = zips.Raw().add("assets/inner.css", b"inner")
    outer = zips.Raw().add("assets/outer.css", inner.body + b"outer", method=0)
    at = outer.body.index(inner.body)
    outer.add_entry("assets/inner.css", b"inner", packed=len(zips.deflated(b"inner")), offset=at)
    assert '"assets/inner.css", which overlaps "assets/outer.css"' in refused(outer.done())


def test_36_03_quoted_overlap():
    bomb = zips.quoted_bomb(entries=60)
    with zipfile.ZipFile(BytesIO(bomb)) as package:
        assert sum(about.file_size for about in package.infolist()) > 30 * len(bomb)
    assert 'which overlaps "assets/0.css"' in refused(bomb)


@pytest.mark.parametrize(
    ("count", "says", "sentence"),
    [
        (1_000_000, None, "says that it holds 16,960 entries, and the limit is 5,000"),
        (1_000_000, 0xFFFF, "says that it holds 65,535 entries, and the limit is 5,000"),
        (1_000_000, 3, "is there twice"),
        (5_001, None, "says that it holds 5,001 entries, and the limit is 5,000"),
    ],
)
def test_36_04_a_million_entries(count, says, sentence):
    assert sentence in refused(zips.many_entries(count, says=says))


def test_36_04_more_entries_than_it_says():
    package = one().add("assets/b.css")
    assert "holds more entries than the 2 that it says" in refused(package.done(count=2, here=2))
    assert "holds fewer entries than the 4 that it says" in refused(package.done(count=4, here=4))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"size": 3}, "is larger unpacked than the 3 bytes it says"),
        ({"size": 40}, "is 10 bytes large unpacked, but says 40"),
        ({"crc": 1}, "came damaged"),
        ({"size": 0}, "is larger unpacked than the 0 bytes it says"),
        ({"packed": 3}, "does not end where it says"),
        ({"local": {"size": 11}}, "is said to be another where it lies"),
        ({"local": {"packed": 11}}, "is said to be another where it lies"),
        ({"local": {"crc": 11}}, "is said to be another where it lies"),
        ({"local": {"method": 0}}, "is said to be another where it lies"),
        ({"local": {"name": b"assets/b.css"}}, "has another name where it lies"),
        ({"method": 0, "size": 11}, "says 11 bytes, but has 10"),
        ({"packed": 1_000}, "is said to lie where nothing is"),
        ({"offset": 1 << 30}, "is said to lie where nothing is"),
    ],
)
def test_36_05_lying_sizes(said, sentence):
    message = refused(one(data=b"0123456789", **said).done())
    assert sentence in message
    assert '"assets/a.css"' in message


def test_36_05_a_bomb_that_says_it_is_small():
    inner = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([inner.compress(bytes(1 << 20)) for _ in range(400)]) + inner.flush()
    assert "is larger unpacked than the 100 bytes" in refused(one(stored=packed, size=100).done())
    assert "would grow from" in refused(
        one(stored=packed, size=20 << 20).add("assets/b.css").done(), Limits(ratio=10)
    )


def test_36_05_limits_name_what_they_are_and_what_was_found():
    grown = zips.zipped(zips.GOOD | {"assets/a.css": bytes(500_000)})
    assert (
        '"assets/a.css", which would grow from 500 bytes to 488.3 KiB, and the limit is 100 times'
        in refused(grown, SMALL)
    )
    large = zips.zipped({"assets/a.png": zips.noise(600_001)})
    assert '"assets/a.png", which is 585.9 KiB large unpacked, and the limit is 585.9 KiB' in refused(
        large, SMALL
    )
    many = zips.zipped({f"assets/{number}.png": zips.noise(300_000, number) for number in range(3)})
    assert read(many, SMALL)
    words = (b"%06d" % number for number in range(80_000))
    text = b" ".join(words)
    total = zips.zipped({f"assets/{number}.css": text for number in range(2)})
    assert 'more than 1 MiB unpacked, the limit, from "assets/1.css" on' in refused(total, SMALL)
    assert "is 1.1 MiB large, and the limit is 1 MiB" in refused(
        zips.zipped({"assets/a.png": zips.noise(1_150_000)}), SMALL
    )


def test_36_06_symbolic_link_and_device():
    link = one(data=b"/etc/passwd", attributes=(stat.S_IFLNK | 0o777) << 16).done()
    assert '"assets/a.css", which is a symbolic link' in refused(link)
    assert "is neither a file nor a folder" in refused(one(attributes=stat.S_IFCHR << 16).done())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../../etc/passwd", "leads through '.', '..'"),
        ("assets/../../x.css", "leads through '.', '..'"),
        ("assets/..", "leads through '.', '..'"),
        ("./assets/x.css", "leads through '.', '..'"),
        ("assets//x.css", "a folder without a name"),
        ("/etc/passwd", "is an absolute path"),
        ("//host/share/x.css", "is an absolute path"),
        ("C:\\Windows\\x.css", "begins with a drive"),
        ("c:x.css", "begins with a drive"),
        ("..\\..\\x.css", "has a backslash"),
        ("assets\\x.css", "has a backslash"),
        ("assets/x.css\0.png", "has a NUL character"),
        ("assets/\x1b[2Jx.css", "has an invisible character"),
        ("assets/x\u202egpj.css", "has an invisible character"),
        (b"assets/\xff\xfe.css", "has a name that is not UTF-8"),
        (b"assets/\xc0\xae\xc0\xae/x.css", "has a name that is not UTF-8"),
        ("", "has no name"),
        ("assets/" + "x" * 300, "has a name of 307 bytes, and the limit is 255"),
    ],
)
def test_36_07_names_that_lead_astray(name, sentence):
    message = refused(one(name).done())
    assert sentence in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("assets/a.css", "assets/a.css", "is there twice"),
        ("assets/a.css", "assets/A.CSS", "is the same name as"),
        ("assets/caf\u00e9.css", "assets/cafe\u0301.css", "is the same name as"),
        ("assets/\u00df.css", "assets/SS.css", "is the same name as"),
        ("assets/\ufb01.css", "assets/fi.css", "is the same name as"),
        ("assets/a.css", "assets/a.css/", "is the same name as"),
    ],
)
def test_36_08_names_that_are_there_twice(first, second, sentence):
    data = b"" if second.endswith("/") else b"y"
    assert sentence in refused(zips.Raw().add(first).add(second, data).done())


def test_36_09_zip64_lies():
    wide = b"\x01\x00\x10\x00" + (1 << 40).to_bytes(8, "little") + (10).to_bytes(8, "little")
    sized = one(size=0xFFFF_FFFF, extra=wide).done()
    assert "says its size by zip64" in refused(sized)
    assert "says its size by zip64" in refused(one(extra=wide).done())
    here = one(data=b"0123456789", local={"size": 0xFFFF_FFFF, "packed": 0xFFFF_FFFF, "extra": wide}).done()
    assert "is said to be another where it lies" in refused(here)
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(44)
    mark = b"PK\x06\x07" + bytes(16)
    assert "is a zip64 archive" in refused(one().done(between=record + mark))
    assert "is a zip64 archive" in refused(one().done(start=0xFFFF_FFFF))


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_36_10_encrypted(flags):
    assert '"assets/a.css", which is encrypted' in refused(one(flags=flags).done())


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_36_10_packed_in_another_way(method):
    assert f"is packed by method {method}" in refused(one(method=method, stored=b"abc").done())


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "begins with nothing, for it is empty"),
        (b"<!DOCTYPE html><title>Sign in</title>", "is no zip: it begins with '<!DOCTYPE html><'"),
        (b"\x1f\x8b\x08" + bytes(100), "is no zip"),
        (b"Rar!\x1a\x07" + bytes(100), "is no zip"),
        (b"MZ" + zips.zipped(zips.GOOD), "is no zip"),
        (b"PK\x03\x04" + bytes(100), "is cut off"),
        (b"PK\x05\x06" + bytes(18), "holds no file"),
        (zips.zipped(zips.GOOD)[:-30], "is cut off"),
        (zips.zipped(zips.GOOD) + b"x", "goes on after its end"),
        (zips.zipped({"README.md": b"#"}), "holds no file of a theme"),
        (zips.zipped({"a/b/layout/theme.liquid": b"x"}), "holds no file of a theme"),
    ],
)
def test_36_11_wrong_magic_and_no_theme(file, sentence):
    assert sentence in refused(file)


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ({"disk": 1}, "is one part of several"),
        ({"here": 1}, "is one part of several"),
        ({"start": 5}, "has its table of contents elsewhere"),
        ({"size": 5}, "has its table of contents elsewhere"),
        ({"comment": b"PK\x05\x06" + bytes(18)}, "has its table of contents elsewhere"),
    ],
)
def test_36_12_records_at_the_end_that_lie(end, sentence):
    assert sentence in refused(one().done(**end))


def test_36_13_a_second_name_and_a_folder_with_content():
    other = b"assets/evil.css"
    extra = b"\x75\x70" + (5 + len(other)).to_bytes(2, "little") + bytes(5) + other
    assert "has a second name" in refused(one(extra=extra).done())
    assert "has a broken addition" in refused(one(extra=b"\x75\x70\xff\xff").done())
    assert "is a folder with 3 bytes in it" in refused(one("assets/", b"abc").done())


def test_36_14_what_cannot_be_unpacked():
    assert "cannot be unpacked" in refused(one(stored=b"\xff" * 10).done())
    assert "does not end where it says" in refused(one(stored=zips.deflated(b"x") + b"more").done())
    assert "is an archive itself" in refused(one("assets/a.js", zips.zipped(zips.GOOD)).done())
