"""Right solutions of hw11 in other styles: each must have all points of its function."""

import keras
import numpy as np

from grader.checks.alternatives import alternative
from grader.checks.misconceptions import load_beside
from grader.checks.mistakes import saved_weights_only

reference = load_beside(__file__, "fashion.py")

# prepare


@alternative("prepare", title="to_categorical, and a reshape as the scripts have it")
def with_keras_itself(images, labels):
    x = images.reshape(len(images), 28, 28, 1).astype("float32") / 255.0
    return x, keras.utils.to_categorical(labels, 10)


@alternative("prepare", title="rows of an identity matrix, a multiplication by 1/255, Fortran order")
def rows_of_an_identity(images, labels):
    x = np.asfortranarray(images[..., None] * np.float32(1 / 255))
    return x, np.eye(10)[labels.reshape(len(labels))]


@alternative("prepare", title="a table of the 256 scaled values, and a comparison with the ten classes")
def looked_up(images, labels):
    scaled = (np.arange(256) / 255).astype(np.float32)
    return np.expand_dims(scaled[images], -1), (labels.reshape(-1, 1) == np.arange(10)).astype(float)


# build_model


@alternative("build_model", title="functional, compiled at once")
def functional():
    layers = keras.layers
    x = inputs = keras.Input((28, 28, 1))
    for filters in (32, 64):
        x = layers.Conv2D(filters, (3, 3), strides=(1, 1), padding="valid", activation="relu")(x)
    x = layers.Dropout(rate=0.25)(layers.MaxPooling2D(pool_size=(2, 2))(x))
    x = layers.Dropout(rate=0.5)(layers.Dense(128, activation="relu")(layers.Flatten()(x)))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x), name="clothes")
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(), metrics=["accuracy"])
    return model


@alternative("build_model", title="activations as layers of their own, the input's shape in a layer of its own")
def activations_apart():
    layers = keras.layers
    steps = [layers.InputLayer(shape=(28, 28, 1))]
    for filters in (32, 64):
        steps += [layers.Conv2D(filters, 3), layers.ReLU()]
    steps += [layers.MaxPool2D(), layers.Dropout(0.25)]
    steps += [layers.Flatten(), layers.Dense(128), layers.Activation("relu"), layers.Dropout(0.5)]
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


# model_mnist and model_fashion


@alternative("model_mnist", title="the old format, .h5")
def digits_as_h5():
    return saved_weights_only(reference, question="model_mnist")


@alternative("model_fashion", title="the old format, .h5")
def clothes_as_h5():
    return saved_weights_only(reference, question="model_fashion")
