"""The tags of a store, beside those of python-liquid."""

from liquid import Environment

from till.liquid.tags.capture import CaptureThemeTag
from till.liquid.tags.form import FormTag
from till.liquid.tags.layout import LayoutTag
from till.liquid.tags.lines import LinesTag
from till.liquid.tags.output import EchoThemeTag, OutputTag
from till.liquid.tags.paginate import PaginateTag
from till.liquid.tags.partials import IncludeTheme, RenderTheme
from till.liquid.tags.raw import JavascriptTag, SchemaTag, StylesheetTag, StyleTag
from till.liquid.tags.sections import ContentForTag, SectionsTag, SectionTag

TAGS = (
    CaptureThemeTag,
    ContentForTag,
    EchoThemeTag,
    FormTag,
    IncludeTheme,
    JavascriptTag,
    LayoutTag,
    LinesTag,
    OutputTag,
    PaginateTag,
    RenderTheme,
    SchemaTag,
    SectionTag,
    SectionsTag,
    StyleTag,
    StylesheetTag,
)


def register(environment: Environment) -> None:
    """Add the tags of a store."""
    for tag in TAGS:
        environment.add_tag(tag)
