"""`{% capture name %}`: what was written, kept as HTML."""

from io import StringIO

from liquid import RenderContext
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag

from till.liquid.filters.common import Html


class CaptureTheme(CaptureNode):
    """Keeps what its block wrote as HTML, which it is: filters do not escape it a second time."""

    __slots__ = ()

    def _assign(self, context: RenderContext, buf: StringIO) -> None:
        context.assign(self.name, Html(buf.getvalue()))


class CaptureThemeTag(CaptureTag):
    """`{% capture name %}…{% endcapture %}`."""

    node_class = CaptureTheme
