"""Generated images: the right kind, learnable, and different for every seed."""

import numpy as np
import pytest

from grader.synthetic import Generated, Kind, synthetic


def accuracy(train: Generated, test: Generated) -> float:
    """How often the nearest mean image of a class is the right one."""
    labels = train.y_train.reshape(-1)
    means = np.stack([train.x_train[labels == label].mean(axis=0).ravel() for label in range(10)])
    flat = test.x_test.reshape(len(test.x_test), -1).astype(np.float64)
    nearest = ((flat[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    return float((nearest == test.y_test.reshape(-1)).mean())


@pytest.mark.parametrize(("kind", "image", "label"), [(Kind.MNIST, (28, 28), ()), (Kind.CIFAR, (32, 32, 3), (1,))])
def test_shapes_are_those_of_the_real_sets(kind: Kind, image: tuple[int, ...], label: tuple[int, ...]) -> None:
    made = synthetic(kind, 7, train=50, test=20)

    assert (made.x_train.shape, made.y_train.shape) == ((50, *image), (50, *label))
    assert (made.x_test.shape, made.y_test.shape) == ((20, *image), (20, *label))
    assert {array.dtype for array in (made.x_train, made.y_train, made.x_test, made.y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(made.y_train.reshape(-1)).tolist() == [5] * 10
    assert (made.x_train.min(), made.x_train.max()) == (0, 255)


@pytest.mark.parametrize("kind", Kind)
def test_what_is_learnt_on_one_seed_is_worth_nothing_on_another(kind: Kind) -> None:
    """The simplest learner gets nine of ten right on its own draw, and guesses on another."""
    one, other = (synthetic(kind, seed, train=400, test=300) for seed in (1, 2))

    assert accuracy(one, one) > 0.9
    assert accuracy(one, other) < 0.35


def test_a_seed_gives_the_same_images_again() -> None:
    one, again, other = (synthetic(Kind.MNIST, seed, train=20, test=10) for seed in (3, 3, 4))

    assert np.array_equal(one.x_train, again.x_train)
    assert np.array_equal(one.y_test, again.y_test)
    assert not np.array_equal(one.x_train, other.x_train)


def test_the_labels_are_in_no_order() -> None:
    labels = synthetic(Kind.MNIST, 0, train=100, test=10).y_train

    assert not np.array_equal(labels, np.arange(100) % 10)


@pytest.mark.parametrize("sizes", [{"train": -1}, {"test": -1}])
def test_negative_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        synthetic(Kind.MNIST, 0, **sizes)
