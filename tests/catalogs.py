"""Owns the catalogs of translations: `python -m tests.catalogs` brings every one up to date with the sources, by Babel.

In: the sources that hold texts. Out: `grader/locale/ko/LC_MESSAGES/grader.po` (what the toolkit says),
`assignments/ko.po` (the course's title), `assignments/<folder>/ko.po` (titles, public tests, stubs: in a kit too) and
`solutions/<folder>/ko.po` (hidden tests and hints: never in a kit). A new msgid comes in empty, one that no source has
is taken out; a translation is never changed.
The rule: `problems` is empty in a finished catalog: nothing missing, fuzzy or stale, the same names in braces.
"""

import io
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from grader.messages import HINT, messages_of
from grader.stublanguage import CONTEXT, pieces_of
from grader.translations import hints_of

ROOT = Path(__file__).parents[1]
PARTICLES = frozenset(
    ("은", "는", "이", "가", "을", "를", "과", "와", "으로", "로", "이라", "라")
)  # `{name}{을}` in a translation
# A header that says when and by which version it was written would change with every run.
_DATED = re.compile(r'"(POT-Creation|PO-Revision|Generated|Last-Translator|Project-Id|Report-Msgid|Language-Team)')
# What reads as prose and is none: texts that are hashed, settings, code of a worker, files of another language.
_UNSAID = {
    "grader/checks/arrays.py": re.compile(r"\{what\} is \{got\}\{where\}"),  # said as a whole, see T_ there
    "grader/checks/behaviours.py": re.compile(r"\{got\}\{where\}"),
    "grader/checks/statistics.py": re.compile(r"\{what\}: \{got\}\{where\}"),
    "grader/checks/answers.py": re.compile(r"Hashes of|\{key\} |number \{|other \{"),
    "grader/checks/keraslayers.py": re.compile(r"[\w=]+ .*use_bias$|epsilon "),
    "grader/checks/layerkinds.py": re.compile(r"[\w=]+ .*(use_bias|padding)$|factor offset|epsilon "),
    "grader/doctor.py": re.compile(r"can(not)? \{"),
    "grader/grading.py": re.compile(r"assignments/"),
    "grader/kit.py": re.compile(r"# |python -m"),  # of the kit's README.md
    "grader/pages/sketch.py": re.compile(r"sk |sk-|stroke-|\{root\}"),
    "grader/collecting.py": re.compile(r"say which: @"),
    "grader/sandbox/attacks.py": re.compile(r"mount "),
    "grader/verdicts.py": re.compile(r"\{line\}, in "),
    "grader/submission.py": re.compile(r"1 line was$|\{count\} lines were$|\{list\} was$|\{what\} set aside"),
    "grader/stubs.py": re.compile(r"if importlib|\{indent\}"),  # of the notebook
}
_PART = r'(?:"[^"]*"|\([^()"]*\)|[\w.|]+)'  # of a text in a template: words, or a value
_HIDDEN = ("test_hidden.py", "misconceptions.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One catalog, and the files whose texts it translates."""

    po: Path
    sources: tuple[Path, ...]


def domains() -> Iterator[Domain]:
    """Every catalog of the project: the toolkit's, then two for each assignment."""
    grader = ROOT / "grader"
    yield Domain(
        po=grader / "locale/ko/LC_MESSAGES/grader.po",
        sources=(
            *sorted((*grader.rglob("*.py"), *grader.glob("pages/templates/*.html"))),
            ROOT / "datasets/manifest.toml",
        ),
    )
    yield Domain(po=ROOT / "assignments/ko.po", sources=(ROOT / "assignments/course.toml",))
    for toml in sorted(ROOT.glob("assignments/*/assignment.toml")):
        public = toml.parent
        # The hints of its table of answers are known to every student, so their translations may be.
        table = tuple(public.glob("answers.json"))
        stubs = tuple(path for path in sorted(public.glob("*.py")) if path.name != "test_public.py")
        yield Domain(po=public / "ko.po", sources=(toml, public / "test_public.py", *table, *stubs))
        private = ROOT / "solutions" / public.name
        yield Domain(po=private / "ko.po", sources=tuple(private / name for name in _HIDDEN))


def wanted(domain: Domain) -> dict[tuple[str, str], set[str]]:
    """Every (context, msgid) of a catalog's sources, with the files that say it."""
    found: dict[tuple[str, str], set[str]] = {}
    for source in domain.sources:
        for key in _keys(source):
            found.setdefault(key, set()).add(source.relative_to(ROOT).as_posix())
    return found


def problems(domain: Domain) -> Iterator[str]:
    """What does not hold of a catalog, a line each."""
    name = domain.po.relative_to(ROOT).as_posix()
    if not domain.po.is_file():
        yield f"{name} is missing: run `python -m tests.catalogs`"
        return
    there = {(entry.context or "", str(entry.id)): entry for entry in _read(domain.po) if entry.id}
    keys = wanted(domain)
    for key in keys:
        if key not in there or not there[key].string:
            yield f"{name} does not translate {key[1]!r}"
        elif there[key].fuzzy:
            yield f"{name} is not sure of {key[1]!r}"
        elif key[0] == "" and _names(key[1]) != _names(str(there[key].string)) - PARTICLES:
            yield f"{name} has other names in braces than {key[1]!r}"
    for key in there:
        if key not in keys:
            yield f"{name} translates what nothing says: {key[1]!r}"


def update(domain: Domain) -> int:
    """Bring one catalog up to date; the number of texts that are still to be translated."""
    old = _read(domain.po) if domain.po.is_file() else Catalog()
    new = Catalog(locale="ko", fuzzy=False, header_comment="# Korean. `python -m tests.catalogs` brings it up to date.")
    hints = {str(entry.id): entry.string for entry in old if not entry.fuzzy}  # a mistake may get another name
    missing = 0
    for (context, msgid), sources in wanted(domain).items():
        entry = old.get(msgid, context or None)
        said = entry.string if entry is not None and not entry.fuzzy else ""
        if context.startswith(HINT):
            said = said or hints.get(msgid, "")
        missing += not said
        new.add(msgid, said, context=context or None, locations=[(source, 0) for source in sorted(sources)])
    written = io.BytesIO()
    write_po(written, new, width=120, include_lineno=False, omit_header=False)
    kept = [line for line in written.getvalue().decode().splitlines(keepends=True) if not _DATED.match(line)]
    domain.po.parent.mkdir(parents=True, exist_ok=True)
    domain.po.write_text("".join(kept), encoding="utf-8")
    return missing


def _keys(source: Path) -> Iterator[tuple[str, str]]:
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".toml":
        yield from _in_settings(source.name, text)
    elif source.suffix == ".html":
        yield from in_template(text)
    elif source.suffix == ".json":
        yield from ((HINT + id, hint) for id, hint in hints_of(source))
    elif source.parent.parent == ROOT / "assignments" and source.name != "test_public.py":
        yield from ((CONTEXT, piece) for piece in pieces_of(text))
    else:
        yield from _in_python(source, text)


def _in_settings(name: str, text: str) -> Iterator[tuple[str, str]]:
    settings = tomllib.loads(text)
    yield from (("", each) for each in [settings.get("title", "")] if each)
    if name == "manifest.toml":
        yield from (("", each["licence"]) for each in settings["datasets"])


def _in_python(source: Path, text: str) -> Iterator[tuple[str, str]]:
    unsaid = _UNSAID.get(source.relative_to(ROOT).as_posix())
    found = [each for each in messages_of(text) if unsaid is None or not unsaid.match(each.id)]
    yield from ((message.context, message.id) for message in found)
    if source.name == "test_public.py":  # in a Korean working copy its docstrings are Korean; titles are messages
        titles = {message.id for message in found}
        yield from ((CONTEXT, piece) for piece in pieces_of(text) if piece not in titles)
    if source.name == "attacks.py":  # a table in a text, each line that is not indented an attack: layer, answer, name
        for msgid in re.findall(r"^[a-z-]+ +[A-Za-z_]+ {2,}(.+?)(?: \[.*\])?$", text, re.MULTILINE):
            yield from (("", f"can {msgid}"), ("", f"cannot {msgid}"))  # as `grade doctor` says it


def in_template(text: str) -> Iterator[tuple[str, str]]:
    """Every (context, msgid) of a template of jinja2: `_("...")`, `word("...")`, also with values between."""
    for name, said in re.findall(rf"\b(_|word)\(({_PART}(?: ~ {_PART})*)\)", text):
        if '"' in said:
            yield "page" if name == "word" else "", _template(said)


def _template(said: str) -> str:
    """A text that is put together, as a msgid: `few ~ " tests"` is "{few} tests", as of an f-string."""
    names: dict[str, str] = {}  # of an expression
    msgid = ""
    for part in re.findall(_PART, said):
        if part.startswith('"'):
            msgid += part[1:-1]
            continue
        name = re.findall(r"\w+", part.partition("|")[0])[-1]
        names.setdefault(part, f"{name}_2" if name in names.values() else name)
        msgid += f"{{{names[part]}}}"
    return msgid


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ko", abort_invalid=True)


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text.replace("{{", "").replace("}}", "")))


if __name__ == "__main__":
    for each in domains():
        if len(sys.argv) < 2 or any(word in str(each.po) for word in sys.argv[1:]):
            sys.stdout.write(f"{each.po.relative_to(ROOT)}: {update(each)} to translate\n")
