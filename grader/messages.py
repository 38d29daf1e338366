"""Owns which texts of a Python file are messages to a person, and what each is called in a catalog: its msgid.

In: Python source. Out: msgids, each with its lines.
The rule: what reads as prose is a message, wherever it stands, so that no sentence is forgotten; what only the
interpreter or a programmer reads (docstrings, patterns, annotations, a ValueError) is none. `N_("...")` marks a message
that does not read as prose: one word. `C_("label", "pass")` marks one of a context of its own, `T_("{name} is {got}.")`
a message that is put together from parts. The hint of a `@misconception` has its id for a context.
"""

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.msgids import constants_of, is_text, msgids_of

#: Begins the context of a hint; its misconception's id follows.
HINT = "hint "

_MARKS = frozenset({"N_", "C_", "T_"})  # of grader.marks

# Two words, or a word and a value.
_PROSE = re.compile(r"[A-Za-z]{2,}[,;:.)`]* [A-Za-z{`(\"']|[}`)%\"',;:]+ [(`]?[a-z]{2,}")
_CODE = re.compile(
    r"<|https?:|grade |pip install|import |from \w+ import|--\w|::|[\w.]+\[|SIS |\s*#|@"
    r"|default-src|Points [Pp]ossible|PRIVATE KEY"
)
# A table of names, a pattern, a style sheet, a call.
_MACHINE = re.compile(
    r"\w\|\w|\(\?|\\[swd]|\{\{ ?[\w-]+:|tex2jax|NotImplementedError\(|dtype=np|\bdef \w+\(|^\w+=|`\$$|^bold "
)
_UNITS = frozenset({"mb", "kb", "ms", "min", "of", "np", "array"})

#: What is raised to a programmer, never to a person who grades.
_INTERNAL = frozenset(
    {"ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "AssertionError", "NotImplementedError"}
)
#: Calls whose texts are not shown: patterns, types, names of files and of threads.
_UNSHOWN = frozenset(
    {"compile", "fullmatch", "match", "search", "sub", "cast", "TypeVar", "Path", "frozenset", "NewType", "namedtuple"}
    | {"shows"}  # a finding's name
)
_HELP = frozenset({"help", "short_help"})  # typer's: a message even where it is one word
_UNSHOWN_NAMES = frozenset({"metavar", "name", "family", "pattern", "encoding", "errors", "mode"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One text to translate."""

    id: str
    line: int
    context: str = ""  # "label": a word at a fixed place on the screen, by C_("label", "pass")


def messages_of(source: str) -> list[Message]:
    """Find every message of a Python file.

    Args:
        source: the file's text. Its tests' titles (the first line of a `test_*` function's docstring) and its commands'
            help (the docstring of a function with options of typer) are messages too.

    Returns:
        Messages in the order of their lines; one msgid may come several times.

    Raises:
        SyntaxError: it does not parse.
    """
    tree = ast.parse(source)
    found = _Finder(constants_of(tree))
    found.visit(tree)
    return sorted(found.messages, key=lambda each: each.line)


def is_prose(msgid: str) -> bool:
    """Whether a text reads as words to a person: two words, or a word beside a value, and no line of code."""
    if _CODE.match(msgid) or _MACHINE.search(msgid) or not _PROSE.search(msgid):
        return False
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}|`[^`]*`", "", msgid))
    return any(word.lower() not in _UNITS for word in words)


class _Finder(ast.NodeVisitor):
    """Walks a file; a text is looked at once, as a whole."""

    def __init__(self, constants: Mapping[str, str]) -> None:
        self.messages: list[Message] = []
        self._constants = constants

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        told = ast.get_docstring(node, clean=False)
        body = node.body if told is None else node.body[1:]
        if told is not None:
            line = node.body[0].lineno
            if node.name.startswith("test_") and node.returns is None:
                self._add(told.strip().splitlines()[0], line, marked=True)
            elif _has_options(node):
                for part in inspect.cleandoc(told).split("\n\n"):
                    self._add(" ".join(part.split()), line)
        for each in node.decorator_list:
            self._decorator(each, node.name)
        for other in (node.args, *body):
            self.visit(other)

    def _decorator(self, decorator: ast.expr, name: str) -> None:
        """A hint is a message of its misconception's id, which stays when it is worded anew."""
        hint = None
        if isinstance(decorator, ast.Call) and _called(decorator) == "misconception":
            hint = next((each for each in decorator.keywords if each.arg == "hint"), None)
        if hint is None or not is_text(hint.value):
            self.visit(decorator)
            return
        self._texts(hint.value, marked=True, context=HINT + name)
        for part in ast.iter_child_nodes(decorator):
            if part is not hint:
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        body = node.body if ast.get_docstring(node) is None else node.body[1:]
        for each in (*node.decorator_list, *body):
            self.visit(each)

    def visit_Module(self, node: ast.Module) -> None:
        for each in node.body if ast.get_docstring(node) is None else node.body[1:]:
            self.visit(each)

    def visit_Raise(self, node: ast.Raise) -> None:
        call = node.exc
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _INTERNAL:
            self._marked_only(call)
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _called(node)
        if name in _MARKS:
            self._mark(node)
            return
        if name in _UNSHOWN:
            self._marked_only(node)
            return
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg in _HELP and isinstance(keyword.value, ast.Constant):
                self._texts(keyword.value, marked=True)
            elif keyword.arg not in _UNSHOWN_NAMES:
                self.visit(keyword.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._quoted_type(node.annotation)
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation is not None:
            self._quoted_type(node.annotation)

    def _quoted_type(self, annotation: ast.expr) -> None:
        if not isinstance(annotation, ast.Constant):
            self.visit(annotation)  # Annotated[str, typer.Option(help="...")]

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Constant):
            self.visit(node.value)
        else:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._texts(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._texts(node)
        self._inner(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add) and is_text(node):
            self._texts(node)
            self._inner(node)
        else:
            self.generic_visit(node)

    def _inner(self, node: ast.AST) -> None:
        """The texts of expressions inside a text: arguments of calls, the branches of its conditionals."""
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.FormattedValue):
                self.visit(each.value)
            elif isinstance(each, ast.BinOp | ast.JoinedStr):
                self._inner(each)
            elif not isinstance(each, ast.Constant | ast.operator):
                self.visit(each)

    def _marked_only(self, node: ast.AST) -> None:
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and _called(each) in _MARKS:
                self._mark(each)

    def _mark(self, call: ast.Call) -> None:
        if _called(call) == "T_" and isinstance(call.args[0], ast.Constant):
            self._add(str(call.args[0].value), call.lineno, marked=True)
            return
        context = call.args[0].value if len(call.args) > 1 and isinstance(call.args[0], ast.Constant) else ""
        self._texts(call.args[-1], marked=True, context=str(context))

    def _texts(self, node: ast.expr, *, marked: bool = False, context: str = "") -> None:
        for msgid in msgids_of(node, self._constants):
            self._add(msgid, node.lineno, marked=marked, context=context)

    def _add(self, msgid: str, line: int, *, marked: bool = False, context: str = "") -> None:
        for part in msgid.split("\n\n"):
            told = part.strip()
            if told and not told.startswith("https://") and (marked or is_prose(told)):
                self.messages.append(Message(id=told, line=line, context=context))


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _has_options(node: ast.FunctionDef) -> bool:
    """Whether it is a command: its arguments are options of typer, or one of those that commands share."""
    return any(
        isinstance(each, ast.Attribute | ast.Name)
        and (each.attr if isinstance(each, ast.Attribute) else each.id)
        in ("Argument", "Option", "CourseOption", "PlainOption")
        for each in ast.walk(node.args)
    )
