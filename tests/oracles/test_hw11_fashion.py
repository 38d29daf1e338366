"""The reference of hw11 against Keras itself and the lecture's figures."""

from pathlib import Path

import numpy as np
import pytest

from grader.checks.lecture import DROPOUT_CNN
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

REFERENCE = load_course_module(Path(__file__).parents[2] / "solutions" / "hw11_fashion" / "fashion.py")
SEEDS = pytest.mark.parametrize("seed", range(10))

# The lecture's table: maps after each layer, and what the layers with weights learn.
WIDTHS = [26, 24, 12, 12]
COUNTS = [320, 18496, 1179776, 1290]

# As script 6-3b prepares its data, with a rescaling that Keras does as a layer.
SCRIPT = """
import keras
answers["x"] = keras.layers.Rescaling(1 / 255)(given["images"].reshape(-1, 28, 28, 1).astype("float32")).numpy()
answers["y"] = keras.utils.to_categorical(given["labels"], 10)
"""


@needs_tensorflow
def test_prepared_images_and_labels_are_those_of_keras(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (20, 28, 28), dtype=np.uint8), rng.integers(0, 10, 20)
    answers = answer(SCRIPT, {"images": images, "labels": labels}, tmp_path)

    x, y = REFERENCE.prepare(images, labels)

    np.testing.assert_allclose(x, answers["x"], rtol=1e-6)
    np.testing.assert_array_equal(y, answers["y"])


@SEEDS
def test_a_pixel_and_a_label_stay_where_they_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images, labels = rng.integers(0, 256, (4, 28, 28), dtype=np.uint8), rng.integers(0, 10, 4)

    x, y = REFERENCE.prepare(images, labels)

    at = tuple(int(rng.integers(side)) for side in images.shape)
    assert x[(*at, 0)] == np.float32(images[at]) / np.float32(255)
    assert [row.tolist().index(1.0) for row in y] == labels.tolist()


def test_the_network_has_the_lecture_s_maps_and_parameters() -> None:
    maps = [layer.output_shape[0] for layer in DROPOUT_CNN.layers if len(layer.output_shape) == 3]
    sizes = [[int(np.prod(shape)) for shape in layer.weights.values()] for layer in DROPOUT_CNN.layers]

    assert maps == WIDTHS
    assert [sum(each) for each in sizes if each] == COUNTS
    assert sum(COUNTS) == 1_199_882


@needs_tensorflow
def test_keras_counts_the_reference_s_parameters_as_the_lecture_does(tmp_path: Path) -> None:
    source = (Path(__file__).parents[2] / "solutions" / "hw11_fashion" / "fashion.py").read_text(encoding="utf-8")
    script = f"names = {{}}\nexec({source!r}, names)\nlayers = names['build_model']().layers\n"
    script += "answers['counts'] = np.array([layer.count_params() for layer in layers if layer.weights])\n"

    assert answer(script, {"nothing": np.zeros(1)}, tmp_path)["counts"].tolist() == COUNTS
