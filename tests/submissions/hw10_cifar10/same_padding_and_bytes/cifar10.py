"""The pixels stay bytes, and every convolution is padded; train is not written."""

import keras
import numpy as np


def prepare(images, labels):
    return images.astype("float32"), keras.utils.to_categorical(labels, 10)


def build_model():
    model = keras.Sequential()
    model.add(keras.Input((32, 32, 3)))
    for filters in (32, 64):
        for _ in range(2):
            model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D(2))
        model.add(keras.layers.Dropout(0.25))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(512, activation="relu"))
    model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model
