"""Keeps a draft on a server what the folder is while `till theme dev --remote` runs; no page waits for it."""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from till.cli.remote import Refused, Unreachable
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.folder import Folder, listed
from till.cli.theme.naming import name_of
from till.cli.theme.pull import fetch
from till.cli.theme.push import Wish, bring, create_draft, sound_checksums
from till.errors import Refusal

# How often the draft is looked at for what its editor changed, in seconds.
LOOK = 3.0
# How long to wait after a failure; each one that follows doubles it up to the longest.
PAUSE, LONGEST_PAUSE = 1.0, 30.0


class Manner(Struct, frozen=True):
    """`delete` takes away what the folder lacks; `editor` brings what the theme's editor changed."""

    delete: bool = True
    editor: bool = False


class Follower:
    """Brings what was saved here to the draft, and what its editor saved to the folder.

    Without a theme it makes a new draft first. `tell` is told what was done, `warn` what could not be.
    """

    def __init__(
        self,
        shelf: Shelf,
        theme: Theme | None,
        folder: Folder,
        manner: Manner,
        tell: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._shelf, self._theme, self._folder, self._manner = shelf, theme, folder, manner
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
            is_saved = await self._is_saved()
            try:
                await asyncio.to_thread(self._sync, is_saved=is_saved)
                pause, self._warned = PAUSE, ""
            except (Refusal, Refused, Unreachable, OSError) as error:
                if str(error) != self._warned:
                    self._warned = str(error)
                    self._warn(self._warned)
                if isinstance(error, Unreachable):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    self._saved.set()

    async def _is_saved(self) -> bool:
        """Wait until something was saved here, or until it is time to look at the draft."""
        try:
            async with asyncio.timeout(LOOK if self._manner.editor else None):
                await self._saved.wait()
        except TimeoutError:
            return False
        self._saved.clear()
        return True

    def _sync(self, *, is_saved: bool) -> None:
        manner, here = self._manner, sound_checksums(self._folder)
        if self._theme is None:
            self._theme = create_draft(self._shelf, self._folder, name_of(self._folder), here).theme
            self._tell(f"draft {self._theme.named}: {self._shelf.preview(self._theme)['url']}")
            return
        if manner.editor:
            plan = fetch(self._shelf, self._theme, self._folder, force=False, delete=manner.delete).plan
            if not plan.is_empty:
                self._tell(f"from {self._theme.name}: {listed((*plan.put, *plan.delete))}")
                here = sound_checksums(self._folder)
        if is_saved:
            plan = bring(self._shelf, self._theme, self._folder, here, Wish(delete=manner.delete)).plan
            if not plan.is_empty:
                self._tell(f"to {self._theme.name}: {listed((*plan.put, *plan.delete))}")
