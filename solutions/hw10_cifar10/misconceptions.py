"""Wrong solutions of hw10, each with one mistake and the hint that it proves.

Those of `prepare` are compared with the student's arrays. What `build_model` and `train` give is
not an array: there a mistake is recognised by what the saved files show, and the functions below
are run by the audit of the hidden tests.
"""

import keras
import numpy as np

from grader.checks.lecture import CIFAR_CNN
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
    saved_for_bytes,
    saved_like,
    scaled_twice_in_training,
    strided,
    trained_unscaled,
    was_never_trained,
    with_input,
    without,
)
from grader.checks.networks import changed, conv, dense, dropout, flatten, max_pool, rescaling, sequential

reference = load_beside(__file__, "cifar10.py")

# Two networks that are no change of a setting.
ONE_CONVOLUTION_EACH = sequential(
    (32, 32, 3),
    *(conv(32, 3, activation="relu"), max_pool(), dropout(0.25)),
    *(conv(64, 3, activation="relu"), max_pool(), dropout(0.25)),
    *(flatten(), dense(512, activation="relu"), dropout(0.5), dense(10, activation="softmax")),
)
SCALED_WITHIN = sequential((32, 32, 3), rescaling(1 / 255), *(layer.spec for layer in CIFAR_CNN.layers))


# prepare


@misconception(
    "prepare", hint="Your pixels still run from 0 to 255. Scale them once, by 255, so that white is 1 and black is 0."
)
def does_not_scale(images, labels):
    _, y = reference.prepare(images, labels)
    return images.astype(np.float32), y


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
    _, y = reference.prepare(images, labels)
    return images.astype(np.float32) / 256, y


@misconception(
    "prepare",
    hint="You divide in whole numbers, so every pixel below 255 becomes 0. Turn the image into floats first.",
)
def divides_whole_numbers(images, labels):
    _, y = reference.prepare(images, labels)
    return (images // 255).astype(np.float32), y


@misconception(
    "prepare",
    hint="You divide by the brightest pixel of the batch. A dark batch then gets brighter than it is: the scale "
    "is 255 for all.",
)
def divides_by_the_brightest(images, labels):
    _, y = reference.prepare(images, labels)
    return images.astype(np.float32) / max(1, images.max()), y


@misconception(
    "prepare",
    hint="Your pixels run from -1 to 1. The lecture's script scales them to 0..1: divide by 255 and subtract nothing.",
)
def centres_the_pixels(images, labels):
    x, y = reference.prepare(images, labels)
    return x * 2 - 1, y


@misconception(
    "prepare",
    hint="You subtract the mean of each colour. The lecture's script only divides by 255: black is 0, and no pixel "
    "is below it.",
)
def subtracts_the_mean(images, labels):
    x, y = reference.prepare(images, labels)
    return x - x.mean(axis=(0, 1, 2)), y


@misconception(
    "prepare", hint="Your images have dtype float64. The network computes in float32: convert before you divide."
)
def keeps_float64(images, labels):
    _, y = reference.prepare(images, labels)
    return images / 255, y


@misconception(
    "prepare",
    hint="Your images are grey: you average over the three colours. The network takes all three, (N, 32, 32, 3).",
)
def takes_the_colours_away(images, labels):
    x, y = reference.prepare(images, labels)
    return x.mean(axis=-1, keepdims=True), y


@misconception(
    "prepare",
    hint="Your colours stand before the rows and columns. Keras has channels last: (N, 32, 32, 3).",
)
def puts_the_colours_first(images, labels):
    x, y = reference.prepare(images, labels)
    return x.transpose(0, 3, 1, 2), y


@misconception(
    "prepare",
    hint="Your colours are in the order blue, green, red. CIFAR-10 has red first: leave the last axis as it is.",
)
def turns_the_colours_round(images, labels):
    x, y = reference.prepare(images, labels)
    return x[..., ::-1], y


@misconception(
    "prepare",
    hint="You take the pixels for colour planes, one behind the other. The images are (N, 32, 32, 3) already: each "
    "pixel's three colours lie side by side.",
)
def reads_planes(images, labels):
    x, y = reference.prepare(images, labels)
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y


@misconception(
    "prepare",
    hint="Your images lie on their side: rows and columns are exchanged.",
)
def exchanges_rows_and_columns(images, labels):
    x, y = reference.prepare(images, labels)
    return x.transpose(0, 2, 1, 3), y


@misconception(
    "prepare",
    hint="You flatten the images into rows of 3072. A convolution needs rows and columns: (N, 32, 32, 3).",
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
    hint='All convolutions have padding="same". The script has none, "valid": its maps are 30 and 28 pixels wide, '
    "then 12 and 10.",
    recognise=built_like(changed(CIFAR_CNN, "conv2d", padding="same")),
)
def pads_everywhere():
    return _cnn(paddings=("same", "same"))


@misconception(
    "build_model",
    hint='The first convolution of each pair has padding="same", as in other scripts for CIFAR-10. The lecture\'s '
    "has no padding anywhere.",
    recognise=built_like(changed(changed(CIFAR_CNN, "conv2d", at=0, padding="same"), "conv2d", at=2, padding="same")),
)
def pads_the_first_of_each_pair():
    return _cnn(paddings=("same", "valid"))


@misconception(
    "build_model",
    hint="The last layer has no softmax. Its ten numbers are then no probabilities, and the loss that compares "
    "them expects some.",
    recognise=built_like(changed(CIFAR_CNN, "dense", at=-1, activation="linear")),
)
def leaves_out_the_softmax():
    return _cnn(last="linear")


@misconception(
    "build_model",
    hint="The last layer has sigmoid where the script has softmax: ten answers that do not add up to 1.",
    recognise=built_like(changed(CIFAR_CNN, "dense", at=-1, activation="sigmoid")),
)
def ends_in_sigmoids():
    return _cnn(last="sigmoid")


@misconception(
    "build_model",
    hint="The hidden layers have no activation. Without ReLU between them, layer after layer is one linear map.",
    recognise=built_like(
        changed(changed(CIFAR_CNN, "conv2d", activation="linear"), "dense", at=0, activation="linear")
    ),
)
def forgets_the_activations():
    return _cnn(hidden="linear")


@misconception(
    "build_model",
    hint="There is no dropout. The script has it after each pooling, 0.25, and after the first dense layer, 0.5.",
    recognise=built_like(without(CIFAR_CNN, "dropout")),
)
def leaves_out_the_dropout():
    return _cnn(rates=(0, 0))


@misconception(
    "build_model",
    hint="Your dropout after the poolings sets 0.75 of the nodes to 0. Keras's number is the share that is dropped, "
    "not the share that stays: 0.25.",
    recognise=built_like(
        changed(changed(CIFAR_CNN, "dropout", at=0, rate=0.75), "dropout", at=1, rate=0.75),
    ),
)
def drops_what_should_stay():
    return _cnn(rates=(0.75, 0.5))


@misconception(
    "build_model",
    hint="Your dropout rates are exchanged: 0.25 belongs after the poolings, 0.5 after the dense layer.",
    recognise=built_like(changed(changed(CIFAR_CNN, "dropout", rate=0.5), "dropout", at=-1, rate=0.25)),
)
def exchanges_the_rates():
    return _cnn(rates=(0.5, 0.25))


@misconception(
    "build_model",
    hint="Your dropout is 0.25 everywhere. The one after the dense layer of 512 drops a half.",
    recognise=built_like(changed(CIFAR_CNN, "dropout", rate=0.25)),
)
def one_rate_for_all():
    return _cnn(rates=(0.25, 0.25))


@misconception(
    "build_model",
    hint="Your pooling layers take means. The lecture's script takes maxima.",
    recognise=built_like(changed(CIFAR_CNN, "max_pooling2d", kind="average_pooling2d")),
)
def takes_means():
    return _cnn(pool="AveragePooling2D")


@misconception(
    "build_model",
    hint="Your filters are 5 by 5, as LeNet's. This script has 3 by 3, two in a row.",
    recognise=built_like(changed(CIFAR_CNN, "conv2d", size=(5, 5))),
)
def filters_of_5():
    return _cnn(size=5)


@misconception(
    "build_model",
    hint="You have one convolution before each pooling. The script has two of the same size in a row.",
    recognise=built_like(ONE_CONVOLUTION_EACH),
)
def one_convolution_each():
    return _cnn(paddings=("valid",))


@misconception(
    "build_model",
    hint="Your first dense layer has 128 nodes, as that of script 6-2b. Here it has 512.",
    recognise=built_like(changed(CIFAR_CNN, "dense", at=0, units=128)),
)
def dense_of_128():
    return _cnn(units=128)


@misconception(
    "build_model",
    hint="Your images have one channel. These have three colours: the shape is (32, 32, 3).",
    recognise=built_like(with_input(CIFAR_CNN, (32, 32, 1))),
)
def grey_images():
    return _cnn(channels=1)


@misconception(
    "build_model",
    hint="A stride of 2 stands where a pooling layer belongs. It skips three of four windows; pooling keeps "
    "the strongest of the four.",
    recognise=built_like(strided(CIFAR_CNN)),
)
def strides_instead_of_pools():
    return _cnn(pool="")


@misconception(
    "build_model",
    hint="Your network begins with a layer that divides by 255. `prepare` has done that: pixels are scaled twice.",
    recognise=built_like(SCALED_WITHIN),
)
def scales_in_a_layer():
    return _cnn(first=(keras.layers.Rescaling(1 / 255),))


# train


@misconception("train", hint=TRAIN_HINTS.nothing, recognise=moves_nothing)
def trains_nothing(model, x, y, epochs, seed):
    model.compile(optimizer="adam", loss="categorical_crossentropy")


@misconception("train", hint=TRAIN_HINTS.data, recognise=ignores_data)
def trains_on_its_own_images(model, x, y, epochs, seed):
    own = np.random.default_rng(0)
    images, labels = own.random((256, 32, 32, 3), np.float32), np.eye(10, dtype=np.float32)[own.integers(0, 10, 256)]
    return reference.train(model, images, labels, epochs, seed)


@misconception("train", hint=TRAIN_HINTS.epochs, recognise=ignores_epochs)
def always_two_epochs(model, x, y, epochs, seed):
    return reference.train(model, x, y, 2 if epochs else 0, seed)


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
    hint="The saved model guesses: one image in ten is right. It looks as if it was saved before it was trained.",
    recognise=was_never_trained,
)
def saved_before_it_was_trained():
    return saved(reference, epochs=0)


@misconception(
    "model",
    hint="The saved model has no softmax at its end, so it is not the network of script 6-4. Add it and train anew.",
    recognise=saved_like(changed(CIFAR_CNN, "dense", at=-1, activation="linear")),
)
def saved_without_softmax():
    return saved(reference, epochs=0, build=leaves_out_the_softmax)


@misconception(
    "model",
    hint="The saved model lacks the dropout layers of script 6-4. Add them and train anew.",
    recognise=saved_like(without(CIFAR_CNN, "dropout")),
)
def saved_without_dropout():
    return saved(reference, epochs=0, build=leaves_out_the_dropout)


@misconception(
    "model",
    hint="The saved model was trained on pixels from 0 to 255: those it names, but not those from 0 to 1. Train it "
    "on what `prepare` gives.",
    recognise=trained_unscaled,
)
def trained_on_bytes():
    return saved_for_bytes(reference)


def _cnn(
    paddings=("valid", "valid"),
    hidden="relu",
    last="softmax",
    pool="MaxPooling2D",
    size=3,
    channels=3,
    rates=(0.25, 0.5),
    units=512,
    first=(),
):
    layers = keras.layers
    model = keras.Sequential([keras.Input((32, 32, channels)), *first])
    for filters in (32, 64):
        for place, padding in enumerate(paddings, 1):
            stride = 2 if not pool and place == len(paddings) else 1
            model.add(layers.Conv2D(filters, size, stride, padding=padding, activation=hidden))
        if pool:
            model.add(getattr(layers, pool)(2))
        model.add(layers.Dropout(rates[0]))
    model.add(layers.Flatten())
    model.add(layers.Dense(units, activation=hidden))
    model.add(layers.Dropout(rates[1]))
    model.add(layers.Dense(10, activation=last))
    return model
