"""The same submission and the same seed give the same report, with a training in it; only what time it took differs.

Two graders, each with a fork server of its own, grade what barely learns: its accuracies stand in the report.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.course import find_assignment, read_course
from grader.exports import json as json_export
from grader.grading import GradeOptions, Grader, graders
from grader.records import Audience, Outcome, Report, TestResult
from grader.synthetic import Kind, synthetic
from tests import keras_process
from tests.oracles.in_tensorflow import needs_tensorflow
from tests.sandbox.conftest import linux_only

pytestmark = [pytest.mark.slow, needs_tensorflow, linux_only]

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=b"determinism")
HW9 = find_assignment(COURSE, "hw9")
RIGHT = ROOT / "solutions" / "hw09_lenet" / "lenet.py"
TESTS = ("test_the_network_of_the_lecture", "test_training_learns", "test_accuracy_on_hidden_images")
BARELY = """
def train(model, x, y, epochs, seed):
    keras.utils.set_random_seed(seed)
    model.compile(optimizer=keras.optimizers.Adam(2e-4), loss="categorical_crossentropy")
    return model.fit(x, y, batch_size=128, epochs=min(epochs, 1), verbose=0)
"""


def hand_in(grader: Grader, folder: Path) -> Path:
    """Code that barely learns, and a model that it trained; both are the same every time."""
    source = RIGHT.read_text(encoding="utf-8") + BARELY
    made = synthetic(Kind.MNIST, 0)
    data = keras_process.trained(grader._launcher.open, source, made.x_train, made.y_train, epochs=1)
    folder.mkdir()
    (folder / "lenet.py").write_text(source, encoding="utf-8")
    (folder / "model.keras").write_bytes(data)
    return folder


def grade(folder: Path, seeds: Sequence[int]) -> list[Report]:
    """Grade one hand-in by a grader of its own, once for each seed."""
    reports: list[Report] = []

    def body(grader: Grader) -> None:
        path = folder if folder.exists() else hand_in(grader, folder)
        skipped = {
            each.name: TestResult(case=each, outcome=Outcome.SKIPPED, score=0.0)
            for each in grader.cases
            if each.name not in TESTS
        }
        reports.extend(grader.grade(path, GradeOptions(seed=seed, known=skipped)) for seed in seeds)

    graders(COURSE, HW9, GradeOptions(), body)
    return reports


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """Twice by one grader, once by another, and once with another seed."""
    folder = tmp_path_factory.mktemp("handed_in") / "hw9"
    first, again, other = grade(folder, (5, 5, 6))
    (elsewhere,) = grade(folder, (5,))
    return [first, again, elsewhere, other]


def without_times(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_export.render(report, Audience.STAFF))
    del document["timings"]
    return document


def feedback(report: Report, name: str) -> str:
    return next(each.feedback for each in report.results if each.case.name == name)


def test_the_report_tells_accuracies(reports: list[Report]) -> None:
    """Else the comparison below would prove little."""
    assert "the network names" in feedback(reports[0], "test_training_learns")
    assert "hidden images right" in feedback(reports[0], "test_accuracy_on_hidden_images")
    assert not reports[0].needs_review


@pytest.mark.parametrize("other", [1, 2], ids=["one grader", "another grader"])
def test_the_same_seed_gives_the_same_report(reports: list[Report], other: int) -> None:
    assert without_times(reports[0]) == without_times(reports[other])


def test_another_seed_draws_other_images(reports: list[Report]) -> None:
    first, other = reports[0], reports[3]

    assert [each.case.name for each in first.results] == [each.case.name for each in other.results]
    assert without_times(first)["tests"] != without_times(other)["tests"]


def test_the_report_says_on_which_images_and_with_what_it_was_graded(reports: list[Report]) -> None:
    assert len(reports[0].data) == 1
    assert "generated" in reports[0].data[0]
    assert set(reports[0].environment) >= {"python", "numpy", "tensorflow"}


def test_the_process_with_the_tests_never_imports_tensorflow() -> None:
    """It would wait for seconds, and hold half a gigabyte."""
    code = (
        "import sys; from tests.test_determinism import *; "
        "graders(COURSE, HW9, GradeOptions(), "
        "lambda grader: print(len(grader.cases), sorted({'keras', 'tensorflow'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split("\n")[0] == "15 []"
