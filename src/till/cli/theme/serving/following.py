"""Keeps a draft on a server what the folder is while `till theme dev --remote` runs; no page waits for it."""

import asyncio
from collections.abc import Callable

from till.cli.remote import Refused, Unreachable
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.folder import Folder, listed
from till.cli.theme.pull import fetch
from till.cli.theme.push import Wish, bring, sound_checksums
from till.errors import Refusal

# How often the draft is looked at for what its editor changed, in seconds.
LOOK = 3.0
# How long to wait after a failure; each one that follows doubles it up to the longest.
PAUSE, LONGEST_PAUSE = 1.0, 30.0


class Follower:
    """Brings what was saved here to the draft, and with `editor` what its editor saved to the folder.

    `tell` is told what was done, `warn` what could not be.
    """

    def __init__(  # noqa: PLR0913 - the two sides, what is wished, and who is told
        self,
        shelf: Shelf,
        theme: Theme,
        folder: Folder,
        *,
        delete: bool,
        editor: bool,
        tell: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._shelf, self._theme, self._folder = shelf, theme, folder
        self._delete, self._editor = delete, editor
        self._tell, self._warn = tell, warn
        self._saved = asyncio.Event()
        self._saved.set()
        self._warned = ""

    def saved(self) -> None:
        """Something was saved in the folder."""
        self._saved.set()

    async def follow(self) -> None:
        """Do so until cancelled; a failure is told once, and tried again."""
        pause = PAUSE
        while True:
            try:
                async with asyncio.timeout(LOOK if self._editor else None):
                    await self._saved.wait()
            except TimeoutError:
                pass
            is_saved = self._saved.is_set()
            self._saved.clear()
            try:
                await asyncio.to_thread(self._sync, is_saved=is_saved)
                pause, self._warned = PAUSE, ""
            except (Refusal, Refused, Unreachable, OSError) as error:
                self._once(str(error))
                if isinstance(error, Unreachable):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    self._saved.set()

    def _sync(self, *, is_saved: bool) -> None:
        if self._editor:
            plan = fetch(self._shelf, self._theme, self._folder, force=False, delete=self._delete).plan
            if not plan.is_empty:
                self._tell(f"from {self._theme.name}: {listed((*plan.put, *plan.delete))}")
        if is_saved:
            here = sound_checksums(self._folder)
            plan = bring(self._shelf, self._theme, self._folder, here, Wish(delete=self._delete)).plan
            if not plan.is_empty:
                self._tell(f"to {self._theme.name}: {listed((*plan.put, *plan.delete))}")

    def _once(self, sentence: str) -> None:
        if sentence != self._warned:
            self._warned = sentence
            self._warn(sentence)
