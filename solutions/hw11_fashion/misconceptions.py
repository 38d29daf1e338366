"""Wrong solutions of hw11, each with one mistake and the hint that it proves.

Those of `prepare` are compared with the student's arrays. What `build_model` and `train` give is
not an array: there a mistake is recognised by what the saved files show, and the functions below
are run by the audit of the hidden tests.
"""

import keras
import numpy as np

from grader.checks.lecture import DROPOUT_CNN, LENET
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

reference = load_beside(__file__, "fashion.py")

# Two networks that are no change of a setting.
POOL_AFTER_EACH = sequential(
    (28, 28, 1),
    *(conv(32, 3, activation="relu"), max_pool(), conv(64, 3, activation="relu"), max_pool(), dropout(0.25)),
    *(flatten(), dense(128, activation="relu"), dropout(0.5), dense(10, activation="softmax")),
)
SCALED_WITHIN = sequential((28, 28, 1), rescaling(1 / 255), *(layer.spec for layer in DROPOUT_CNN.layers))


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
    hint='Both convolutions have padding="same". The scripts have none, "valid": their maps are 26 and 24 pixels wide.',
    recognise=built_like(changed(DROPOUT_CNN, "conv2d", padding="same")),
)
def pads_everywhere():
    return _cnn(paddings=("same", "same"))


@misconception(
    "build_model",
    hint='The first convolution has padding="same". The scripts have none anywhere: its maps are 26 by 26, not 28.',
    recognise=built_like(changed(DROPOUT_CNN, "conv2d", at=0, padding="same")),
)
def pads_at_first():
    return _cnn(paddings=("same", "valid"))


@misconception(
    "build_model",
    hint="The last layer has no softmax. Its ten numbers are then no probabilities, and the loss that compares "
    "them expects some.",
    recognise=built_like(changed(DROPOUT_CNN, "dense", at=-1, activation="linear")),
)
def leaves_out_the_softmax():
    return _cnn(last="linear")


@misconception(
    "build_model",
    hint="The last layer has sigmoid where the scripts have softmax: ten answers that do not add up to 1.",
    recognise=built_like(changed(DROPOUT_CNN, "dense", at=-1, activation="sigmoid")),
)
def ends_in_sigmoids():
    return _cnn(last="sigmoid")


@misconception(
    "build_model",
    hint="The hidden layers have no activation. Without ReLU between them, layer after layer is one linear map.",
    recognise=built_like(
        changed(changed(DROPOUT_CNN, "conv2d", activation="linear"), "dense", at=0, activation="linear")
    ),
)
def forgets_the_activations():
    return _cnn(hidden="linear")


@misconception(
    "build_model",
    hint="There is no dropout. The scripts have it after the pooling, 0.25, and after the first dense layer, 0.5.",
    recognise=built_like(without(DROPOUT_CNN, "dropout")),
)
def leaves_out_the_dropout():
    return _cnn(rates=(0, 0))


@misconception(
    "build_model",
    hint="Your dropout after the pooling sets 0.75 of the nodes to 0. Keras's number is the share that is dropped, "
    "not the share that stays: 0.25.",
    recognise=built_like(changed(DROPOUT_CNN, "dropout", at=0, rate=0.75)),
)
def drops_what_should_stay():
    return _cnn(rates=(0.75, 0.5))


@misconception(
    "build_model",
    hint="Your dropout rates are exchanged: 0.25 belongs after the pooling, 0.5 after the dense layer.",
    recognise=built_like(changed(changed(DROPOUT_CNN, "dropout", at=0, rate=0.5), "dropout", at=-1, rate=0.25)),
)
def exchanges_the_rates():
    return _cnn(rates=(0.5, 0.25))


@misconception(
    "build_model",
    hint="Your dropout is 0.5 in both places. The one after the pooling drops a quarter.",
    recognise=built_like(changed(DROPOUT_CNN, "dropout", rate=0.5)),
)
def one_rate_for_both():
    return _cnn(rates=(0.5, 0.5))


@misconception(
    "build_model",
    hint="Your pooling layer takes means. The lecture's scripts take maxima.",
    recognise=built_like(changed(DROPOUT_CNN, "max_pooling2d", kind="average_pooling2d")),
)
def takes_means():
    return _cnn(pool="AveragePooling2D")


@misconception(
    "build_model",
    hint="Your filters are 5 by 5, as LeNet's. These scripts have 3 by 3, two in a row.",
    recognise=built_like(changed(DROPOUT_CNN, "conv2d", size=(5, 5))),
)
def filters_of_5():
    return _cnn(size=5)


@misconception(
    "build_model",
    hint="You pool after each convolution. The scripts have two convolutions in a row, and one pooling after both.",
    recognise=built_like(POOL_AFTER_EACH),
)
def pools_after_each():
    return _cnn(pooled=(True, True))


@misconception(
    "build_model",
    hint="This is the LeNet-5 of script 6-1b, the network of the assignment before last.",
    recognise=built_like(LENET),
)
def builds_lenet():
    layers = keras.layers
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, padding="same", activation="relu"))
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


@misconception(
    "build_model",
    hint="Your first dense layer has 512 nodes, as that of script 6-4. Here it has 128.",
    recognise=built_like(changed(DROPOUT_CNN, "dense", at=0, units=512)),
)
def dense_of_512():
    return _cnn(units=512)


@misconception(
    "build_model",
    hint="Your images have three channels. Digits and clothes have one: the shape is (28, 28, 1).",
    recognise=built_like(with_input(DROPOUT_CNN, (28, 28, 3))),
)
def colours():
    return _cnn(channels=3)


@misconception(
    "build_model",
    hint="A stride of 2 stands where a pooling layer belongs. It skips three of four windows; pooling keeps "
    "the strongest of the four.",
    recognise=built_like(strided(DROPOUT_CNN)),
)
def a_stride_instead_of_a_pool():
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
    images, labels = own.random((256, 28, 28, 1), np.float32), np.eye(10, dtype=np.float32)[own.integers(0, 10, 256)]
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


# model_mnist


@misconception(
    "model_mnist",
    hint="The saved model guesses: one digit in ten is right. It looks as if it was saved before it was trained.",
    recognise=was_never_trained,
)
def saved_before_training_on_digits():
    return saved(reference, epochs=0)


@misconception(
    "model_mnist",
    hint="The saved model has no softmax at its end, so it is not the network of script 6-2b. Add it and train anew.",
    recognise=saved_like(changed(DROPOUT_CNN, "dense", at=-1, activation="linear")),
)
def saved_without_softmax_for_digits():
    return saved(reference, epochs=0, build=leaves_out_the_softmax)


@misconception(
    "model_mnist",
    hint="The saved model lacks the dropout layers of script 6-2b. Add them and train anew.",
    recognise=saved_like(without(DROPOUT_CNN, "dropout")),
)
def saved_without_dropout_for_digits():
    return saved(reference, epochs=0, build=leaves_out_the_dropout)


@misconception(
    "model_mnist",
    hint="The saved model was trained on pixels from 0 to 255: those it names, but not those from 0 to 1. Train it "
    "on what `prepare` gives.",
    recognise=trained_unscaled,
)
def trained_on_bytes_of_digits():
    return saved_for_bytes(reference, question="model_mnist")


# model_fashion


@misconception(
    "model_fashion",
    hint="The saved model guesses: one garment in ten is right. It looks as if it was saved before it was trained.",
    recognise=was_never_trained,
)
def saved_before_training_on_clothes():
    return saved(reference, epochs=0)


@misconception(
    "model_fashion",
    hint="The saved model has no softmax at its end, so it is not the network of script 6-3b. Add it and train anew.",
    recognise=saved_like(changed(DROPOUT_CNN, "dense", at=-1, activation="linear")),
)
def saved_without_softmax_for_clothes():
    return saved(reference, epochs=0, build=leaves_out_the_softmax)


@misconception(
    "model_fashion",
    hint="The saved model lacks the dropout layers of script 6-3b. Add them and train anew.",
    recognise=saved_like(without(DROPOUT_CNN, "dropout")),
)
def saved_without_dropout_for_clothes():
    return saved(reference, epochs=0, build=leaves_out_the_dropout)


@misconception(
    "model_fashion",
    hint="The saved model was trained on pixels from 0 to 255: those it names, but not those from 0 to 1. Train it "
    "on what `prepare` gives.",
    recognise=trained_unscaled,
)
def trained_on_bytes_of_clothes():
    return saved_for_bytes(reference, question="model_fashion")


def _cnn(
    paddings=("valid", "valid"),
    hidden="relu",
    last="softmax",
    pool="MaxPooling2D",
    pooled=(False, True),
    size=3,
    channels=1,
    rates=(0.25, 0.5),
    units=128,
    first=(),
):
    layers = keras.layers
    model = keras.Sequential([keras.Input((28, 28, channels)), *first])
    for filters, padding, pools in zip((32, 64), paddings, pooled, strict=True):
        stride = 2 if pools and not pool else 1
        model.add(layers.Conv2D(filters, size, stride, padding=padding, activation=hidden))
        if pools and pool:
            model.add(getattr(layers, pool)(2))
    model.add(layers.Dropout(rates[0]))
    model.add(layers.Flatten())
    model.add(layers.Dense(units, activation=hidden))
    model.add(layers.Dropout(rates[1]))
    model.add(layers.Dense(10, activation=last))
    return model
