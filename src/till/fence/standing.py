"""Where in a theme a job stood, read off the frames of Python that a stopped job leaves behind."""

from types import TracebackType

from liquid import BoundTemplate, Environment, Node, Token, TokenStream


def standing(trace: TracebackType | None) -> tuple[str, int]:
    """The theme's file and line (from 1) that was being rendered or parsed; "" and 0 where there is none."""
    name, token = "", None
    while trace is not None:
        seen = trace.tb_frame.f_locals
        me, stream = seen.get("self"), seen.get("stream")
        if isinstance(me, BoundTemplate):
            name, token = str(me.path or me.name), None
        elif isinstance(me, Environment) and isinstance(seen.get("name"), str):
            name, token = seen["name"], None
        elif isinstance(me, Node):
            token = me.token
        elif isinstance(stream, TokenStream):
            token = stream.current
        trace = trace.tb_next
    return (name, _line_of(token)) if token is not None else (name, 0)


def _line_of(token: Token) -> int:
    return token.source.count("\n", 0, max(token.start_index, 0)) + 1
