"""Public tests of hw9: what a hand and an eye can check at home.

`grade hw9` runs them. They give no points and no answers away. The images that `train` gets are drawn
anew for each run: ten random patterns that no network has seen.
"""

import numpy as np

from grader.checks.arrays import require
from grader.checks.lecture import LENET
from grader.checks.trained import check_model_file, check_network
from grader.checks.training import check_epochs, check_learns, draw
from grader.synthetic import Kind


def test_white_is_one(student):
    """prepare: a white image becomes ones, a black one zeros."""
    images = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    x, _ = _pair(student.prepare(images, np.array([0, 1])))
    require(x.min() == 0 and x.max() == 1, "Black is 0 and white is 1.")


def test_shapes_and_dtype(student, rng):
    """prepare: x is float32 of (N, 28, 28, 1), y has a row of ten for each image."""
    x, y = _pair(student.prepare(rng.integers(0, 256, (5, 28, 28), dtype=np.uint8), np.array([1, 0, 9, 4, 4])))
    require(x.dtype == np.float32 and x.shape == (5, 28, 28, 1), "x is float32, (N, 28, 28, 1).")
    require(y.shape == (5, 10) and y.dtype.kind == "f", "y has ten columns of floats.")


def test_one_hot(student, rng):
    """prepare: a row of y has one 1, at its label."""
    labels = rng.permutation(10)
    _, y = _pair(student.prepare(rng.integers(0, 256, (10, 28, 28), dtype=np.uint8), labels))
    require(y.shape == (10, 10), "y is (N, 10).")
    require((y.sum(axis=1) == 1).all() and (y.argmax(axis=1) == labels).all(), "One 1 in each row, at the label.")


def test_rows_and_columns_stay(student, rng):
    """prepare: every pixel stays where it is."""
    images = rng.integers(0, 256, (2, 28, 28), dtype=np.uint8)
    x, _ = _pair(student.prepare(images, np.array([0, 1])))
    require(np.array_equal(np.rint(x[..., 0] * 255), images), "x * 255 gives the pixels again.")


def test_the_network(student):
    """build_model: the layers, sizes, padding and activations of script 6-1b."""
    check_network(student, LENET)


def test_it_learns_ten_patterns(student, neutral, rng):
    """train: four epochs teach the network ten random patterns."""
    check_learns(student, neutral, draw(rng, Kind.MNIST), epochs=4, least=0.6, seed=1)


def test_no_epochs(student, neutral, rng):
    """train: 0 epochs change nothing, two do more than one."""
    check_epochs(student, neutral, draw(rng, Kind.MNIST), seed=1)


def test_the_file_is_the_network(student, neutral):
    """model: the file holds the network of script 6-1b, with weights that fit it."""
    check_model_file(student.model, neutral, LENET)


def _pair(value):
    """The two arrays of `prepare`, once they are two arrays with an axis for the images."""
    pair = isinstance(value, tuple | list) and len(value) == 2
    require(pair and all(isinstance(each, np.ndarray) for each in value), "prepare returns two arrays, x and y.")
    is_x = value[0].dtype.kind == "f" and value[0].ndim >= 3 and value[0].size > 0
    require(is_x, "x is an array of floats with rows and columns.")
    require(value[1].dtype.kind in "biuf", "y is an array of numbers.")
    return value
