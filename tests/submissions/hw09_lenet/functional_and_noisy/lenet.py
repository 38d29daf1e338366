"""Functional, and a loop of its own."""

import keras
import numpy as np
from keras import layers


def prepare(images, labels):
    x = images.reshape(-1, 28, 28, 1).astype("float32") / 255
    return x, keras.utils.to_categorical(labels.reshape(-1), 10)


def build_model():
    print("building", flush=True)
    x = images = keras.Input((28, 28, 1), name="digits")
    for number, filters in enumerate((6, 16, 120)):
        x = layers.ReLU()(layers.Conv2D(filters, 5, padding="same", name=f"maps_{number}")(x))
        if number < 2:
            x = layers.MaxPooling2D(name=f"half_{number}")(x)
    x = layers.Dense(84, activation="relu")(layers.Flatten()(x))
    return keras.Model(images, layers.Dense(10, activation="softmax", name="digit")(x))


def train(model, x, y, epochs, seed):
    keras.utils.set_random_seed(seed)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=128, epochs=epochs, verbose=1)
    model.evaluate(x[:100], y[:100])
