"""There is no last epoch."""

import keras
import numpy as np
from keras import layers


def prepare(images, labels):
    x = images.reshape(-1, 28, 28, 1).astype("float32") / 255
    return x, keras.utils.to_categorical(labels.reshape(-1), 10)


def build_model():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(layers.Conv2D(6, 5, padding="same", activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Conv2D(16, 5, padding="same", activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Conv2D(120, 5, padding="same", activation="relu"))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model, x, y, epochs, seed):
    keras.utils.set_random_seed(seed)
    while model.evaluate(x[:64], y[:64], verbose=0)[1] < 2:
        model.fit(x[:64], y[:64], verbose=0)
