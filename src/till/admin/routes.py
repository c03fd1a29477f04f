"""All pages for people, as routes of the site."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from till.admin.apps import ShopApps
from till.admin.doing import Desk, NoSuchPage, route
from till.admin.editing import Editing
from till.admin.installing import Installing
from till.admin.signing import Signing
from till.admin.theme_deeds import ThemeDeeds
from till.admin.themes import ThemePages


def routes(desk: Desk) -> list[Route]:
    """What is below `/admin`; what is not there is refused with a page, too."""

    async def lost(_: Request) -> Response:
        raise NoSuchPage("There is no such page: the start page leads to all there are.")

    return [
        *Signing(desk).routes(),
        *ShopApps(desk).routes(),
        *Installing(desk).routes(),
        *ThemeDeeds(desk).routes(),
        *ThemePages(desk).routes(),
        *Editing(desk).routes(),
        route(desk.services.log, "/admin/{rest:path}", GET=lost, POST=lost),
    ]
