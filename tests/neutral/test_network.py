"""The neutral worker predicts what Keras predicts: from plain data and arrays, bit for bit the same twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checks.lecture import CIFAR_CNN, DROPOUT_CNN, LENET
from grader.checks.models import expected_weights, read_model
from grader.checks.networks import Network, as_plain, conv, dense, flatten, sequential
from grader.errors import SandboxError
from grader.neutral.client import Floats, NeutralWorker
from grader.sandbox import launch
from tests.oracles.in_tensorflow import answer, needs_tensorflow

pytestmark = [pytest.mark.slow, needs_tensorflow]

NAMES = ("lenet", "dropout", "cifar", "residual", "kinds", "functions")
LECTURE = {"lenet": LENET, "dropout": DROPOUT_CNN, "cifar": CIFAR_CNN}

_BUILD = """
import logging
import keras
logging.disable()  # Keras warns of .h5
L = keras.layers

def chain(shape, *layers):
    return keras.Sequential([keras.Input(shape), *layers])

def conv(filters, size, **more):
    return L.Conv2D(filters, size, activation="relu", **more)

def lenet():
    return chain((28, 28, 1), conv(6, 5, padding="same"), L.MaxPooling2D(), conv(16, 5, padding="same"),
        L.MaxPooling2D(), conv(120, 5, padding="same"), L.Flatten(), L.Dense(84, "relu"), L.Dense(10, "softmax"))

def dropout():
    return chain((28, 28, 1), conv(32, 3), conv(64, 3), L.MaxPooling2D(), L.Dropout(0.25), L.Flatten(),
        L.Dense(128, "relu"), L.Dropout(0.5), L.Dense(10, "softmax"))

def cifar():
    return chain((32, 32, 3), conv(32, 3), conv(32, 3), L.MaxPooling2D(), L.Dropout(0.25), conv(64, 3), conv(64, 3),
        L.MaxPooling2D(), L.Dropout(0.25), L.Flatten(), L.Dense(512, "relu"), L.Dropout(0.5), L.Dense(10, "softmax"))

def residual():
    # The projection is made first and stands last: Keras sorts a graph's layers by their depth.
    inputs = keras.Input((12, 16, 3))
    x = L.BatchNormalization()(L.Conv2D(8, 3, strides=(2, 1), padding="same", use_bias=False)(inputs))
    for filters in (8, 12):
        shortcut = L.Conv2D(filters, 1)(x)
        y = L.Activation("relu")(L.BatchNormalization(scale=False)(L.Conv2D(filters, 3, padding="same")(x)))
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same")(L.Conv2D(filters, 1)(y)))
        x = L.ReLU()(L.Add()([y, shortcut]))
    return keras.Model(inputs, L.Dense(10, "softmax")(L.GlobalAveragePooling2D()(x)))

def kinds():
    return chain((11, 9, 4), L.Rescaling(1 / 255, 0.5), L.ZeroPadding2D(((1, 0), (2, 3))),
        L.DepthwiseConv2D(3, depth_multiplier=2, activation="elu"), L.SeparableConv2D(6, (3, 2), padding="same"),
        L.BatchNormalization(epsilon=0.01, center=False), L.AveragePooling2D((2, 3), strides=1),
        L.Conv2D(6, 2, dilation_rate=2, groups=3), L.GlobalMaxPooling2D(), L.Reshape((2, 3)), L.Reshape((-1,)),
        L.Dense(3, use_bias=False))

def functions():
    names = ["relu6", "elu", "selu", "gelu", "softplus", "softsign", "silu", "exponential", "hard_sigmoid",
        "leaky_relu", "log_softmax", "mish", "sigmoid", "tanh", "linear"]
    return chain((3, 3, 2), L.Flatten(), *(L.Dense(8, name) for name in names), L.Dense(3, "softmax"))

rng = np.random.default_rng(5)
for name in NAMES:
    keras.utils.set_random_seed(3)
    model = globals()[name]()
    model.compile("adam", "mse")
    x = rng.random((40, *model.input_shape[1:]), np.float32)
    model.optimizer.build(model.trainable_variables)
    for weight in model.weights:
        if weight.path.endswith(("moving_mean", "moving_variance", "gamma", "beta")):
            weight.assign(rng.uniform(0.5, 1.5, size=weight.shape))
    model.save(f"{FOLDER}/{name}.keras")
    model.save(f"{FOLDER}/{name}.h5")
    model.save_weights(f"{FOLDER}/{name}.weights.h5")
    answers[f"{name} images"], answers[f"{name} predicted"] = x, model(x, training=False).numpy()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    folder: Path
    arrays: dict[str, Any]

    def bytes_of(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    folder = tmp_path_factory.mktemp("models")
    script = f"FOLDER, NAMES = {str(folder)!r}, {NAMES!r}\n{_BUILD}"
    return Saved(folder=folder, arrays=answer(script, {}, folder))


@pytest.fixture(scope="module")
def neutral() -> Iterator[NeutralWorker]:
    launcher = launch.start(None, preload=("tensorflow",))
    yield NeutralWorker(launcher.open)
    launcher.close()


def random_weights(network: Network) -> list[Floats]:
    rng = np.random.default_rng(1)
    return [rng.normal(scale=0.1, size=shape).astype(np.float32) for shape in network.weight_shapes]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_network_predicts_as_keras_does(saved: Saved, neutral: NeutralWorker, name: str) -> None:
    model = read_model(saved.bytes_of(f"{name}.keras"))

    weights = neutral.weights(model.weights, model.expected)
    got = neutral.predict(as_plain(model.network), weights, saved.arrays[f"{name} images"])

    assert got.dtype == np.float32
    np.testing.assert_allclose(got, saved.arrays[f"{name} predicted"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
@pytest.mark.parametrize("name", LECTURE)
def test_weights_are_put_into_the_lecture_s_network(
    saved: Saved, neutral: NeutralWorker, name: str, ending: str
) -> None:
    network, file = LECTURE[name], saved.bytes_of(f"{name}.{ending}")
    if ending == "keras":
        model = read_model(file)
        weights = neutral.weights(model.weights, model.expected_for(network))
    else:
        weights = neutral.weights(file, expected_weights(network))

    got = neutral.predict(as_plain(network), weights, saved.arrays[f"{name} images"])

    np.testing.assert_allclose(got, saved.arrays[f"{name} predicted"], rtol=1e-4, atol=1e-5)


def test_the_same_images_give_the_same_bits(neutral: NeutralWorker) -> None:
    """In any number, and in another process."""
    weights = random_weights(LENET)
    images = np.random.default_rng(2).random((3001, 28, 28, 1), np.float32)

    once, again = (neutral.predict(as_plain(LENET), weights, images) for _ in range(2))
    few = neutral.predict(as_plain(LENET), weights, images[:7])

    assert once.tobytes() == again.tobytes()
    assert once[:7].tobytes() == few.tobytes()
    assert once.shape == (3001, 10)


def test_weights_that_are_too_large_have_no_answer(neutral: NeutralWorker) -> None:
    network = sequential((4, 4, 1), conv(2, 3), flatten(), dense(3), dense(2, activation="softmax"))
    weights = [np.full(shape, 1e30, np.float32) for shape in network.weight_shapes]

    assert np.isnan(neutral.predict(as_plain(network), weights, np.ones((2, 4, 4, 1), np.float32))).all()


def test_weights_that_do_not_fit_are_our_fault(neutral: NeutralWorker) -> None:
    network = sequential((4,), dense(3))

    for weights in ([np.ones((4, 3), np.float32)], [np.ones((4, 3), np.float32)] * 3):
        with pytest.raises(SandboxError, match="ValueError"):
            neutral.predict(as_plain(network), weights, np.ones((2, 4), np.float32))
