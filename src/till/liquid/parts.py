"""A second look at a parsed file: guards its blocks, and finds filters that nobody knows."""

from collections.abc import Iterable, Iterator
from typing import Any

from liquid import Environment, RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.exceptions import LiquidError, ResourceLimitError, UnknownFilterError
from liquid.expression import Expression

from till.liquid.expressions import StoreEq, StoreNe
from till.liquid.template import GuardedBlock


def finish(environment: Environment, nodes: Iterable[Node], chain: int) -> Iterator[LiquidError]:
    """Guard every block and fit every comparison; what is wrong with the filters comes back as errors."""
    for node in below(environment, nodes):
        if type(node) is BlockNode:
            node.__class__ = GuardedBlock
        for expression in expressions(node):
            if type(expression) is EqExpression:
                expression.__class__ = StoreEq
            elif type(expression) is NeExpression:
                expression.__class__ = StoreNe
            yield from _judge(environment, expression, chain)


def below(environment: Environment, nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node of a file, the inner ones too; files that it renders are not entered."""
    static = RenderContext(environment.template_class(environment, []))
    waiting: list[Any] = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children(static, include_partials=False))


def expressions(node: Node) -> Iterator[Expression]:
    """Every expression of a node, the inner ones too."""
    waiting = list(node.expressions())
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())


def _judge(environment: Environment, expression: Expression, chain: int) -> Iterator[LiquidError]:
    filters = getattr(expression, "filters", None) if isinstance(expression, FilteredExpression) else None
    if not filters:
        return
    if len(filters) > chain:
        yield ResourceLimitError(f"more than {chain} filters behind one value", token=expression.token)
        del filters[chain:]
    for each in filters:
        if each.name not in environment.filters:
            yield UnknownFilterError(f"unknown filter '{each.name}'", token=each.token)
