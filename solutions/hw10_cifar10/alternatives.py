"""Right solutions of hw10 in other styles: each must have all points of its function."""

import keras
import numpy as np

from grader.checks.alternatives import alternative
from grader.checks.misconceptions import load_beside
from grader.checks.mistakes import saved_weights_only

reference = load_beside(__file__, "cifar10.py")

# prepare


@alternative("prepare", title="to_categorical, as the script has it")
def with_keras_itself(images, labels):
    return images.astype("float32") / 255.0, keras.utils.to_categorical(labels, 10)


@alternative("prepare", title="rows of an identity matrix, a multiplication by 1/255, Fortran order")
def rows_of_an_identity(images, labels):
    return np.asfortranarray(images * np.float32(1 / 255)), np.eye(10)[labels.reshape(len(labels))]


@alternative("prepare", title="colour by colour, and a comparison with the ten classes")
def colour_by_colour(images, labels):
    x = np.stack([np.divide(images[..., colour], 255, dtype=np.float32) for colour in range(3)], axis=-1)
    return x, (labels.reshape(-1, 1) == np.arange(10)).astype(float)


# build_model


@alternative("build_model", title="functional, compiled at once")
def functional():
    layers = keras.layers
    x = inputs = keras.Input((32, 32, 3))
    for filters in (32, 64):
        for _ in range(2):
            x = layers.Conv2D(filters, (3, 3), strides=(1, 1), padding="valid", activation="relu")(x)
        x = layers.Dropout(rate=0.25)(layers.MaxPooling2D(pool_size=(2, 2))(x))
    x = layers.Dropout(rate=0.5)(layers.Dense(512, activation="relu")(layers.Flatten()(x)))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x), name="cifar")
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(), metrics=["accuracy"])
    return model


@alternative("build_model", title="activations as layers of their own, the input's shape in a layer of its own")
def activations_apart():
    layers = keras.layers
    steps = [keras.layers.InputLayer(shape=(32, 32, 3))]
    for filters in (32, 32, 64, 64):
        steps += [layers.Conv2D(filters, 3), layers.ReLU()]
        if len(steps) in (5, 11):
            steps += [layers.MaxPool2D(), layers.Dropout(0.25)]
    steps += [layers.Flatten(), layers.Dense(512), layers.Activation("relu"), layers.Dropout(0.5)]
    return keras.Sequential([*steps, layers.Dense(10), layers.Softmax()])


# train


@alternative("train", title="an order of its own for every epoch, batch by batch")
def batch_by_batch(model, x, y, epochs, seed):
    order = np.random.default_rng(seed)
    model.compile(optimizer=keras.optimizers.Adam(), loss=keras.losses.CategoricalCrossentropy())
    for _ in range(epochs):
        shuffled = order.permutation(len(x))
        for first in range(0, len(x), 128):
            batch = shuffled[first : first + 128]
            model.train_on_batch(x[batch], y[batch])


@alternative("train", title="smaller batches, a validation split, a learning rate that falls")
def with_callbacks(model, x, y, epochs, seed):
    keras.utils.set_random_seed(seed)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    falling = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    return model.fit(x, y, batch_size=64, epochs=epochs, validation_split=0.1, verbose=2, callbacks=[falling])


# model


@alternative("model", title="the old format, .h5, as script 6-4 saves it")
def as_h5():
    return saved_weights_only(reference)
