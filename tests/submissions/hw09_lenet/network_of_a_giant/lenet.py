"""Maps of two thousand by two thousand."""

import keras
import numpy as np
from keras import layers


def prepare(images, labels):
    x = images.reshape(-1, 28, 28, 1).astype("float32") / 255
    return x, keras.utils.to_categorical(labels.reshape(-1), 10)


def build_model():
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.ZeroPadding2D(1000)])
    model.add(layers.Conv2D(8, 1, activation="relu"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10, activation="softmax"))
    return model


def train(model, x, y, epochs, seed):
    pass
