"""Keras in a confined process: models are made and saved there, so that no test imports TensorFlow itself.

In: a launcher that has imported TensorFlow. Out: bytes of files, and what Keras itself predicts.
The source below is a submission like any other.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.records import Limits, Returned
from grader.sandbox import launch, wire
from grader.sandbox.boxes import Box

LIMITS = Limits(wall_s=120, cpu_s=120, import_s=60, memory_mb=4096, processes=64, output_kb=64, reply_mb=64)

OpenBox = Callable[[wire.Load, Limits], Box]

SOURCE = '''
import h5py, keras, numpy as np
from keras import layers as L

def lenet():
    return keras.Sequential([
        keras.Input((28, 28, 1)), L.Conv2D(6, 5, padding="same", activation="relu"), L.MaxPooling2D(2),
        L.Conv2D(16, 5, padding="same", activation="relu"), L.MaxPooling2D(2),
        L.Conv2D(120, 5, padding="same", activation="relu"), L.Flatten(), L.Dense(84, activation="relu"),
        L.Dense(10, activation="softmax")])

def dropout_cnn():
    return keras.Sequential([
        keras.Input((28, 28, 1)), L.Conv2D(32, 3, activation="relu"), L.Conv2D(64, 3, activation="relu"),
        L.MaxPooling2D(), L.Dropout(0.25), L.Flatten(), L.Dense(128, activation="relu"), L.Dropout(0.5),
        L.Dense(10, activation="softmax")])

def residual():
    """The shortcut is built before the path beside it, and Keras sorts it behind."""
    inputs = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = L.ReLU()(L.BatchNormalization()(x))
    shortcut = L.BatchNormalization()(L.Conv2D(6, 1, strides=2)(x))
    y = L.Conv2D(6, 3, strides=2, padding="same")(x)
    y = L.BatchNormalization(scale=False)(L.Conv2D(6, 3, padding="same")(L.ReLU()(y)))
    y = L.ReLU()(L.Add()([y, shortcut]))
    z = L.Conv2D(6, 3, padding="same")(L.Conv2D(6, 3, padding="same")(y))
    y = L.add([y, z])
    return keras.Model(inputs, L.Dense(5, activation="softmax")(L.GlobalAveragePooling2D()(y)))

def saved(name):
    """A network with every weight drawn, in each of the formats, and what it says of some images."""
    keras.utils.set_random_seed(1)
    model = globals()[name]()
    draw = np.random.default_rng(3)
    model.set_weights([np.abs(draw.normal(0, 0.2, each.shape)) if "variance" in each.path
                       else draw.normal(0, 0.2, each.shape) for each in model.weights])
    model.compile("adam", "categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    files = {}
    for ending in (".keras", ".h5", ".weights.h5"):
        (model.save_weights if "weights" in ending else model.save)("model" + ending)
        files[ending] = np.fromfile("model" + ending, np.uint8)
    from keras.src.legacy.saving import legacy_h5_format
    with h5py.File("old.h5", "w") as opened:
        legacy_h5_format.save_weights_to_hdf5_group(opened, model)
    files["old weights"] = np.fromfile("old.h5", np.uint8)
    images = np.random.default_rng(2).random((37, *model.input_shape[1:]), dtype=np.float32)
    return files, images, model(images, training=False).numpy()

def trained(source, images, labels, epochs):
    """The model that a solution trains, saved."""
    solution = {}
    exec(source, solution)
    keras.utils.set_random_seed(1)
    model = solution["build_model"]()
    solution["train"](model, *solution["prepare"](images, labels), epochs, 1)
    model.save("model.keras")
    return np.fromfile("model.keras", np.uint8)
'''


@contextlib.contextmanager
def launched() -> Iterator[launch.Launcher]:
    """A launcher with TensorFlow, ended afterwards."""
    launcher = launch.start(None, preload=["tensorflow"])
    try:
        yield launcher
    finally:
        launcher.close()


def ask(open_box: OpenBox, function: str, *args: Any, source: str = SOURCE, limits: Limits = LIMITS) -> Any:
    """Call one function of the source in a process of its own."""
    with contextlib.closing(open_box(wire.Load("models", "models.py", source, {}), limits)) as box:
        session = box.session(limits, seed=0)
        try:
            reply = session.call(function, args, {})
        finally:
            printed = session.close()
    assert isinstance(reply, Returned), (reply, printed, box.setbacks)
    return reply.value


def saved(open_box: OpenBox, name: str) -> tuple[dict[str, bytes], Any, Any]:
    """A network of the source in each format, some images, and what Keras says of them."""
    files, images, answers = ask(open_box, "saved", name)
    return {ending: data.tobytes() for ending, data in files.items()}, images, answers


def trained(open_box: OpenBox, source: str, images: Any, labels: Any, *, epochs: int) -> bytes:
    """The .keras file of the model that a solution's source trains."""
    data: np.ndarray[Any, Any] = ask(open_box, "trained", source, images, labels, epochs)
    return data.tobytes()


def shapes_of(expected: Sequence[dict[str, Any]]) -> list[tuple[int, ...]]:
    """The shapes that a file must hold, layer after layer."""
    return [tuple(shape) for layer in expected for shape in layer["shapes"]]
