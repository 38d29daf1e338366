"""Wrong solutions of hw9, each with one mistake and the hint that it proves.

Those of `prepare` are compared with the student's arrays. What `build_model` and `train` give is
not an array: there a mistake is recognised by what the saved files show, and the functions below
are run by the audit of the hidden tests.
"""

import keras
import numpy as np

from grader.checks.lecture import LENET
from grader.checks.misconceptions import load_beside, misconception
from grader.checks.mistakes import (
    TRAIN_HINTS,
    built_like,
    ignores_data,
    ignores_epochs,
    ignores_seed,
    moves_by_itself,
    moves_nothing,
    repeats_nothing,
    saved,
    saved_like,
    scaled_twice_in_training,
    strided,
    was_never_trained,
    with_input,
)
from grader.checks.networks import changed

reference = load_beside(__file__, "lenet.py")


# prepare


@misconception(
    "prepare", hint="Your pixels still run from 0 to 255. Scale them once, by 255, so that white is 1 and black is 0."
)
def does_not_scale(images, labels):
    x, y = reference.prepare(images, labels)
    return images.reshape(x.shape).astype(np.float32), y


@misconception(
    "prepare",
    hint="Your pixels are divided by 255 twice: the brightest is near 0.004. Once is enough, and nowhere "
    "else in the program.",
)
def scales_twice(images, labels):
    x, y = reference.prepare(images, labels)
    return x / np.float32(255), y


@misconception(
    "prepare",
    hint="You divide by 256, so white is not quite 1. The largest value of 8 bits is 255.",
)
def divides_by_256(images, labels):
    x, y = reference.prepare(images, labels)
    return images.reshape(x.shape).astype(np.float32) / 256, y


@misconception(
    "prepare",
    hint="You divide in whole numbers, so every pixel below 255 becomes 0. Turn the image into floats first.",
)
def divides_whole_numbers(images, labels):
    x, y = reference.prepare(images, labels)
    return (images // 255).reshape(x.shape).astype(np.float32), y


@misconception(
    "prepare",
    hint="You divide by the brightest pixel of the batch. A dark batch then gets brighter than it is: the scale "
    "is 255 for all.",
)
def divides_by_the_brightest(images, labels):
    x, y = reference.prepare(images, labels)
    return images.reshape(x.shape).astype(np.float32) / max(1, images.max()), y


@misconception(
    "prepare",
    hint="Your pixels run from -1 to 1. The lecture's script scales them to 0..1: divide by 255 and subtract nothing.",
)
def centres_the_pixels(images, labels):
    x, y = reference.prepare(images, labels)
    return x * 2 - 1, y


@misconception(
    "prepare", hint="Your images have dtype float64. The network computes in float32: convert before you divide."
)
def keeps_float64(images, labels):
    x, y = reference.prepare(images, labels)
    return images.reshape(x.shape) / 255, y


@misconception(
    "prepare",
    hint="Your images have no axis for the channel. A Conv2D layer takes (N, 28, 28, 1), also where there is only one.",
)
def leaves_out_the_channel(images, labels):
    x, y = reference.prepare(images, labels)
    return x[..., 0], y


@misconception(
    "prepare",
    hint="Your channel axis stands before the rows and columns. Keras has channels last: (N, 28, 28, 1).",
)
def puts_the_channel_first(images, labels):
    x, y = reference.prepare(images, labels)
    return x.reshape(-1, 1, 28, 28), y


@misconception(
    "prepare",
    hint="You flatten the images into rows of 784. A convolution needs rows and columns: (N, 28, 28, 1).",
)
def flattens_the_images(images, labels):
    x, y = reference.prepare(images, labels)
    return x.reshape(len(x), -1), y


@misconception(
    "prepare",
    hint="Your labels are still class indices. Categorical cross-entropy needs one-hot rows: a 1 at the class, else 0.",
)
def leaves_labels_as_they_are(images, labels):
    x, _ = reference.prepare(images, labels)
    return x, labels


@misconception(
    "prepare",
    hint="You make only as many columns as the largest label needs. There are ten classes, whichever a batch holds.",
)
def columns_up_to_the_largest(images, labels):
    x, y = reference.prepare(images, labels)
    return x, y[:, : labels.max() + 1]


@misconception(
    "prepare",
    hint="You make a column for each class that occurs. There are ten, in their fixed order, whichever a batch holds.",
)
def columns_for_what_occurs(images, labels):
    x, y = reference.prepare(images, labels)
    return x, y[:, np.unique(labels)]


@misconception(
    "prepare",
    hint="Your targets have shape (N, 1, 10) where the labels come in a column. Flatten the labels before you encode.",
)
def keeps_the_column(images, labels):
    x, y = reference.prepare(images, labels)
    return x, y if labels.ndim == 1 else y[:, np.newaxis]


# build_model


@misconception(
    "build_model",
    hint='The first convolution has no padding, where the script says padding="same": its maps are 24 by 24, not 28.',
    recognise=built_like(changed(LENET, "conv2d", at=0, padding="valid")),
)
def pads_nothing_at_first():
    return _lenet(paddings=("valid", "same", "same"))


@misconception(
    "build_model",
    hint='The second convolution has no padding, where the script says padding="same": its maps are 10 by 10, not 14.',
    recognise=built_like(changed(LENET, "conv2d", at=1, padding="valid")),
)
def pads_nothing_then():
    return _lenet(paddings=("same", "valid", "same"))


@misconception(
    "build_model",
    hint="The last layer has no softmax. Its ten numbers are then no probabilities, and the loss that compares "
    "them expects some.",
    recognise=built_like(changed(LENET, "dense", at=-1, activation="linear")),
)
def leaves_out_the_softmax():
    return _lenet(last="linear")


@misconception(
    "build_model",
    hint="The last layer has sigmoid where the script has softmax: ten answers that do not add up to 1.",
    recognise=built_like(changed(LENET, "dense", at=-1, activation="sigmoid")),
)
def ends_in_sigmoids():
    return _lenet(last="sigmoid")


@misconception(
    "build_model",
    hint="The hidden layers have tanh, as in LeNet's first paper. The lecture's script has ReLU in each of them.",
    recognise=built_like(changed(changed(LENET, "conv2d", activation="tanh"), "dense", at=0, activation="tanh")),
)
def uses_tanh():
    return _lenet(hidden="tanh")


@misconception(
    "build_model",
    hint="Your pooling layers take means, as LeNet's first paper did. The lecture's script takes maxima.",
    recognise=built_like(changed(LENET, "max_pooling2d", kind="average_pooling2d")),
)
def takes_means():
    return _lenet(pool="AveragePooling2D")


@misconception(
    "build_model",
    hint="Your filters are 3 by 3. LeNet-5 looks through windows of 5 by 5.",
    recognise=built_like(changed(LENET, "conv2d", size=(3, 3))),
)
def filters_of_3():
    return _lenet(size=3)


@misconception(
    "build_model",
    hint="Your images have three channels. Digits have one: the shape is (28, 28, 1).",
    recognise=built_like(with_input(LENET, (28, 28, 3))),
)
def colours():
    return _lenet(channels=3)


@misconception(
    "build_model",
    hint="A stride of 2 stands where a pooling layer belongs. It skips three of four windows; pooling keeps "
    "the strongest of the four.",
    recognise=built_like(strided(LENET)),
)
def strides_instead_of_pools():
    return _lenet(pool="")


# train


@misconception("train", hint=TRAIN_HINTS.nothing, recognise=moves_nothing)
def trains_nothing(model, x, y, epochs, seed):
    model.compile(optimizer="adam", loss="categorical_crossentropy")


@misconception("train", hint=TRAIN_HINTS.data, recognise=ignores_data)
def trains_on_its_own_images(model, x, y, epochs, seed):
    own = np.random.default_rng(0)
    images, labels = own.random((256, 28, 28, 1), np.float32), np.eye(10, dtype=np.float32)[own.integers(0, 10, 256)]
    return reference.train(model, images, labels, epochs, seed)


@misconception("train", hint=TRAIN_HINTS.epochs, recognise=ignores_epochs)
def always_ten_epochs(model, x, y, epochs, seed):
    return reference.train(model, x, y, 3 if epochs else 0, seed)


@misconception("train", hint=TRAIN_HINTS.by_itself, recognise=moves_by_itself)
def loads_weights(model, x, y, epochs, seed):
    shipped = np.random.default_rng(3)
    model.set_weights([shipped.normal(0, 0.05, each.shape) for each in model.get_weights()])
    return reference.train(model, x, y, epochs, seed)


@misconception("train", hint=TRAIN_HINTS.seed, recognise=ignores_seed)
def one_order_for_all_seeds(model, x, y, epochs, seed):
    return reference.train(model, x, y, epochs, 0)


@misconception("train", hint=TRAIN_HINTS.repeats, recognise=repeats_nothing)
def shuffles_as_it_comes(model, x, y, epochs, seed):
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model.fit(x, y, batch_size=128, epochs=epochs, verbose=0)


@misconception("train", hint=TRAIN_HINTS.scaled_twice, recognise=scaled_twice_in_training)
def scales_again(model, x, y, epochs, seed):
    return reference.train(model, x / 255, y, epochs, seed)


# model


@misconception(
    "model",
    hint="The saved model guesses: one digit in ten is right. It looks as if it was saved before it was trained.",
    recognise=was_never_trained,
)
def saved_before_it_was_trained():
    return saved(reference, epochs=0)


@misconception(
    "model",
    hint="The saved model has no softmax at its end, so it is not the network of script 6-1b. Add it and train anew.",
    recognise=saved_like(changed(LENET, "dense", at=-1, activation="linear")),
)
def saved_without_softmax():
    return saved(reference, epochs=0, build=leaves_out_the_softmax)


def _lenet(paddings=("same", "same", "same"), hidden="relu", last="softmax", pool="MaxPooling2D", size=5, channels=1):
    layers = keras.layers
    strides = 1 if pool else 2
    steps = [keras.Input((28, 28, channels))]
    for number, filters in enumerate((6, 16, 120)):
        stride = strides if number < 2 else 1
        steps.append(layers.Conv2D(filters, size, stride, padding=paddings[number], activation=hidden))
        if pool and number < 2:
            steps.append(getattr(layers, pool)(2))
    steps += [layers.Flatten(), layers.Dense(84, activation=hidden), layers.Dense(10, activation=last)]
    return keras.Sequential(steps)
