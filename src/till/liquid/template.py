"""A parsed file of a theme, and how rendering goes on after a fault."""

from typing import Any, TextIO

from liquid import BoundTemplate, RenderContext
from liquid.ast import BlockNode
from liquid.exceptions import LiquidError, LiquidInterrupt, ResourceLimitError, StopRender
from liquid.output import NullIO

from till.liquid.context import ThemeContext
from till.liquid.errors import fault_of


class ThemeTemplate(BoundTemplate):
    """A file of a theme, ready to be rendered."""

    context_class = ThemeContext

    def render_with_context(
        self,
        context: RenderContext,
        buffer: TextIO,
        *args: Any,
        partial: bool = False,
        block_scope: bool = False,
        **kwargs: Any,
    ) -> None:
        """Render into `buffer`; what fails shows nothing, is kept as a fault, and the rest goes on."""
        if not isinstance(context, ThemeContext):
            raise TypeError("a file of a theme is rendered in a ThemeContext")
        given = self.make_partial_namespace(partial, dict(*args, **kwargs))
        context.run.faults.extend(context.run.environment.faults_of(self.name))
        with context.run.timing(self.name), context.extend(given):
            try:
                render_nodes(self.nodes, context, buffer)
            except LiquidInterrupt:
                if partial and not block_scope:
                    raise
            except StopRender:
                return


class GuardedBlock(BlockNode):
    """The inside of a block tag, in which one broken node does not take its neighbours with it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render the nodes; a block of nothing but space writes nothing."""
        if context.env.suppress_blank_control_flow_blocks and self.blank:
            render_nodes(self.nodes, context, NullIO())
            return 0
        return render_nodes(self.nodes, context, buffer)


def render_nodes(nodes: list[Any], context: RenderContext, buffer: TextIO) -> int:
    """Render nodes one by one; a fault of one is kept, and the next goes on. A passed limit ends it."""
    written = 0
    placed = context if isinstance(context, ThemeContext) else None
    for node in nodes:
        if placed is not None:
            placed.at = node.token
        try:
            written += node.render(context, buffer)
        except ResourceLimitError as error:
            error.token = error.token or node.token
            error.template_name = error.template_name or str(context.template.name)
            raise
        except (LiquidInterrupt, StopRender, RecursionError):
            raise
        except LiquidError as error:
            survive(error, node, context)
        except Exception as error:  # noqa: BLE001 -- whatever a filter raises must not end the page
            survive(LiquidError(_plainly(error), token=node.token), node, context)
    return written


def survive(error: LiquidError, node: Any, context: RenderContext) -> None:
    """Keep an error as a fault of the file that is being rendered."""
    if not isinstance(context, ThemeContext):
        raise error
    error.token = error.token or node.token
    context.run.faults.add(fault_of(error, context.file, context.run.environment.names))


def _plainly(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
