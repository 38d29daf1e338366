"""Owns the question whether a submission can keep anything from one call to the next.

In: source. Out: yes only where no line of it could: then tests may share a process and see nothing of each other.
The rule: what is not known to be harmless is not; a no costs time and no points. A submission may hide what it does:
then its tests see each other's calls, which are drawn apart, and what fails for it is run again in its own process.

What keeps nothing: functions and classes whose bodies use arguments, locals, immutable constants, each other and the
packages below. What could: a global, a default that is a list, a decorator, an attribute of anything but `self`, a
generator of NumPy's that is not made where it is used, a file.
"""

import ast
import warnings
from collections.abc import Collection, Iterator, Sequence

from grader.intake.parsing import is_plain

_PACKAGES = frozenset(
    {
        *("__future__", "abc", "collections", "collections.abc", "dataclasses", "enum", "functools", "itertools"),
        *("math", "numbers", "numpy", "numpy.lib.stride_tricks", "numpy.typing", "operator", "typing"),
    }
)
#: Names of builtins that reach further than a call, and attributes of the packages that have, or change, a state.
_BUILTINS = frozenset(
    {
        *("breakpoint", "compile", "delattr", "eval", "exec", "exit", "getattr", "globals", "help", "input", "locals"),
        *("memoryview", "open", "quit", "setattr", "vars"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("cache", "cached_property", "core", "count", "ctypeslib", "cycle", "f2py", "fromfile", "genfromtxt", "load"),
        *(
            "loadtxt",
            "lru_cache",
            "memmap",
            "nditer",
            "save",
            "savetxt",
            "savez",
            "savez_compressed",
            "set_printoptions",
        ),
        *("setbufsize", "seterr", "seterrcall", "setflags", "singledispatch", "testing", "tofile"),
    }
)
# Made where they are used, they are seeded there.
_GENERATORS = frozenset({"Generator", "PCG64", "RandomState", "SeedSequence", "default_rng"})
_DECORATORS = frozenset({"classmethod", "dataclass", "property", "staticmethod"})
_DUNDERS = frozenset({"__class_getitem__", "__file__", "__future__", "__init__", "__name__", "__post_init__"})
_BEFORE_SELF = frozenset({"__class_getitem__", "__init_subclass__", "__new__", "__set_name__"})

_Function = ast.FunctionDef | ast.Lambda


def is_stateless(source: str, called: Collection[str]) -> bool:
    """Whether calls of a module's functions surely see nothing of each other.

    Args:
        source: of the module, which Python compiles.
        called: the functions that are called from outside.
    """
    if not is_plain(source):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence"
            module = ast.parse(source)
        return _keeps_nothing(module, called)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _keeps_nothing(module: ast.Module, called: Collection[str]) -> bool:
    statements = [each for each in module.body if not _is_main_guard(each)]
    fixed = _fixed_names(statements)
    bound = {name for each in statements for name in _names_bound(each)}
    used = {name for each in statements for function in _functions(each) for name in _loaded(function)}
    return (
        fixed.issuperset(bound & (used | set(called)))
        and all(_is_harmless(node) for each in statements for node in ast.walk(each))
        and all(_stores_only_in_self(each) for each in statements)
    )


def _is_main_guard(statement: ast.stmt) -> bool:
    """What stands under `if __name__ == "__main__":` never runs here."""
    match statement:
        case ast.If(
            test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant("__main__")])
        ):
            return not statement.orelse
        case _:
            return False


# --- names of the module ----------------------------------------------------


def _fixed_names(statements: Sequence[ast.stmt]) -> set[str]:
    """Names whose value cannot change: functions, classes, imports, and constants; none that is bound otherwise too."""
    fixed: set[str] = set()
    loose: set[str] = set()
    for each in statements:
        match each:
            case ast.FunctionDef() | ast.ClassDef():
                fixed.add(each.name)
            case ast.Import() | ast.ImportFrom():
                fixed |= _names_bound(each)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_fixed(value, fixed):
                fixed.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is None or _is_fixed(value, fixed):
                fixed.add(name)
            case _:
                loose |= _names_bound(each)
    return fixed - loose


def _is_fixed(value: ast.expr, fixed: Collection[str]) -> bool:
    """Whether an expression is a number, a text, a tuple of them, a function or a package's name: nothing to change."""
    match value:
        case ast.Constant() | ast.Lambda():
            return True
        case ast.Name(id=name):
            return name in fixed or name in {"int", "float", "bool", "str", "tuple", "list", "dict"}
        case ast.Attribute(value=inner):  # np.float32
            return _is_fixed(inner, fixed)
        case ast.Tuple(elts=items):
            return all(_is_fixed(each, fixed) for each in items)
        case ast.UnaryOp(operand=inner):
            return _is_fixed(inner, fixed)
        case ast.BinOp(left=left, right=right):
            return _is_fixed(left, fixed) and _is_fixed(right, fixed)
        case _:
            return False


def _names_bound(statement: ast.stmt) -> set[str]:
    """Every name that a statement of the module binds, in a block or a `for` too."""
    found: set[str] = set()
    for node in _outside_functions(statement):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.alias():
                found.add(node.asname or node.name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case _:
                pass
    return found


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _functions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The functions and classes of a statement."""
    for node in _outside_functions(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield node


def _loaded(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


# --- what a line may do -----------------------------------------------------


def _is_harmless(node: ast.AST) -> bool:
    match node:
        case ast.Global() | ast.AsyncFunctionDef() | ast.Await():
            return False
        case ast.Import():
            return all(each.name in _PACKAGES for each in node.names)
        case ast.ImportFrom():
            return node.level == 0 and node.module in _PACKAGES and all(_may_import(each.name) for each in node.names)
        case ast.Name(id=name):
            return name not in _BUILTINS and (not name.startswith("__") or name in _DUNDERS)
        case ast.Attribute(value=ast.Attribute(attr="random"), attr=name):
            return name in _GENERATORS
        case ast.Attribute(attr=name):
            return name not in _ATTRIBUTES and (not name.startswith("__") or name in _DUNDERS)
        case ast.FunctionDef() | ast.Lambda():
            return _keeps_no_default(node)
        case ast.ClassDef():
            return _is_plain_class(node)
        case _:
            return True


def _may_import(name: str) -> bool:
    return name not in _ATTRIBUTES and name not in {"*", "random"}


def _keeps_no_default(function: _Function) -> bool:
    """No default is a list or the like, and no decorator keeps calls."""
    arguments = function.args
    defaults = [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]
    decorators = [] if isinstance(function, ast.Lambda) else function.decorator_list
    return all(map(_is_default, defaults)) and all(map(_is_known_decorator, decorators))


def _is_default(value: ast.expr) -> bool:
    return _is_fixed(
        value, {each.id for each in ast.walk(value) if isinstance(each, ast.Name)} & {"np", "numpy", "math"}
    )


def _is_known_decorator(decorator: ast.expr) -> bool:
    decorator = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(decorator, ast.Name) and decorator.id in _DECORATORS


def _is_plain_class(node: ast.ClassDef) -> bool:
    """Methods, and constants: what is on a class is on all calls."""
    return (
        not node.keywords
        and all(map(_is_known_decorator, node.decorator_list))
        and all(isinstance(base, (ast.Name, ast.Attribute)) for base in node.bases)
        and all(map(_is_plain_member, node.body))
    )


def _is_plain_member(member: ast.stmt) -> bool:
    match member:
        case ast.FunctionDef() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(value=value):
            return _is_default(value)
        case ast.AnnAssign(value=value):
            return value is None or _is_default(value)
        case _:
            return False


def _stores_only_in_self(node: ast.AST, owner: str = "", *, in_class: bool = False) -> bool:
    """Attributes are set on `self` alone, and `self` is made anew: no object outlives the call that made it."""
    match node:
        case ast.ClassDef():
            return all(_stores_only_in_self(each, in_class=True) for each in node.body)
        case ast.FunctionDef() if in_class:
            first = [*node.args.posonlyargs, *node.args.args][:1]
            shared = node.name in _BEFORE_SELF or "classmethod" in map(_name_of, node.decorator_list)
            owner = first[0].arg if first and not shared else ""
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return bool(owner) and isinstance(node.value, ast.Name) and node.value.id == owner
        case _:
            pass
    return all(_stores_only_in_self(each, owner) for each in ast.iter_child_nodes(node))


def _name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
