"""Fetches a package from an address that somebody gave, as guarded as what is sent is (delivery.md §4.2)."""

import asyncio
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from till.deliveries.dial import CONNECT_BUDGET, Connector
from till.deliveries.faults import of_error
from till.deliveries.guard import AddressRefused, Rules, check_address
from till.deliveries.names import MARKS, LookUp, Marks, system_look_up
from till.deliveries.outcome import ErrorClass
from till.themes.installing import NotNow
from till.themes.package import LIMITS
from till.themes.package_refused import BadPackage, no, shown, spell_size

SECONDS = 120.0
MOST_HOPS = 5
PIECE = 256 * 1024
MOST_HEAD, MOST_LINES = 16 * 1024, 100
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What a server says that may give another answer soon.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
PASSING_ERRORS = frozenset(
    {ErrorClass.TIMEOUT, ErrorClass.DNS, ErrorClass.CONNECT, ErrorClass.RESET, ErrorClass.OURS}
)


class Fetcher:
    """Gets packages of themes; made and closed on its event loop.

    Redirects are followed, for who keeps packages answers with them, each as guarded as the first address.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        ca_file: Path | None = None,
        look_up: LookUp = system_look_up,
        seconds: float = SECONDS,
        most: int = LIMITS.package,
    ) -> None:
        self._rules = rules
        self._seconds = seconds
        self._most = most
        self._session = aiohttp.ClientSession(
            connector=Connector(rules.allowed, look_up, ca_file=ca_file, receive_buffer=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "Accept": "application/zip, */*;q=0.1"},
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_BUDGET),
            read_bufsize=PIECE,
            max_field_size=MOST_HEAD,
            max_headers=MOST_LINES,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def __call__(self, src: str) -> bytes:
        """What lies at `src`; `BadPackage` where it will never come, `NotNow` where it may later."""
        marks = Marks()
        MARKS.set(marks)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(src)
        except (BadPackage, NotNow):
            raise
        except AddressRefused as refused:
            raise _unfetched(src, refused.message) from None
        except Exception as raised:  # whatever went wrong is a reason to tell
            error, sentence = of_error(raised, marks, status=None, budget=self._seconds)
            told = sentence.replace("The receiver", "The server").removesuffix(" The attempt is not counted.")
            if error in PASSING_ERRORS:
                raise NotNow(_unfetched(src, told).message) from raised
            raise _unfetched(src, told) from raised

    async def _follow(self, src: str) -> bytes:
        address = check_address(src, self._rules)
        for _ in range(MOST_HOPS + 1):
            response = await self._session.get(URL(address, encoded=True), allow_redirects=False)
            try:
                location = response.headers.get("Location")
                if response.status not in REDIRECTS or location is None:
                    return await self._read(src, response)
            finally:
                response.close()
            further = check_address(urljoin(address, location), self._rules)
            if address.startswith("https:") and not further.startswith("https:"):
                raise _unfetched(src, f"It leads from https:// to {shown(further)}.")
            address = further
        raise _unfetched(src, f"It leads on more than {MOST_HOPS} times.")

    async def _read(self, src: str, response: aiohttp.ClientResponse) -> bytes:
        if response.status != 200:
            said = f"The server answered {response.status}, where 200 has the package with it."
            failed = _unfetched(src, said)
            raise NotNow(failed.message) if response.status in PASSING else failed
        whole, most = bytearray(), self._most
        if (response.content_length or 0) > most:
            raise self._too_large(src, response.content_length or 0)
        async for piece in response.content.iter_chunked(PIECE):
            whole += piece
            if len(whole) > most:
                raise self._too_large(src, None)
        return bytes(whole)

    def _too_large(self, src: str, size: int | None) -> BadPackage:
        is_large = "goes on after" if size is None else f"is {spell_size(size)} large, and the limit is"
        return no(f"at {shown(src)} {is_large} {spell_size(self._most)}", "make its pictures smaller")


def _unfetched(src: str, sentence: str) -> BadPackage:
    return BadPackage(
        f"The package could not be fetched from {shown(src)}: {sentence[:1].lower()}{sentence[1:]}",
        fields={"theme.src": [sentence]},
    )
