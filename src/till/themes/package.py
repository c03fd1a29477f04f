"""Theme packages: a zip is read as if its maker meant harm, and written the same for the same files.

What is unpacked is checked twice: the table of contents before anything is inflated, and every file while
it is, against what the table said (till.themes.package_directory). The first pass keeps nothing, so that a
package which is refused never costs more than a few pieces of it in memory.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from till.themes.package_directory import Entry, Limits, entries_of
from till.themes.package_names import names_in_theme
from till.themes.package_refused import no, no_file

__all__ = ["LIMITS", "Limits", "Package", "read", "survey", "write"]

LIMITS = Limits()
PIECE = 64 * 1024
# The earliest moment that a zip can tell, for the moment of packing must not show.
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ")


class Package:
    """A package that was looked through: its table of contents is sound, its bytes are not proven yet.

    `names` maps the names in the package to those in the theme; `passed_over` are files that are no part
    of a theme.
    """

    def __init__(self, file: bytes, limits: Limits) -> None:
        entries = entries_of(file, limits)
        self._file = memoryview(file)
        self._entries = entries
        self.names = names_in_theme(entry.name for entry in entries)
        self.passed_over = tuple(entry.name for entry in entries if entry.name not in self.names)

    @property
    def sizes(self) -> dict[str, int]:
        """The unpacked size of each file of the theme in bytes, by its name there."""
        return {self.names[entry.name]: entry.size for entry in self._entries if entry.name in self.names}

    def prove(self) -> None:
        """Inflate each file piece by piece and keep none; `BadPackage` names one that is not what it says."""
        for entry in self._entries:
            first = True
            for piece in _pieces(self._file, entry):
                if first and piece.startswith(ARCHIVES):
                    raise no_file(
                        entry.name, "is an archive itself", "unpack it, and pack the files of the theme alone"
                    )
                first = False
        if not self.names:
            raise no(
                "holds no file of a theme",
                "pack the folder that has layout/, templates/ and sections/ in it",
            )

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each file of the theme by its name there; one at a time, so that they need not fit in memory."""
        for entry in self._entries:
            name = self.names.get(entry.name)
            if name is not None:
                yield name, b"".join(_pieces(self._file, entry))


def survey(file: bytes, limits: Limits = LIMITS) -> Package:
    """Look through the table of contents and inflate nothing; `BadPackage` says what is wrong."""
    return Package(file, limits)


def read(file: bytes, limits: Limits = LIMITS) -> dict[str, bytes]:
    """The files of the theme in a package, by their names; `BadPackage` says what is wrong with it."""
    package = survey(file, limits)
    package.prove()
    return dict(package.files())


def write(files: Mapping[str, bytes]) -> bytes:
    """A package of `files`, with the same bytes whenever they are the same: sorted, and without times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system = UNIX
            about.external_attr = (stat.S_IFREG | 0o644) << 16
            package.writestr(about, files[name])
    return packed.getvalue()


def _pieces(file: memoryview, entry: Entry) -> Iterator[bytes]:
    """The unpacked bytes of a file; whatever differs from what the table said ends it."""
    size, crc = 0, 0
    for piece in _inflated(file, entry) if entry.is_deflated else _stored(file, entry):
        size += len(piece)
        if size > entry.size:
            raise no_file(
                entry.name, f"is larger unpacked than the {entry.size:,} bytes it says", "pack it again"
            )
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != entry.size:
        raise no_file(
            entry.name,
            f"is {size:,} bytes large unpacked, but says {entry.size:,}",
            "pack or upload it again",
        )
    if crc != entry.crc:
        raise no_file(entry.name, "came damaged, for its checksum differs", "pack or upload it again")


def _stored(file: memoryview, entry: Entry) -> Iterator[bytes]:
    for at in range(entry.start, entry.start + entry.packed, PIECE):
        yield bytes(file[at : min(at + PIECE, entry.start + entry.packed)])


def _inflated(file: memoryview, entry: Entry) -> Iterator[bytes]:
    stream, at, end = zlib.decompressobj(-zlib.MAX_WBITS), entry.start, entry.start + entry.packed
    if at == end and not entry.size:
        return  # some packers say of an empty file that it is deflated
    try:
        while at < end and not stream.eof:
            packed, at = bytes(file[at : min(at + PIECE, end)]), min(at + PIECE, end)
            while packed and not stream.eof:
                yield stream.decompress(packed, PIECE)
                packed = stream.unconsumed_tail
        while not stream.eof and (rest := stream.decompress(b"", PIECE)):
            yield rest
    except zlib.error:
        raise no_file(entry.name, "cannot be unpacked", "pack or upload it again") from None
    if not stream.eof or stream.unused_data or at < end:
        raise no_file(entry.name, "does not end where it says", "pack or upload it again")
