"""Small faults put into a reference, one at a time, to see whether its hidden tests notice: pure.

In: the reference's source. Out: Mutants: whole modules with one change each, and the change as a short text that
stays the same while the line does. Operators: comparison, arithmetic, logic, constant, index, axis, default
argument, dropped statement. Docstrings, annotations and messages of exceptions are left alone: no test could tell.

Source: Perretta et al. 2022 on mutants and students' faults; the operators are those of Mothra, as far as they
exist in NumPy code.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A reference with one fault."""

    function: str  # where it is
    operator: str  # "comparison"
    line: int
    before: str  # the statement, on one line
    after: str
    source: str

    @property
    def key(self) -> str:
        """What names it in a list of equivalent mutants."""
        return f"{self.function}: {self.before} => {self.after}"


_Site = tuple[str, Callable[[], None], Callable[[], None]]  # operator, change, change back


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of every function of a module, in the order of the source."""
    tree = ast.parse(source)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for statement in _statements(function):
            before = _text(statement)
            for operator, change, restore in _sites(statement):
                change()
                after = _text(statement)
                if after != before:
                    yield Mutant(
                        function=function.name,
                        operator=operator,
                        line=statement.lineno,
                        before=before,
                        after=after,
                        source=ast.unparse(ast.fix_missing_locations(copy.deepcopy(tree))),
                    )
                restore()
        yield from _dropped(tree, function)


def _text(statement: ast.stmt) -> str:
    """A statement's own first line; a compound statement's body is told by its own statements."""
    return ast.unparse(statement).split("\n")[0].strip()


def _statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    yield function
    yield from (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function)


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, not those of statements inside it, of annotations or of raised messages."""
    if isinstance(statement, ast.Raise) or _is_docstring(statement):
        return
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        yield node
        for name, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            if name in ("annotation", "returns", "decorator_list"):
                continue
            waiting += [each for each in children if isinstance(each, ast.AST) and not isinstance(each, ast.stmt)]


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _sites(statement: ast.stmt) -> Iterator[_Site]:
    """Every single change of one statement."""
    defaults = _defaults(statement)
    indices = {
        id(part) for node in _own_nodes(statement) if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)
    }
    axes = {
        id(part)
        for node in _own_nodes(statement)
        if isinstance(node, ast.keyword) and node.arg in ("axis", "axes")
        for part in ast.walk(node)
    }
    for node in _own_nodes(statement):
        if isinstance(node, ast.Compare):
            yield from _compare_sites(node)
        elif isinstance(node, ast.BinOp | ast.AugAssign):
            for other in _ARITHMETIC.get(type(node.op), ()):
                yield _swap("arithmetic", node, "op", other())
        elif isinstance(node, ast.BoolOp):
            yield _swap("logic", node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        elif isinstance(node, ast.Constant):
            operator = (
                "default"
                if id(node) in defaults
                else "axis"
                if id(node) in axes
                else "index"
                if id(node) in indices
                else "constant"
            )
            yield from _constant_sites(node, operator)
    yield from _unary_sites(statement)


def _defaults(statement: ast.stmt) -> set[int]:
    if not isinstance(statement, ast.FunctionDef):
        return set()
    values = [*statement.args.defaults, *(each for each in statement.args.kw_defaults if each is not None)]
    return {id(part) for value in values for part in ast.walk(value)}


def _compare_sites(node: ast.Compare) -> Iterator[_Site]:
    for at, operator in enumerate(node.ops):
        for other in _COMPARISONS.get(type(operator), ()):
            yield _swap_item("comparison", node.ops, at, other())


def _constant_sites(node: ast.Constant, operator: str) -> Iterator[_Site]:
    value = node.value
    if isinstance(value, bool):
        yield _swap(operator, node, "value", not value)
    elif isinstance(value, int):
        yield _swap(operator, node, "value", value + 1)
        if value > 0:
            yield _swap(operator, node, "value", value - 1)
    elif isinstance(value, float):
        yield _swap(operator, node, "value", value * 2 + 1)


def _unary_sites(statement: ast.stmt) -> Iterator[_Site]:
    """A minus or a not that is lost."""
    for node in _own_nodes(statement):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub | ast.Not):
                yield _swap("arithmetic" if isinstance(value.op, ast.USub) else "logic", node, name, value.operand)
            elif isinstance(value, list):
                for at, each in enumerate(value):
                    if isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.USub | ast.Not):
                        yield _swap_item("arithmetic", value, at, each.operand)


def _dropped(tree: ast.Module, function: ast.FunctionDef) -> Iterator[Mutant]:
    """Each statement replaced by `pass`, but for returns, definitions and docstrings."""
    for owner in ast.walk(function):
        for name in ("body", "orelse"):
            body = getattr(owner, name, None)
            if not isinstance(body, list) or isinstance(owner, ast.Lambda):
                continue
            for at, statement in enumerate(body):
                if isinstance(
                    statement, ast.Return | ast.FunctionDef | ast.Import | ast.ImportFrom | ast.Pass
                ) or _is_docstring(statement):
                    continue
                body[at] = ast.copy_location(ast.Pass(), statement)
                yield Mutant(
                    function=function.name,
                    operator="dropped",
                    line=statement.lineno,
                    before=_text(statement),
                    after="(dropped)",
                    source=ast.unparse(ast.fix_missing_locations(copy.deepcopy(tree))),
                )
                body[at] = statement


def _swap(operator: str, node: ast.AST, name: str, value: object) -> _Site:
    old = getattr(node, name)
    return operator, lambda: setattr(node, name, value), lambda: setattr(node, name, old)


def _swap_item(operator: str, items: list[Any], at: int, value: ast.AST) -> _Site:
    old = items[at]
    return operator, lambda: items.__setitem__(at, value), lambda: items.__setitem__(at, old)
