"""What stands beside a submission that trains, in a real process with TensorFlow: seeds, progress, saved files."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from grader.checks.models import read_model
from grader.records import Epoch, Kept, Manner, Returned, StudentError
from grader.sandbox.boxes import Box, Session
from grader.sandbox.client import ForkedBox
from grader.sandbox.launch import Launcher
from tests.keras_process import LIMITS, launched, loaded
from tests.oracles.in_tensorflow import needs_tensorflow
from tests.sandbox.conftest import linux_only

pytestmark = [pytest.mark.slow, needs_tensorflow, linux_only]

SOURCE = """
import time

import keras

def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dropout(0.5),
                              keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=METRICS)
    return model

METRICS = ["accuracy"]

def train(model, x, y, epochs):
    return model.fit(x, y, epochs=epochs, batch_size=8, verbose=0)

def train_watched(model, x, y, epochs):
    seen = []
    mine = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[mine])
    return seen

def train_slowly(model, x, y, epochs):
    slow = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(0.3))
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0, callbacks=[slow])

def train_by_batches(model, x, y, epochs):
    for _ in range(epochs):
        model.train_on_batch(x, y)

def train_with_what_lies(model, x, y, epochs):
    class Lies(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs.update(loss=float("nan"), accuracy=1e308)
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[Lies()])

def weights(model):
    return model.get_weights()

def nothing():
    pass

def unbuilt():
    return keras.Sequential([keras.layers.Dense(2)])
"""
DRAW = np.random.default_rng(0)
X = DRAW.random((64, 4), dtype=np.float32)
Y = np.eye(2, dtype=np.float32)[(X.sum(axis=1) > 2).astype(int)]


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def box(launcher: Launcher) -> Iterator[Box]:
    with loaded(launcher.open, SOURCE) as opened:
        yield opened


class Talk:
    """One test's process."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[Epoch] = []

    def ask(self, function: str, *args: Any, manner: Manner = Manner.CALL) -> Any:
        reply = self.session.call(function, args, {}, manner=manner, progress=self.heard.append)
        assert isinstance(reply, Returned), reply
        return reply.value

    def begin(self, seed: int = 3) -> Kept:
        """As a test does: fixed seeds, then a model that stays there."""
        self.ask("begin", seed, manner=Manner.SUPPORT)
        model: Kept = self.ask("build", manner=Manner.KEEP)
        return model

    def train(self, function: str = "train", *, epochs: int = 3, seed: int = 3) -> list[Any]:
        model = self.begin(seed)
        self.ask(function, model, X, Y, epochs, manner=Manner.KEEP)
        weights: list[Any] = self.ask("weights", model)
        return weights


@pytest.fixture
def talk(box: Box) -> Iterator[Talk]:
    made = Talk(box.session(LIMITS, seed=1))
    yield made
    made.session.close()


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


class TestProgress:
    def test_every_epoch_is_told(self, talk: Talk) -> None:
        talk.train(epochs=3)

        whole = [each for each in talk.heard if each.done == int(each.done)]
        assert [each.done for each in whole] == [1, 2, 3]
        assert {each.epochs for each in talk.heard} == {3}
        assert all(0 < each.loss < 3 and 0 <= each.accuracy <= 1 for each in talk.heard)
        assert [each.done for each in talk.heard] == sorted(each.done for each in talk.heard)

    def test_callbacks_of_the_submission_s_own_are_called_too(self, talk: Talk) -> None:
        assert talk.ask("train_watched", talk.begin(), X, Y, 2) == [0, 1]
        assert [each.done for each in talk.heard if each.done == int(each.done)] == [1, 2]

    def test_a_slow_epoch_ends_once(self, talk: Talk) -> None:
        """Every batch is told, and the last one of an epoch with the epoch: a report's curve hangs on no clock."""
        talk.train("train_slowly", epochs=2)

        assert [each.done for each in talk.heard] == [0.5, 1, 1.5, 2]

    def test_a_training_without_fit_tells_nothing(self, talk: Talk) -> None:
        talk.train("train_by_batches")

        assert talk.heard == []

    def test_what_it_tells_may_be_a_lie_and_does_no_harm(self, talk: Talk) -> None:
        """And a training that ends in NaN is one of the honest ones."""
        talk.train("train_with_what_lies")

        assert [each.done for each in talk.heard if each.done == int(each.done)] == [1, 2, 3]
        assert all(each.loss == -1 or each.loss < 1e6 for each in talk.heard)


class TestSeeds:
    def test_the_same_seed_gives_the_same_bits_in_another_process(self, box: Box) -> None:
        """Whatever the process's own seed is."""
        trained = []
        for seed in (1, 99):
            talk = Talk(box.session(LIMITS, seed=seed))
            trained.append(talk.train())
            talk.session.close()

        assert same(*trained)

    def test_another_seed_gives_another_model(self, talk: Talk) -> None:
        one = talk.ask("weights", talk.begin(3))
        other = talk.ask("weights", talk.begin(4))

        assert not same(one, other)

    def test_global_generators_can_be_moved_between_building_and_training(self, talk: Talk) -> None:
        first = talk.train()
        model = talk.begin()
        talk.ask("reseed", 77, manner=Manner.SUPPORT)
        talk.ask("train", model, X, Y, 3, manner=Manner.KEEP)

        assert not same(first, talk.ask("weights", model))


class TestSaving:
    def test_a_saved_model_is_read_as_the_network_that_it_is(self, talk: Talk) -> None:
        data = talk.ask("save", talk.begin(), manner=Manner.SUPPORT)

        read = read_model(data.tobytes())
        assert [layer.kind for layer in read.network.layers] == ["dense", "dropout", "dense"]
        assert read.expected[0] == {"layer": "dense", "container": "dense", "shapes": [[4, 8], [8]]}

    def test_one_that_is_described_has_the_same_network(self, talk: Talk) -> None:
        model = talk.begin()
        saved, described = (talk.ask(each, model, manner=Manner.SUPPORT) for each in ("save", "describe"))

        assert read_model(described.tobytes()).network == read_model(saved.tobytes()).network

    @pytest.mark.parametrize("how", ["save", "describe"])
    def test_what_is_no_model_has_no_file(self, talk: Talk, how: str) -> None:
        assert talk.ask(how, talk.ask("nothing", manner=Manner.KEEP), manner=Manner.SUPPORT) is None

    def test_saving_leaves_nothing_behind(self, talk: Talk) -> None:
        """The scratch folder is small."""
        model = talk.begin()

        assert len({talk.ask("save", model, manner=Manner.SUPPORT).size for _ in range(3)}) == 1


def test_ops_at_import_leave_threads_and_every_test_still_trains(launcher: Launcher) -> None:
    """A fork of a process with TensorFlow's threads would wait for them for ever."""
    demo = f"{SOURCE}\nfrom numpy import eye, ones\ntrain(build(), ones((8, 4), 'float32'), eye(2)[[0, 1] * 4], 1)\n"
    with loaded(launcher.open, demo) as box:
        assert isinstance(box, ForkedBox)
        assert "threads" in box.shares
        talks = [Talk(box.session(LIMITS, seed=1)) for _ in range(2)]
        first, other = (each.train(epochs=1) for each in talks)
        for each in talks:
            each.session.close()

    assert same(first, other)


def test_an_exception_in_a_training_is_the_submission_s(talk: Talk) -> None:
    reply = talk.session.call("train", [talk.begin(), X[:, :2], Y, 1], {}, manner=Manner.KEEP)

    assert isinstance(reply, StudentError)
    assert reply.is_a("ValueError")
