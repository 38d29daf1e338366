"""Whatever a reader of hostile files says, the trusted end believes numbers of the right shape and nothing else."""

import dataclasses

import numpy as np
import pytest

from grader.checks.models import ModelFault
from grader.errors import SandboxError
from grader.neutral.client import PREDICTING, READING, NeutralWorker
from grader.records import Limits
from grader.sandbox import wire
from grader.sandbox.boxes import Box
from grader.sandbox.launch import Launcher

EXPECTED = [{"layer": "dense", "container": "dense", "shapes": [[2, 3], [3]]}]
RIGHT = "{'arrays': [np.ones((2, 3), np.float32), np.ones(3, np.float32)]}"
NETWORK = {"input_shape": [2], "layers": []}


class TakenOver:
    """Opens a box with another source than was asked for: what a file has made of its reader."""

    def __init__(self, launcher: Launcher, source: str) -> None:
        self._launcher = launcher
        self._source = f"import os, signal, sys\nimport numpy as np\n{source}"
        self.asked: list[tuple[str, Limits]] = []
        self.open = 0

    def __call__(self, message: wire.Load, limits: Limits) -> Box:
        self.asked.append((message.name, limits))
        assert not message.companions
        self.open += 1
        box = self._launcher.open(wire.Load(message.name, message.file, self._source, {}), limits)
        close = box.close

        def closed() -> None:
            self.open -= 1
            close()

        box.close = closed  # type: ignore[method-assign]
        return box

    def worker(self) -> NeutralWorker:
        reading, predicting = (
            dataclasses.replace(each, wall_s=1.0, cpu_s=1.0, import_s=2.0) for each in (READING, PREDICTING)
        )
        return NeutralWorker(self, reading=reading, predicting=predicting)


def reader(launcher: Launcher, *body: str) -> TakenOver:
    return TakenOver(launcher, "def read_weights(file, expected):\n" + "\n".join(f"    {line}" for line in body))


class TestReading:
    def test_arrays_that_were_asked_for_are_believed(self, launcher: Launcher) -> None:
        boxes = reader(launcher, f"return {RIGHT}")

        got = boxes.worker().weights(b"", EXPECTED)

        assert [each.shape for each in got] == [(2, 3), (3,)]
        assert boxes.open == 0

    @pytest.mark.parametrize(
        "value",
        [
            "{'arrays': []}",
            "{'arrays': [np.ones((2, 3), np.float32)]}",
            "{'arrays': [np.ones((3, 2), np.float32), np.ones(3, np.float32)]}",
            "{'arrays': [np.ones((2, 3)), np.ones(3)]}",
            "{'arrays': [np.ones((2, 3), np.int32), np.ones(3, np.int32)]}",
            "{'arrays': [[[1.0] * 3] * 2, [1.0] * 3]}",
            "{'arrays': [object(), object()]}",
            "{'arrays': 'all of them'}",
            "{'fault': 'none'}",
            "{'fault': ['damaged']}",
            "{}",
        ],
    )
    def test_anything_else_is_a_file_that_cannot_be_read(self, launcher: Launcher, value: str) -> None:
        boxes = reader(launcher, f"return {value}")

        with pytest.raises(ModelFault, match="The weights cannot be read: the file is damaged"):
            boxes.worker().weights(b"", EXPECTED)

        assert boxes.open == 0

    @pytest.mark.parametrize(
        ("said", "what"),
        [
            ("{'fault': 'shape', 'layer': 0, 'found': [1, 2], 'due': [2, 3]}", "An array of dense has shape (1, 2), "),
            ("{'fault': 'shape', 'layer': 9, 'found': 'x' * 99, 'due': None}", "An array of a layer has shape (), "),
            ("{'fault': 'shape', 'layer': '0', 'found': [-1, 1e9, 'y', True]}", "An array of a layer has shape (), "),
            ("{'fault': 'layers', 'found': '100 %'}", "The file has weights for other layers, the network has 1 "),
            ("{'fault': 'arrays', 'layer': -1, 'found': 1 << 70}", "The file has other arrays for a layer, "),
            ("{'fault': 'missing', 'layer': True}", "The file has no weights for a layer"),
        ],
    )
    def test_a_fault_is_told_in_words_of_ours(self, launcher: Launcher, said: str, what: str) -> None:
        with pytest.raises(ModelFault) as caught:
            reader(launcher, f"return {said}").worker().weights(b"", EXPECTED)

        assert caught.value.what.startswith(what)

    @pytest.mark.parametrize("value", ["np.nan", "np.inf"])
    def test_numbers_must_be_finite(self, launcher: Launcher, value: str) -> None:
        body = f"return {{'arrays': [np.ones((2, 3), np.float32), np.full(3, {value}, np.float32)]}}"

        with pytest.raises(ModelFault, match="The weights of dense hold NaN or infinity"):
            reader(launcher, body).worker().weights(b"", EXPECTED)

    @pytest.mark.parametrize(
        ("body", "what"),
        [
            ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed its process"),
            ("os._exit(0)", "ended its own process"),
            ("sys.exit('full score')", "left its process"),
            ("while True: pass", "1 s"),
            ("signal.pause()", "did not return within 1 s"),
            ("return bytes(1 << 33)", "more memory than"),
            ("os.write(3, b'x' * 999); os.write(4, b'x' * 999); os.write(5, b'x' * 999)", "sent what is not a reply"),
        ],
    )
    def test_a_reader_that_does_not_survive_a_file_is_the_file_s_fault(
        self, launcher: Launcher, body: str, what: str
    ) -> None:
        boxes = reader(launcher, body, f"return {RIGHT}")

        with pytest.raises(ModelFault) as caught:
            boxes.worker().weights(b"", EXPECTED)

        assert caught.value.what.startswith("The weights cannot be read: a process that read them ")
        assert what in caught.value.what
        assert boxes.open == 0

    @pytest.mark.parametrize(
        "source",
        [
            "def read_weights(file, expected): return undefined",
            "def read_another(file, expected): return {}",
            "def read_weights(file, expected): return 1",
            "import h6py",
            "while True: pass",
            "os._exit(0)",
            "def (",
        ],
    )
    def test_a_reader_that_is_wrong_is_our_fault(self, launcher: Launcher, source: str) -> None:
        boxes = TakenOver(launcher, source)

        with pytest.raises(SandboxError, match="the neutral worker could not answer"):
            boxes.worker().weights(b"", EXPECTED)

        assert boxes.open == 0

    def test_a_network_that_is_far_too_large_is_not_read(self, launcher: Launcher) -> None:
        boxes = reader(launcher, "return {}")

        with pytest.raises(ModelFault, match="far more weights"):
            boxes.worker().weights(b"", [{"layer": "dense", "container": "", "shapes": [[1 << 20, 1 << 20]]}])

        assert boxes.asked == []

    def test_the_memory_goes_with_the_file(self, launcher: Launcher) -> None:
        boxes = reader(launcher, f"return {RIGHT}")

        for size in (0, 4 << 20):
            boxes.worker().weights(bytes(size), EXPECTED)

        few, many = (limits.memory_mb for _, limits in boxes.asked)
        assert few == READING.memory_mb
        assert many == few + 32


def predictor(launcher: Launcher, answer: str) -> TakenOver:
    lines = [
        "def prepare(network, weights):",
        "    return object()",
        "def predict(made, images):",
        "    n = len(images)",
    ]
    return TakenOver(launcher, "\n".join([*lines, f"    {answer}"]))


class TestPredicting:
    def test_every_image_gets_its_answer_in_order(self, launcher: Launcher) -> None:
        boxes = predictor(launcher, "return images.reshape(n, -1)[:, :2]")
        images = np.random.default_rng(0).random((5000, 32, 32, 3), np.float32)

        got = boxes.worker().predict(NETWORK, [], images)

        assert np.array_equal(got, images.reshape(5000, -1)[:, :2])
        assert [name for name, _ in boxes.asked] == ["neutral_network"]
        assert boxes.open == 0

    def test_no_answer_is_an_answer_that_names_no_class(self, launcher: Launcher) -> None:
        boxes = predictor(launcher, "return np.full((n, 3), np.nan, np.float32)")

        assert np.isnan(boxes.worker().predict(NETWORK, [], np.ones((4, 2), np.float32))).all()

    @pytest.mark.parametrize(
        "answer",
        [
            "return np.ones((n + 1, 3), np.float32)",
            "return np.ones((n, 3))",
            "return np.ones(n, np.float32)",
            "return 'right'",
            "raise ValueError('the arrays do not fit')",
            "os.kill(os.getpid(), signal.SIGKILL)",
        ],
    )
    def test_another_answer_is_our_fault(self, launcher: Launcher, answer: str) -> None:
        boxes = predictor(launcher, answer)

        with pytest.raises(SandboxError, match="the neutral worker could not answer"):
            boxes.worker().predict(NETWORK, [], np.ones((4, 2), np.float32))

        assert boxes.open == 0

    def test_a_network_that_cannot_be_built_is_our_fault(self, launcher: Launcher) -> None:
        boxes = TakenOver(launcher, "def prepare(network, weights): raise KeyError('kind')")

        with pytest.raises(SandboxError, match="KeyError: 'kind'"):
            boxes.worker().predict(NETWORK, [], np.ones((4, 2), np.float32))


def test_a_file_and_images_never_meet_in_one_process(launcher: Launcher) -> None:
    source = f"""
seen = []
def read_weights(file, expected):
    open("left_behind", "w").write("a message")
    return {RIGHT}
def prepare(network, weights): return None
def predict(made, images):
    return np.full((len(images), 1), os.path.exists("left_behind"), np.float32)
"""
    boxes = TakenOver(launcher, source)
    worker = boxes.worker()

    worker.weights(b"", EXPECTED)
    got = worker.predict(NETWORK, [], np.ones((4, 2), np.float32))

    assert not got.any()
    assert [name for name, _ in boxes.asked] == ["neutral_weights", "neutral_network"]
