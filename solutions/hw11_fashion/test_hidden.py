"""Hidden tests of hw11: arrays for `prepare`, the saved file for everything else.

Nothing that a submission says of itself is believed. A model leaves its worker as the bytes of a
saved file; the layers are read from it as data, and its weights are judged in another process. The
images of the training tests are drawn for this grading, so no shipped weights know them.
"""

import numpy as np

from grader.checks.arrays import check, require
from grader.checks.lecture import DROPOUT_CNN
from grader.checks.trained import check_accuracy, check_layers, check_network, network_of
from grader.checks.training import check_data, check_epochs, check_learns, check_seed, draw
from grader.plugin import builds_on, points
from grader.synthetic import Kind

IMAGES, EPOCHS, LEAST = 768, 4, 0.6  # the reference names 95 % of new images on its worst of 24 draws

# prepare: 20 points


@points(4, visibility="visible")
def test_pixels_from_0_to_1(student, rng):
    """Pixels come as 0 to 255 and leave as 0 to 1, float32."""
    check(_pairs(student.prepare), _images(rng, 3), np.array([1, 0, 2]), terms=1)


@points(4)
def test_an_axis_for_the_channel(student, rng):
    """Images get an axis for their one channel, as the last."""
    check(_pairs(student.prepare), _images(rng, 5), rng.integers(0, 10, 5), terms=1)


@points(4)
def test_one_hot_labels(student, rng):
    """Each label becomes a row of ten with a single 1."""
    check(_pairs(student.prepare), _images(rng, 10), rng.permutation(10), terms=1)


@points(2)
def test_classes_that_are_not_there(student, rng):
    """There are ten columns although not every class is there."""
    check(_pairs(student.prepare), _images(rng, 4), np.array([3, 3, 7, 1]), terms=1)


@points(2)
def test_labels_in_a_column(student, rng):
    """Labels of shape (N, 1) are as good as those of shape (N,)."""
    check(_pairs(student.prepare), _images(rng, 6), rng.integers(0, 10, (6, 1)), terms=1)


@points(2)
def test_labels_of_8_bits(student, rng):
    """Labels may be uint8, as the data sets have them."""
    check(_pairs(student.prepare), _images(rng, 6), rng.integers(0, 10, 6).astype(np.uint8), terms=1)


@points(2)
def test_dark_images(student, rng):
    """A dark image stays dark: the scale is 255, not what the image holds."""
    check(_pairs(student.prepare), _images(rng, 4) // 8, rng.integers(0, 10, 4), terms=1)


# build_model: 20 points


@points(4, question="build_model")
def test_images_in_ten_classes_out(student):
    """The network takes images of 28 by 28 by 1 and gives ten numbers."""
    network = network_of(student)
    require(network.input_shape == (28, 28, 1), "The network takes images of another shape than 28 by 28 by 1.")
    require(network.output_shape == (10,), "The network gives another shape than ten numbers for each image.")


@points(8, question="build_model")
def test_the_layers_in_order(student):
    """The layers are those of scripts 6-2b and 6-3b, in their order."""
    check_layers(student, DROPOUT_CNN)


@points(8, question="build_model")
@builds_on("test_the_layers_in_order")
def test_the_network_of_the_lecture(student):
    """Sizes, padding, activations and dropout are the scripts'."""
    check_network(student, DROPOUT_CNN)


# train: 24 points


@points(9, question="train")
def test_training_learns(student, neutral, rng):
    """Four epochs on images drawn for this grading teach the network to name new ones."""
    drawn = draw(rng, Kind.MNIST, images=IMAGES)
    check_learns(student, neutral, drawn, epochs=EPOCHS, least=LEAST, seed=_seed(rng))


@points(5, question="train")
def test_epochs_count(student, neutral, rng):
    """0 epochs leave the network as it was built, and two do more than one."""
    check_epochs(student, neutral, draw(rng, Kind.MNIST, images=IMAGES), seed=_seed(rng))


@points(5, question="train")
def test_the_seed_decides(student, neutral, rng):
    """The same seed gives the same model, another seed another."""
    check_seed(student, neutral, draw(rng, Kind.MNIST, images=IMAGES), seed=_seed(rng))


@points(5, question="train")
def test_the_data_decide(student, neutral, rng):
    """Other images give another model."""
    one, other = (draw(rng, Kind.MNIST, images=IMAGES) for _ in range(2))
    check_data(student, neutral, one, other, seed=_seed(rng))


# model_mnist and model_fashion: 18 points each


@points(18)
def test_accuracy_on_hidden_digits(student, neutral, images, rng):
    """The saved weights for MNIST, in the lecture's network, name hidden digits."""
    check_accuracy(student.model_mnist, neutral, DROPOUT_CNN, images("mnist"), rng)


@points(18)
def test_accuracy_on_hidden_clothes(student, neutral, images, rng):
    """The saved weights for Fashion-MNIST, in the lecture's network, name hidden clothes."""
    check_accuracy(student.model_fashion, neutral, DROPOUT_CNN, images("fashion_mnist"), rng)


def _images(rng, count):
    return rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)


def _seed(rng):
    return int(rng.integers(1, 1 << 20))


def _pairs(prepare):
    """The targets may have any float dtype: they are compared as float64."""
    return prepare.viewed(_with_wide_targets)


def _with_wide_targets(value):
    if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[1], np.ndarray):
        return value[0], value[1].astype(np.float64) if value[1].dtype.kind == "f" else value[1]
    return value
