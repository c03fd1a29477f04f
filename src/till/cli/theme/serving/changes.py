"""Watches the folder of a theme, and tells which files became something else."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from watchfiles import Change, awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from till.cli.theme.folder import IGNORED, Choice, Folder, checksum, counts, is_told
from till.errors import Invalid
from till.themes.files import FOLDERS

# How long nothing may happen before what happened is told, and how long it may go on, in milliseconds.
QUIET, LONGEST = 15, 150
# How soon after it began to watch it looks at everything, in milliseconds.
FIRST = 200
# An editor that writes a file anew may have emptied or renamed it a moment before, in seconds.
AGAIN = 0.04
TOPS = frozenset(name.partition("/")[0] for name in FOLDERS)

Contents = dict[str, bytes | None]


class Watcher:
    """Knows the checksum of every file of the folder, and tells what becomes of them.

    `choose` reads anew which files count; `notice` is told what cannot be read.
    """

    def __init__(
        self,
        folder: Folder,
        choose: Callable[[], Choice],
        notice: Callable[[str], None],
        *,
        poll: bool | None = None,
    ) -> None:
        self.folder = folder
        self.known = folder.checksums()
        self._choose = choose
        self._notice = notice
        self._poll = poll
        self._root = folder.root.resolve()

    async def changes(self) -> AsyncGenerator[Contents, None]:
        """The bytes of files that changed or came, and None for those that went, soon after they did."""
        while True:
            restart = asyncio.Event()
            above = asyncio.create_task(self._above(restart))
            try:
                places = self._places()
                is_first = True
                async for events in self._events(*(places or [self._root]), stop=restart):
                    if is_first and places != self._places():
                        restart.set()  # a folder came before somebody watched for it
                    # What was saved before somebody watched is found by looking at all of it, once.
                    names = None if is_first else self._names({path for _, path in events})
                    is_first = False
                    found = await self._all() if names is None else await self._compare(names)
                    if found:
                        yield found
            finally:
                above.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await above

    def _places(self) -> list[Path]:
        return [self._root / top for top in sorted(TOPS) if (self._root / top).is_dir()]

    async def _above(self, restart: asyncio.Event) -> None:
        """Set `restart` when a folder of the theme comes or goes, or what is ignored changes."""
        async for events in self._events(self._root, recursive=False):
            for change, path in events:
                name = Path(path).name
                if name == IGNORED or (name in TOPS and change is not Change.modified):
                    restart.set()
                    return

    async def _events(
        self, *places: Path, recursive: bool = True, stop: asyncio.Event | None = None
    ) -> AsyncGenerator[set[tuple[Change, str]], None]:
        missed: set[tuple[Change, str]] = set()
        while True:
            try:
                async for events in awatch(
                    *places,
                    watch_filter=None,
                    debounce=LONGEST,
                    step=QUIET,
                    stop_event=stop,
                    recursive=recursive,
                    force_polling=self._poll,
                    rust_timeout=FIRST,
                    yield_on_timeout=True,
                ):
                    yield events | missed
                    missed = set()
            except ExceptionGroup as group:
                # The watcher ends on a name that is no text, and with it what it had to tell.
                if group.split(WatchfilesRustInternalError)[1] is not None:
                    raise
                self._notice("A file has a name that is not UTF-8, and is passed over: rename it.")
                # Told once it watches again: what is saved until then nothing else tells.
                missed = {(Change.modified, str(self._root / folder)) for folder in FOLDERS}
            else:
                return

    async def _all(self) -> Contents:
        """What changed while nobody looked, or counts no longer."""
        try:
            self.folder.choice = self._choose()
            names = {*self.folder.names(), *self.known}
        except Invalid as refusal:
            self._notice(refusal.message)
            names = set(self.known)
        return await self._compare(names)

    async def _compare(self, names: set[str]) -> Contents:
        """Those of `names` that are not what they were."""
        now = {name: self._read(name) for name in names}
        if any(not content and name in self.known for name, content in now.items()):
            await asyncio.sleep(AGAIN)
            now = {name: content or self._read(name) for name, content in now.items()}
        changed: Contents = {}
        for name, content in now.items():
            value = None if content is None else checksum(content)
            if value == self.known.get(name):
                continue
            changed[name] = content
            if value is None:
                del self.known[name]
            else:
                self.known[name] = value
        return changed

    def _read(self, name: str) -> bytes | None:
        if not self.folder.choice.has(name):
            return None
        try:
            return self.folder.read(name)
        except Invalid as refusal:
            self._notice(refusal.message)
        except OSError as error:
            self._notice(f"{name} cannot be read: {error.strerror}.")
        return None

    def _names(self, paths: set[str]) -> set[str]:
        """What the paths are called in the theme."""
        found: set[str] = set()
        for path in map(Path, paths):
            name = path.relative_to(self._root).as_posix()
            if name.rpartition("/")[0] in FOLDERS and counts(path.name):
                found.add(name)
            if name in FOLDERS:  # it came or went with all that is in it
                found |= {each for each in self.known if each.startswith(f"{name}/")}
                found |= {f"{name}/{each.name}" for each in path.glob("*") if counts(each.name)}
        return {name for name in found if is_told(name)} - set(FOLDERS)
