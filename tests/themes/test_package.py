"""Theme packages: what plain packers write is taken, and what is written is the same for the same files."""

import stat
import zipfile
from io import BytesIO

import package_zips as zips
from hypothesis import assume, given
from hypothesis import strategies as st

from till.themes.package import ARCHIVES, read, survey, write
from till.themes.package_refused import BadPackage


def test_a_plain_package_is_read_and_a_folder_around_it_is_taken_off():
    assert read(zips.zipped(zips.GOOD)) == zips.GOOD
    assert read(zips.zipped(zips.GOOD, method=zipfile.ZIP_STORED)) == zips.GOOD
    around = {f"my-theme-main/{name}": data for name, data in zips.GOOD.items()}
    assert read(zips.zipped(around)) == zips.GOOD


def test_what_is_no_part_of_a_theme_is_passed_over():
    more = {"README.md": b"#", ".github/ci.yml": b"x", "assets/.DS_Store": b"x", "docs/x.md": b"x"}
    package = survey(zips.zipped(zips.GOOD | more))
    assert set(package.passed_over) == set(more)
    assert dict(package.files()) == zips.GOOD
    mac = {f"theme/{name}": data for name, data in zips.GOOD.items()} | {"__MACOSX/theme/._layout": b"x"}
    assert read(zips.zipped(mac)) == zips.GOOD


def test_folders_and_files_whose_sizes_follow_are_read(tmp_path):
    path = tmp_path / "theme.zip"
    with path.open("wb") as plain:
        # A stream that cannot be gone back in has the sizes after each file, and room for large ones.
        plain.seekable = lambda: False
        with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("layout/", b"")
            for name, data in zips.GOOD.items():
                with package.open(name, "w", force_zip64=name.startswith("assets")) as file:
                    file.write(data)
    assert read(path.read_bytes()) == zips.GOOD


def test_an_empty_file_that_says_it_is_deflated_is_read():
    file = zips.Raw().add("assets/empty.css", b"", stored=b"").done()
    assert read(file)["assets/empty.css"] == b""


def test_large_files_come_whole():
    files = zips.GOOD | {"assets/noise.png": zips.noise(3_000_001), "assets/even.css": b"a" * 65_536}
    assert read(zips.zipped(files)) == files


def test_what_is_written_is_read_again_and_is_the_same_for_the_same_files():
    packed = write(zips.GOOD)
    assert read(packed) == zips.GOOD
    assert write(dict(reversed(zips.GOOD.items()))) == packed
    with zipfile.ZipFile(BytesIO(packed)) as package:
        assert package.testzip() is None
        assert {about.date_time for about in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {about.external_attr >> 16 for about in package.infolist()} == {stat.S_IFREG | 0o644}


@given(
    st.dictionaries(
        st.from_regex(r"assets/[a-z0-9_-]{1,20}\.(css|js|png)", fullmatch=True),
        st.binary(max_size=3_000),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_packed_comes_out_again(files):
    assume(not any(data.startswith(ARCHIVES) for data in files.values()))
    assert read(write(files)) == files


@given(st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 3))
def test_a_package_with_a_byte_changed_or_cut_off_is_the_same_or_refused(at, byte, cut):
    good = write(zips.GOOD)
    at %= len(good)
    broken = good[:at] + bytes([byte]) + good[at + 1 : len(good) - cut]
    try:
        found = read(broken)
    except BadPackage:
        return
    # What a checksum does not cover is the time and the rights of a file, which nothing reads.
    assert set(found.values()) <= set(zips.GOOD.values())
