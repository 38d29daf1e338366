"""Reports that the browser tests read: one with everything that a page can draw, one whose every text is hostile.

In: nothing. Out: Reports. The arrays are pictured by the code that pictures a student's.
"""

import numpy as np

from grader.checks.accuracy import Accuracy
from grader.checks.confusions import confusion_of
from grader.checks.pictures import picture_call
from grader.records import Epoch, Evidence, Notice, Outcome, Picture, Report, Visibility
from tests.builders import make_report, make_result

HOSTILE = (
    "</pre></title></style></script><script>document.title='changed'</script><img src=x onerror=alert(1)>"
    "\"'`{{ 7*7 }}{% raw %}\x1b[31mred\x1b[0m\x1b]8;;https://example.org\x07link "
    "\u202egnorts\u202c שלום \x00 &amp; 합성곱"
)
SECRET = 31337.25  # stands in every argument of a hidden test


def conv2d(x: object, w: object, b: object) -> None:
    """Names the arguments."""


def pictures() -> tuple[Picture, ...]:
    """A feature map whose right half is wrong."""
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(2, 12, 14, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    expected = rng.normal(size=(2, 8, 9, 4))
    got = expected.copy()
    got[1, 2:, 4:, 3] *= -0.5
    got[1, 7, 8, 3] = np.nan
    return picture_call(conv2d, (x, w, b), {}, got, expected, Accuracy(terms=9, magnitude=1.0, dtype=None))


def training(*, published: bool = True) -> Report:
    """hw10: curves of a visible test, and a model that takes cats for dogs."""
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(10), 50)
    predicted = np.eye(10, dtype=np.float32)[np.where(rng.random(500) < 0.15, rng.integers(0, 10, 500), labels)]
    predicted[(labels == 3) & (rng.random(500) < 0.4)] = np.eye(10, dtype=np.float32)[5] * 0.9
    images = (np.arange(500 * 32 * 32 * 3).reshape(500, 32, 32, 3) * 7 % 256).astype(np.uint8)
    epochs = tuple(
        Epoch(done=done, epochs=6, loss=2.3 * rate**done, accuracy=1 - 0.9 * rate**done)
        for rate in (0.6, 0.8)
        for done in range(1, 7)
    )
    confusion = confusion_of(predicted, images, labels, data="cifar10", published=published)
    return make_report(
        assignment="hw10",
        title="A network for CIFAR-10",
        score=31.5,
        max_score=40.0,
        results=(
            make_result(
                name="test_it_learns",
                title="Four epochs teach the network ten patterns.",
                question="train",
                score=10.0,
                points=10.0,
                visibility=Visibility.VISIBLE,
                evidence=Evidence(epochs=epochs),
            ),
            make_result(
                name="test_accuracy",
                title="The saved weights name hidden images.",
                question="model",
                score=21.5,
                points=30.0,
                feedback="The saved model names 76.4% of 10,000 hidden images right.",
                evidence=Evidence(epochs=epochs[:3], confusion=confusion),
            ),
            make_result(
                name="test_second_model",
                title="The weights of the second file name hidden images.",
                question="model",
                score=0.0,
                points=0.0,
                evidence=Evidence(confusion=confusion),
            ),
        ),
    )


def ordinary() -> Report:
    """hw1: one of each outcome, pictures, a hint, notices."""
    results = [
        make_result(name=f"test_{each.value}", title=f"This one ended as {each.value}.", outcome=each, score=0.0)
        for each in Outcome
        if each not in (Outcome.PASSED, Outcome.FAILED, Outcome.GRADER_ERROR)
    ]
    return make_report(
        score=54.0,
        max_score=100.0,
        notices=(Notice(text="a cell that does not parse was set aside", where="cell 4, line 7"),),
        results=(
            make_result(name="test_a", title="Each weight meets the pixel at its own place."),
            make_result(
                name="test_b",
                title="The window moves by the stride along both axes.",
                visibility=Visibility.VISIBLE,
                feedback="conv2d(x (2, 12, 14, 3), w (3, 2, 3, 4), b (4,)) returned 0.31, expected -0.6 at [1, 2, 4]",
                hint="Your window moves one pixel at a time, whatever the stride is.",
                evidence=Evidence(pictures=pictures()),
                score=0.0,
                points=5.0,
            ),
            make_result(
                name="test_c",
                title="Padding puts zeros on all four sides.",
                question="zero_pad",
                feedback="zero_pad returned wrong values.",
                log=f"zero_pad(x=[[{SECRET}]])",
                seed=0xABCDEF,
                evidence=Evidence(pictures=(Picture(role="input", name="x", shape=(1, 2), rows=((SECRET, SECRET),)),)),
                score=0.0,
                points=5.0,
            ),
            *results,
        ),
    )


def rejected() -> Report:
    """Nothing was graded."""
    return make_report(
        score=None, max_score=100.0, results=(), rejected="the file is empty\n  fix: save it, and hand it in"
    )


def hostile() -> Report:
    """Every text of a submission is an attack; long ones too."""
    result = make_result(
        name="test_a",
        score=0.0,
        visibility=Visibility.VISIBLE,
        feedback=HOSTILE + "\n" + "x" * 3000,
        hint=HOSTILE,
        log=HOSTILE * 50,
    )
    return make_report(
        student=HOSTILE,
        submission=HOSTILE,
        score=0.0,
        results=(result,),
        notices=(Notice(text=HOSTILE, where=HOSTILE),),
        environment={HOSTILE: HOSTILE},
    )
