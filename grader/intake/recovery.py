"""Owns what a syntax error costs: the statement it stands in and no other. Owns parso.

In: source that Python refuses. Out: Recovered, the same lines with the broken statements blank, and what was lost.
The rule: Python is the judge, statement by statement; parso only says where statements of the top level begin, because
its tokenizer goes on where Python's stops. No line moves: what is set aside leaves blank lines.

An unclosed bracket or string swallows the functions below it. So where a broken statement runs on over lines that begin
like statements of their own, only its part above them is set aside, and reading starts anew there.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parso.python.token import PythonTokenTypes as Kind
from parso.python.tokenize import PythonToken, tokenize_lines
from parso.utils import parse_version_string

from grader.intake.parsing import Lost, Recovered, SyntaxFault, definitions, syntax_fault

# A fixed version: where statements begin has not changed since, and parso refuses versions newer than itself.
_VERSION = parse_version_string("3.11")

_WORD = re.compile(r"[^\W\d]\w*")
_CONTINUES = frozenset({"else", "elif", "except", "finally"})
_COMPOUND = frozenset({"def", "class", "async", "if", "for", "while", "with", "try", "match", *_CONTINUES})
_ENDS = frozenset({"return", "yield"})
# Words that never stand in a bracket or below an open string, so a new statement begins with them.
_ALWAYS_NEW = re.compile(r"(?:def|class|async|import|from)\b|@\w")
# What a statement looks like below something unclosed: a string's prose is not taken for code.
_BEGINS_ANEW = re.compile(
    r"@\w|(?:def|class|async|import|from|if|for|while|with|try|del|assert|raise|global)\b"
    r"|[\w.]+(?:[ \t]*,[ \t]*[\w.*]+)*[ \t]*(?:[-+*/%@&|^]|//|\*\*)?=(?!=)|[\w.]+\("
)
_DEFINITION = re.compile(r"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_MISSPELT = re.compile(r"\w+[ \t]+(\w+)[ \t]*\(")  # `Def conv2d(x):`
_ASSIGNMENT = re.compile(r"(\w+)[ \t]*=(?!=)")
_TRIPLE = re.compile(r"[A-Za-z]{0,2}(?:\"\"\"|''')")
_LAST_RESORTS = 50  # statements that are right alone and wrong together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """One statement of the top level as the tokenizer sees it, with the lines around it that are no code."""

    first: int
    start: int  # its first line of code
    head: int  # the same, below decorators
    end: int  # the line after it, where the next one begins
    runs_on: bool  # a bracket or string is still open, or lines that begin anew stand in it
    misplaced: bool  # an indented line follows a first line that opens no block


def recover(source: str, starts: Sequence[int] = ()) -> Recovered:
    """Set aside each statement that Python refuses.

    Args:
        source: lines that each end in a newline.
        starts: lines at which a new text begins, whatever is open above: a notebook's cells.

    Raises:
        RecursionError: the source nests too deeply.
        MemoryError: it nests too deeply, or needs too much.
    """
    if syntax_fault(source) is None:
        return Recovered(source=source, definitions=definitions(source))
    lines = source.split("\n")[:-1]
    lost: list[Lost] = []
    kept: list[_Statement] = []
    for first, after in itertools.pairwise(sorted({1, *starts, len(lines) + 1})):
        for part in _judged(lines, first, after):
            if isinstance(part, Lost):
                lost.append(part)
            else:
                kept.append(part)
    for _ in range(_LAST_RESORTS):
        mended = _blanked(lines, lost)
        fault = syntax_fault(mended)
        if fault is None:
            in_order = tuple(sorted(lost, key=lambda part: part.first))
            return Recovered(source=mended, lost=in_order, definitions=definitions(mended))
        lost.append(_wrong_together(lines, kept, fault))
    return Recovered(source="", refused="too many statements contradict each other")


def _judged(lines: Sequence[str], first: int, after: int) -> Iterator[Lost | _Statement]:
    """Give the statements from line `first` to before line `after`, each whole or lost."""
    above: _Statement | None = None  # the last whole one; what is lost below may have been its end
    while first < after:
        statement = _statement(lines, first, after)
        fault = _fault(lines, first, statement.end)
        if fault is not None:
            statement = _shortened(lines, statement, fault)
            fault = _fault(lines, first, statement.end)
        if fault is None:
            if above:
                yield above
            above = statement
        else:
            if above and _is_cut_off(lines, above, statement):
                yield _lose(lines, above, fault)
                above = None
            if above and _word(lines[statement.head - 1]) in _COMPOUND:
                yield above
                above = None
            yield _lose(lines, statement, fault)
        first = statement.end
    if above:
        yield above


def _statement(lines: Sequence[str], first: int, after: int) -> _Statement:
    """Find where the statement ends that begins in line `first`, with what it decorates."""
    tokens: list[PythonToken] = []
    head = first
    end = after
    for token in _tokens(lines, first, after):
        if tokens and _begins(token, tokens[-1]):
            if not _decorates(tokens, token):
                end = token.start_pos[0]
                break
            head = token.start_pos[0]
        if not tokens:
            head = token.start_pos[0]
        tokens.append(token)
    return _Statement(
        first=first,
        start=tokens[0].start_pos[0] if tokens else first,
        head=head,
        end=end,
        runs_on=_is_open(tokens) or any(_ALWAYS_NEW.match(lines[line - 1]) for line in range(head + 1, end)),
        misplaced=_is_misplaced(lines[head - 1], [token for token in tokens if token.start_pos[0] >= head]),
    )


def _shortened(lines: Sequence[str], statement: _Statement, fault: SyntaxFault) -> _Statement:
    """Cut a broken statement off where another seems to begin, so that it costs nothing below."""
    gaps = [line for line in range(statement.start + 1, statement.head + 1) if not lines[line - 2].strip()]
    if gaps:
        # A broken decorator, and a blank line between it and what it would decorate.
        return replace(statement, head=statement.start, end=gaps[-1])
    if fault.line > statement.head and _is_slid_in(lines, statement, fault):
        return replace(statement, end=fault.line)
    if not statement.runs_on:
        return statement
    anew = (line for line in range(statement.head + 1, statement.end) if _BEGINS_ANEW.match(lines[line - 1]))
    return replace(statement, end=next(anew, statement.end))


def _is_slid_in(lines: Sequence[str], statement: _Statement, fault: SyntaxFault) -> bool:
    """Whether the fault is the indentation of a definition that should stand in column 0."""
    if not _ALWAYS_NEW.match(lines[fault.line - 1].lstrip()):
        return False
    is_simple = _word(lines[statement.head - 1]) not in _COMPOUND
    return fault.reason.startswith("unindent") or (is_simple and fault.reason == "unexpected indent")


def _tokens(lines: Sequence[str], first: int, after: int) -> Iterator[PythonToken]:
    text = (lines[line - 1] + "\n" for line in range(first, after))
    for token in tokenize_lines(text, version_info=_VERSION, start_pos=(first, 0)):
        if token.type not in (Kind.DEDENT, Kind.ERROR_DEDENT, Kind.ENDMARKER):
            yield token


def _begins(token: PythonToken, previous: PythonToken) -> bool:
    """Whether a token is the first of a statement of the top level."""
    line, column = token.start_pos
    if column or token.type in (Kind.INDENT, Kind.NEWLINE) or token.string in _CONTINUES:
        return False
    # parso closes all brackets at words that cannot stand in one.
    is_cut = token.string in ("def", "class", "import") and line > previous.start_pos[0]
    return previous.type is Kind.NEWLINE or is_cut


def _decorates(tokens: Sequence[PythonToken], following: PythonToken) -> bool:
    """Whether all so far is decorators, of what begins with the following token."""
    is_decorators = tokens[0].string == "@" and all(token.type is not Kind.INDENT for token in tokens)
    above = [token.string for token in tokens if token.start_pos[1] == 0]
    return is_decorators and above[-1] == "@" and following.string in ("@", "def", "async", "class")


def _is_open(tokens: Sequence[PythonToken]) -> bool:
    """Whether a bracket or a string is left open at the end."""
    kinds = [token.type for token in tokens]
    if kinds.count(Kind.FSTRING_START) != kinds.count(Kind.FSTRING_END):
        return True
    depth = 0
    for token in tokens:
        if token.type is Kind.ERRORTOKEN and _TRIPLE.match(token.string):
            return True
        if token.type is Kind.OP and token.string in "()[]{}":
            depth = max(0, depth + (1 if token.string in "([{" else -1))
    return depth > 0


def _is_misplaced(head: str, tokens: Sequence[PythonToken]) -> bool:
    """Whether an indented line follows a first line that opens no block: its function was torn apart."""
    kinds = [token.type for token in tokens]
    if Kind.NEWLINE not in kinds or _word(head) in _COMPOUND:
        return False
    at = kinds.index(Kind.NEWLINE)
    return at > 0 and tokens[at - 1].string != ":" and kinds[at + 1 : at + 2] == [Kind.INDENT]


def _is_cut_off(lines: Sequence[str], above: _Statement, statement: _Statement) -> bool:
    """Whether a broken statement was meant to be the end of the function above it.

    It was not if that function returns in its last line: then it is whole, and nobody may lose it for a typing error
    further down.
    """
    if not (statement.misplaced or _word(lines[statement.head - 1]) in _ENDS):
        return False
    code = [line.strip() for line in lines[above.head - 1 : above.end - 1]]
    last = next((line for line in reversed(code) if line and not line.startswith("#")), "")
    return _word(lines[above.head - 1]) in ("def", "async") and _word(last) not in ("return", "raise")


def _word(text: str) -> str:
    match = _WORD.match(text)
    return match[0] if match else ""


def _fault(lines: Sequence[str], first: int, end: int) -> SyntaxFault | None:
    fault = syntax_fault("\n".join(lines[first - 1 : end - 1]) + "\n", first=first)
    if fault is None:
        return None
    # A block that is missing is missed in the line where its text ends.
    last = max((line for line in range(first, end) if lines[line - 1].strip()), default=first)
    return replace(fault, line=min(fault.line, last))


def _lose(lines: Sequence[str], statement: _Statement, fault: SyntaxFault) -> Lost:
    last = statement.end - 1
    while last > statement.start and not lines[last - 1].strip():
        last -= 1
    return Lost(
        first=statement.start,
        last=last,
        line=fault.line,
        reason=fault.reason,
        names=_names(lines, statement.head, last),
    )


def _names(lines: Sequence[str], head: int, last: int) -> tuple[str, ...]:
    """Name what broken lines would have defined, as far as a pattern can tell."""
    first = lines[head - 1]
    if not first.startswith((" ", "\t")) and (match := _DEFINITION.match(first)):
        return (match[1],)
    if found := [match[1] for line in lines[head - 1 : last] if (match := _DEFINITION.match(line))]:
        return tuple(dict.fromkeys(found))
    opens = first.rstrip().endswith(":") or (head < last and lines[head].startswith((" ", "\t")))
    match = (_MISSPELT.match(first) if opens else None) or _ASSIGNMENT.match(first)
    return (match[1],) if match else ()


def _wrong_together(lines: Sequence[str], kept: Sequence[_Statement], fault: SyntaxFault) -> Lost:
    """Lose the statement that is right alone and wrong here: `from __future__` below others, say."""
    line = min(fault.line, len(lines))
    for statement in kept:
        if statement.start <= line < statement.end:
            return _lose(lines, statement, fault)
    return Lost(first=line, last=line, line=line, reason=fault.reason)


def _blanked(lines: Sequence[str], lost: Sequence[Lost]) -> str:
    mended = list(lines)
    for part in lost:
        mended[part.first - 1 : part.last] = [""] * (part.last - part.first + 1)
    return "\n".join(mended) + "\n"
