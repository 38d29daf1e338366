"""Owns what a text in a Python file is called in a catalog: its msgid, a text with a name in braces for each value.

In: an expression that is a text, and the named texts of its module. Out: msgids, one for each way it can come out.
The names are made of the expressions: `{error.strerror}` is `{strerror}`, `{len(rows)}` is `{rows}`,
`{_shown(got.value)}` is `{value}`, `{a + b}` is `{a}`; the second of one name is `{name_2}`. A conditional inside gives
one msgid for each branch, a constant of the module stands as its text. Blanks at the ends do not belong to a msgid; a
`{` of the text itself is written `{{`.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MOST = 32  # msgids of one expression


@dataclass(frozen=True, slots=True)
class _Slot:
    """The place of a value."""

    name: str
    expression: str


_Piece = str | _Slot


def msgids_of(node: ast.expr, constants: Mapping[str, str]) -> Iterator[str]:
    """Name every text that an expression can be.

    Args:
        node: a constant, an f-string, a sum or a conditional of them.
        constants: the module's named texts.
    """
    for pieces in itertools.islice(_alternatives(node, constants), _MOST):
        yield _written(pieces)


def constants_of(tree: ast.Module) -> dict[str, str]:
    """The texts of a module that have a name: `_DUE = "ValueError"`."""
    found: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                options = list(itertools.islice(_alternatives(value, found), 2)) if is_text(value) else []
                if len(options) == 1 and all(isinstance(piece, str) for piece in options[0]):
                    found[name] = "".join(str(piece) for piece in options[0])
            case _:
                pass
    return found


def _alternatives(node: ast.expr, constants: Mapping[str, str]) -> Iterator[tuple[_Piece, ...]]:
    """Every text that an expression can be, as pieces."""
    match node:
        case ast.Constant(value=str(text)):
            yield (text,)
        case ast.JoinedStr(values=values):
            for parts in itertools.product(*(tuple(_alternatives(each, constants)) for each in values)):
                yield tuple(itertools.chain.from_iterable(parts))
        case ast.FormattedValue(value=value):
            yield from _alternatives(value, constants)
        case ast.IfExp(body=one, orelse=other) if is_text(one) or is_text(other):
            yield from _alternatives(one, constants)
            yield from _alternatives(other, constants)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if is_text(node):
            for first, second in itertools.product(
                _alternatives(left, constants), tuple(_alternatives(right, constants))
            ):
                yield (*first, *second)
        case ast.Name(id="guess") | ast.Call(func=ast.Name(id="did_you_mean")):  # a sentence of its own, or nothing
            yield ("",)
        case ast.Name(id=name) if name in constants:
            yield (constants[name],)
        case _:
            yield (_Slot(_name(node), ast.dump(node)),)


def is_text(node: ast.expr) -> bool:
    """Whether an expression is a text."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_text(left) or is_text(right)
        case ast.IfExp(body=one, orelse=other):
            return is_text(one) or is_text(other)
        case _:
            return False


def _written(pieces: tuple[_Piece, ...]) -> str:
    names: dict[str, str] = {}  # of an expression
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece.replace("{", "{{").replace("}", "}}")
            continue
        if piece.expression not in names:
            same = sum(re.fullmatch(rf"{piece.name}(_\d+)?", name) is not None for name in names.values())
            names[piece.expression] = f"{piece.name}_{same + 1}" if same else piece.name
        text += f"{{{names[piece.expression]}}}"
    return text


def _name(node: ast.expr) -> str:
    """What a value is called: the last name of its expression that says something."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(args=[first, *_]) if not isinstance(first, ast.Constant | ast.GeneratorExp | ast.Starred):
            return _name(first)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join")):
            return "list"
        case ast.Call(func=ast.Attribute(value=value)) if not isinstance(value, ast.Call):
            return _name(value)
        case ast.Call(func=ast.Name(id=name)):
            return name.strip("_").lower()
        case ast.Subscript(value=value) | ast.Await(value=value) | ast.Starred(value=value):
            return _name(value)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
        case ast.BinOp(left=left) if not isinstance(left, ast.Constant):
            return _name(left)
        case _:
            return "value"
