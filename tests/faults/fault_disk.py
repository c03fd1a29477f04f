"""A disk for SQLite that fails when it is told to, and one that remembers what a power cut would leave.

Everything goes through to the real file system at once, so that all connections see it; `deeds` keeps
what was done in its order, and `after_power_cut` writes the files as they would be found afterwards: what
was synced is there, of the rest each write is there, is not, or is torn.
"""

import random
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
PLANNED = "fails as planned"


@dataclass(frozen=True)
class Deed:
    """What was done to a file; `began` is how many deeds there were when a sync began, which it covers.

    A `note` is no deed to a file, but what the outside world was told at this moment.
    """

    kind: str
    file: str = ""
    offset: int = 0
    data: bytes = b""
    began: int = 0
    note: object = None


@dataclass
class Plan:
    """Fail the `nth` of the deeds of these `kinds` from now on, and if `lasting` all after it.

    `torn` writes half of what it should before it fails; `error` is what SQLite is told.
    """

    nth: int
    kinds: tuple = ("open", "write", "sync", "truncate", "delete")
    lasting: bool = False
    torn: bool = False
    error: type = apsw.IOError
    seen: int = 0
    struck: list = field(default_factory=list)

    def strikes(self, kind, file):
        if kind not in self.kinds:
            return False
        self.seen += 1
        if self.seen == self.nth or (self.lasting and self.seen > self.nth):
            self.struck.append((kind, file))
            return True
        return False


@dataclass
class Round:
    """What came of one failing deed: which it was, what was answered while it failed and afterwards.

    `opened` is False where the server did not start, `told` is then its sentence.
    """

    manner: str
    struck: list
    statuses: list = field(default_factory=list)
    after: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    opened: bool = True
    told: str = ""


class Connection(apsw.Connection):
    """Closes as one on a disk in C does: SQLite ignores what fails then, but apsw hands it on."""

    def close(self, *, force=False):
        try:
            super().close(force)
        except apsw.Error as error:
            if PLANNED not in str(error):
                raise


class Disk(apsw.VFS):
    """While it is there, every new connection of this process uses it."""

    def __init__(self, *, remembers=False):
        self.deeds = [] if remembers else None
        self.plan = None
        self._lock = threading.Lock()
        super().__init__("faulty", "unix", True)

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's own name
        found = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.must_work("open", found)
        return DiskFile(self, found, name, flags)

    def xDelete(self, name, syncdir):  # noqa: N802 - SQLite's own name
        self.must_work("delete", name)
        self.note("delete", name)
        super().xDelete(name, syncdir)

    def must_work(self, kind, file):
        """Raise when it is this deed that the plan lets fail."""
        with self._lock:
            if self.plan is not None and self.plan.strikes(kind, Path(file or "").name):
                raise self.plan.error(f"the {kind} of {Path(file or 'a file').name} {PLANNED}")

    def note(self, kind, file="", **what):
        if self.deeds is not None:
            self.deeds.append(Deed(kind, Path(file or "").name, **what))


class DiskFile(apsw.VFSFile):
    def __init__(self, disk, path, name, flags):
        self._disk = disk
        self._path = path
        super().__init__("unix", name, flags)

    def xWrite(self, data, offset):  # noqa: N802 - SQLite's own name
        try:
            self._disk.must_work("write", self._path)
        except apsw.Error:
            if self._disk.plan.torn:
                super().xWrite(bytes(data)[: len(data) // 2], offset)
            raise
        self._disk.note("write", self._path, offset=offset, data=bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802 - SQLite's own name
        self._disk.must_work("truncate", self._path)
        self._disk.note("truncate", self._path, offset=size)
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802 - SQLite's own name
        self._disk.must_work("sync", self._path)
        began = len(self._disk.deeds or ())
        super().xSync(flags)
        self._disk.note("sync", self._path, began=began)


def after_power_cut(base, deeds, folder, chance):
    """Copy `base` to `folder` and do to its files what a cut after the last of `deeds` leaves of them."""
    shutil.copytree(base, folder)
    synced = {}
    for deed in deeds:
        if deed.kind == "sync":
            synced[deed.file] = max(deed.began, synced.get(deed.file, 0))
    for number, deed in enumerate(deeds):
        is_safe = number < synced.get(deed.file, 0)
        if deed.kind in ("write", "truncate", "delete") and (is_safe or chance.random() < 0.5):
            leave(folder / deed.file, deed, chance, is_safe=is_safe)


def leave(path, deed, chance, *, is_safe):
    """Do one deed; one that was not synced may end in the midst of it, at a sector's end."""
    if deed.kind == "delete":
        path.unlink(missing_ok=True)
        return
    with path.open("r+b" if path.exists() else "w+b") as file:
        if deed.kind == "truncate":
            file.truncate(deed.offset)
            return
        data = deed.data
        if not is_safe and chance.random() < 0.3:
            data = data[: chance.randrange(0, len(data) + SECTOR, SECTOR)]
        file.seek(deed.offset)
        file.write(data)


def cuts(deeds, count, seed):
    """So many moments at which the power may go: after how many deeds, and the chance of what is left."""
    chance = random.Random(seed)
    for number in range(count):
        yield chance.randrange(1, len(deeds)), random.Random(f"{seed}/{number}")
