"""The assignments' catalogs: all that a student can be shown is in them, as it is said today, and in good Korean."""

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from typer.testing import CliRunner

from grader.catalogs import read_catalog
from grader.checks.misconceptions import read_misconceptions
from grader.cli import app
from grader.course import read_course
from grader.errors import CourseError
from grader.language import language
from grader.particles import particle
from grader.records import Assignment, Course
from grader.translations import catalog_lapses, hints_of
from tests.catalogs import Domain, domains, in_template, problems, update, wanted
from tests.small_course import write_course
from tests.test_translations import AGAINST, HANGUL, LATIN, NUMBER, WORDS, prose

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
DOMAINS = [domain for domain in domains() if domain.po.name == "ko.po"]
EACH = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: "/".join(domain.po.parts[-3:-1]))
ASSIGNMENTS = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
# A particle behind something that is not Hangul: its form follows how that is read aloud.
PARTICLE = re.compile(r"([A-Za-z0-9)\]`]+)(은|는|이|가|을|를|과|와|으로|로)(?=[\s.,:)]|$)")


def read(domain: Domain) -> Catalog:
    with domain.po.open("rb") as file:
        return read_po(file, locale="ko", abort_invalid=True)


def texts(domain: Domain) -> list[tuple[str, str]]:
    """Each msgid with its translation, in the order of the file."""
    return [(str(message.id), str(message.string)) for message in read(domain) if message.id]


def test_the_course_has_a_catalog_and_every_assignment_a_public_and_a_hidden_one() -> None:
    folders = {assignment.folder for assignment in COURSE.assignments}

    assert {domain.po.relative_to(ROOT).as_posix() for domain in DOMAINS} == {"assignments/ko.po"} | {
        f"{side}/{folder}/ko.po" for side in ("assignments", "solutions") for folder in folders
    }


@pytest.mark.parametrize(
    ("written", "msgid"),
    [
        ('_("No test has run.")', ("", "No test has run.")),
        ('word("Tests")', ("page", "Tests")),
        ('_("Solved by " ~ it.solved ~ " of " ~ it.asked)', ("", "Solved by {solved} of {asked}")),
        ('_(few|length ~ " and " ~ (few|length - most) ~ " more")', ("", "{few} and {few_2} more")),
        ('_("at least " ~ either ~ " did, " ~ either ~ " did not")', ("", "at least {either} did, {either} did not")),
    ],
)
def test_a_text_of_a_template_has_a_name_for_each_value(written: str, msgid: tuple[str, str]) -> None:
    """As an f-string has."""
    assert list(in_template(f"<p>{{{{ {written}|line }}}}</p> {{{{ _(a.title) or word(b) }}}}")) == [msgid]


@EACH
class TestCatalog:
    def test_nothing_is_missing_or_stale(self, domain: Domain) -> None:
        """Nor fuzzy, and a translation has the values of its message."""
        assert list(problems(domain)) == []

    def test_it_is_in_the_order_of_its_sources(self, domain: Domain) -> None:
        assert [msgid for msgid, _ in texts(domain)] == [msgid for _, msgid in wanted(domain)]

    def test_it_is_written_as_babel_writes_it(self, domain: Domain, tmp_path: Path) -> None:
        """Brought up to date again, it does not change."""
        copy = tmp_path / "ko.po"
        copy.write_bytes(domain.po.read_bytes())

        assert update(replace(domain, po=copy)) == 0
        assert copy.read_bytes() == domain.po.read_bytes()

    def test_the_reader_of_the_toolkit_reads_what_babel_reads(self, domain: Domain) -> None:
        assert {msgid: said for (_, msgid), said in read_catalog(domain.po).items()} == dict(texts(domain))

    def test_every_text_is_korean(self, domain: Domain) -> None:
        """There is Hangul in each, twice as much as Latin letters in all, and nowhere four English words in a row."""
        said = [korean for _, korean in texts(domain)]
        words = prose(" ".join(said))

        assert [korean for korean in said if not HANGUL.search(korean) or WORDS.search(prose(korean))] == []
        assert len(HANGUL.findall(words)) > 2 * len(LATIN.findall(words))

    def test_it_keeps_to_the_glossary(self, domain: Domain) -> None:
        assert [(word, said) for word in AGAINST for _, said in texts(domain) if word in said] == []

    def test_it_is_written_in_the_polite_style(self, domain: Domain) -> None:
        """합니다체: a sentence ends as one, and what is no sentence has no full stop."""
        for msgid, said in texts(domain):
            ends = re.findall(r"(\S+)[.?](?=\s|$)", prose(said))
            if re.search(r"[.?]$", msgid):
                assert ends, said
                assert re.search(r"[.?]$", said), said
            else:
                assert not said.endswith("."), said
            wrong = [end for end in ends if not re.search(r"(니다|니까|시오)$|^[\d\W]|[A-Za-z0-9)\]α-ω]$", end)]
            assert wrong == [], said

    def test_every_number_and_every_name_in_ticks_is_kept(self, domain: Domain) -> None:
        for msgid, said in texts(domain):
            assert set(NUMBER.findall(msgid)) <= set(NUMBER.findall(said)), said
            assert set(re.findall(r"`[^`]*`", msgid)) == set(re.findall(r"`[^`]*`", said)), said

    def test_particles_follow_the_sound_before_them(self, domain: Domain) -> None:
        for _, said in texts(domain):
            for before, form in PARTICLE.findall(said):
                assert form in re.split(r"\W", particle(before, form)), said


def test_one_text_is_said_in_one_way() -> None:
    """In whichever catalogs it stands: a reader meets one wording."""
    said = defaultdict(set)
    for domain in DOMAINS:
        for msgid, korean in texts(domain):
            said[msgid].add(korean)

    assert {msgid: ways for msgid, ways in said.items() if len(ways) > 1} == {}


@ASSIGNMENTS
class TestAssignment:
    def test_its_title_is_the_handout_s(self, assignment: Assignment) -> None:
        heading = (assignment.public / "README.ko.md").read_text(encoding="utf-8").partition("\n")[0]
        title = language("ko").with_catalogs([assignment.public / "ko.po"]).say(assignment.title)

        assert heading == f"# {assignment.id}: {title}"

    def test_what_a_kit_tells_is_in_its_own_catalog(self, assignment: Assignment) -> None:
        """A public test's title, and a hint that its table of answers proves, need no file of `solutions/`."""
        public = {msgid for _, msgid in read_catalog(assignment.public / "ko.po")}
        told = list(hints_of(assignment.public / "answers.json"))

        assert bool(told) == (assignment.public / "answers.json").is_file()
        assert {hint for _, hint in told} <= public
        assert assignment.title in public


@ASSIGNMENTS
def test_every_hint_that_is_given_is_said_in_korean(assignment: Assignment) -> None:
    """As the running course gives it, however its source writes it; some are the toolkit's own."""
    assert assignment.private is not None
    korean = language("ko").of(assignment)
    hints = [each.hint for each in read_misconceptions(assignment.private / "misconceptions.py")]

    assert len(hints) > 30
    assert [hint for hint in hints if not HANGUL.search(korean.say(hint))] == []


@ASSIGNMENTS
def test_a_hint_is_known_by_its_misconception_once_it_is_worded_anew(assignment: Assignment) -> None:
    """In a journal of last year; all but those that the toolkit gives, which have no catalog of ids."""
    assert assignment.private is not None
    korean = language("ko").of(assignment)
    source = (assignment.private / "misconceptions.py").read_text(encoding="utf-8")
    own = [each for each in read_misconceptions(assignment.private / "misconceptions.py") if each.hint[:40] in source]

    assert len(own) > 20
    for each in own:
        assert korean.hint("As it was once.", assignment=assignment.id, id=each.id) == korean.say(each.hint)


# --- any course's -----------------------------------------------------------

CATALOG = """msgid ""
msgstr ""

msgid "Doubling"
msgstr "두 배"

msgid "The double of a number."
msgstr "수의 두 배입니다."
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course whose one assignment has a catalog of its title and of its one public test."""
    root = write_course(tmp_path / "course")
    found = read_course(root, secret=None)
    public = found.assignments[0].public
    test = 'def test_double(student):\n    """The double of a number."""\n'
    (public / "test_public.py").write_text(test, encoding="utf-8")
    (public / "answers.json").unlink(missing_ok=True)
    (public / "ko.po").write_text(CATALOG, encoding="utf-8")
    return found


class TestLapses:
    def test_the_course_s_own_catalogs_have_none(self) -> None:
        assert [str(lapse) for lapse in catalog_lapses(COURSE)] == []

    def test_a_course_without_catalogs_has_none(self, course: Course) -> None:
        """What is in no catalog is shown in English."""
        (course.assignments[0].public / "ko.po").unlink()

        assert catalog_lapses(course) == []

    def test_a_whole_one_is_not_told(self, course: Course) -> None:
        assert catalog_lapses(course) == []

    def test_a_new_text_makes_it_incomplete(self, course: Course) -> None:
        public = course.assignments[0].public
        with (public / "test_public.py").open("a", encoding="utf-8") as file:
            file.write('def test_zero(student):\n    """The double of 0."""\n')

        assert [str(lapse) for lapse in catalog_lapses(course)] == [
            f'incomplete: {public / "ko.po"} (translate "The double of 0.")'
        ]

    def test_an_empty_translation_does_too(self, course: Course) -> None:
        path = course.assignments[0].public / "ko.po"
        path.write_text(CATALOG.replace("수의 두 배입니다.", ""), encoding="utf-8")

        assert [lapse.word for lapse in catalog_lapses(course)] == ["incomplete"]

    def test_a_text_that_nothing_says_makes_it_stale(self, course: Course) -> None:
        public = course.assignments[0].public
        (public / "test_public.py").write_text("", encoding="utf-8")

        assert [str(lapse) for lapse in catalog_lapses(course)] == [
            f'stale: {public / "ko.po"} (take out "The double of a number.", which nothing says)'
        ]

    def test_a_hint_that_students_have_belongs_to_the_public_one(self, course: Course) -> None:
        table = {"answers": {"0": {"mistakes": {"1": {"id": "squares", "hint": "You square."}}}, "2": {}}}
        (course.assignments[0].public / "answers.json").write_text(json.dumps(table), encoding="utf-8")

        assert [lapse.fix for lapse in catalog_lapses(course)] == ['translate "You square."']

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"answers": {"0": 1}}'])
    def test_a_broken_table_of_answers_is_told(self, course: Course, text: str) -> None:
        (course.assignments[0].public / "answers.json").write_text(text, encoding="utf-8")

        with pytest.raises(CourseError, match="no table of answers"):
            catalog_lapses(course)

    def test_a_hidden_one_is_of_hidden_tests_and_hints(self, course: Course) -> None:
        private = course.assignments[0].private
        assert private is not None
        (private / "ko.po").write_text(CATALOG, encoding="utf-8")
        told = {lapse.word: lapse.fix for lapse in catalog_lapses(course)}

        assert re.fullmatch(r'translate ".+" and \d more', told["incomplete"])
        assert told["stale"] == 'take out "Doubling" and 1 more, which nothing says'

    def test_a_broken_test_file_is_told(self, course: Course) -> None:
        (course.assignments[0].public / "test_public.py").write_text("def test_(:\n", encoding="utf-8")

        with pytest.raises(CourseError, match="does not parse"):
            catalog_lapses(course)

    def test_build_check_tells_them(self, course: Course) -> None:
        """As it tells a stale handout: exit code 2."""
        public = course.assignments[0].public
        (public / "test_public.py").write_text("", encoding="utf-8")
        done = CliRunner().invoke(app, ["build", "--check", "--course", str(course.root)])

        assert done.exit_code == 2
        assert f"stale: {public / 'ko.po'}" in done.stderr
