"""Right solutions of hw9 in other styles: each must have all points of its function."""

import keras
import numpy as np

from grader.checks.alternatives import alternative
from grader.checks.misconceptions import load_beside
from grader.checks.mistakes import saved_weights_only

reference = load_beside(__file__, "lenet.py")

# prepare


@alternative("prepare", title="to_categorical, and an axis by expand_dims")
def with_keras_itself(images, labels):
    x = np.expand_dims(images, -1).astype("float32") / 255.0
    return x, keras.utils.to_categorical(labels.ravel(), 10)


@alternative("prepare", title="rows of an identity matrix, a multiplication by 1/255, Fortran order")
def rows_of_an_identity(images, labels):
    x = np.asfortranarray(images[..., None] * np.float32(1 / 255))
    return x, np.eye(10)[labels.reshape(len(labels))]


@alternative("prepare", title="a loop over the images")
def image_by_image(images, labels):
    x = np.empty((len(images), 28, 28, 1), np.float32)
    y = np.zeros((len(images), 10))
    for n, (image, label) in enumerate(zip(images, labels, strict=True)):
        x[n, :, :, 0] = image / 255
        y[n, int(np.ravel(label)[0])] = 1.0
    return x, y


# build_model


@alternative("build_model", title="functional, compiled at once")
def functional():
    layers = keras.layers
    x = inputs = keras.Input((28, 28, 1))
    for filters, pooled in ((6, True), (16, True), (120, False)):
        x = layers.Conv2D(filters, (5, 5), strides=(1, 1), padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(pool_size=(2, 2))(x) if pooled else x
    x = layers.Dense(84, activation="relu")(layers.Flatten()(x))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x), name="lenet_5")
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(), metrics=["accuracy"])
    return model


@alternative("build_model", title="activations as layers of their own, input_shape as the script has it")
def activations_apart():
    layers = keras.layers
    model = keras.Sequential()
    model.add(keras.Input(shape=(28, 28, 1)))
    for filters, pooled in ((6, True), (16, True), (120, False)):
        model.add(layers.Conv2D(filters, 5, padding="same"))
        model.add(layers.ReLU())
        if pooled:
            model.add(layers.MaxPool2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(84))
    model.add(layers.Activation("relu"))
    model.add(layers.Dense(10))
    model.add(layers.Softmax())
    return model


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
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    falling = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    return model.fit(x, y, batch_size=64, epochs=epochs, validation_split=0.1, verbose=2, callbacks=[falling])


# model


@alternative("model", title="the old format, .h5")
def as_h5():
    return saved_weights_only(reference)
