"""Half is dropped after the pooling, a quarter after the dense layer; a dark batch is made brighter."""

import keras
import numpy as np


def prepare(images, labels):
    x = images[..., None].astype(np.float32) / images.max()
    return x, np.eye(10)[labels.ravel()]


def build_model():
    model = keras.Sequential([keras.layers.InputLayer(shape=(28, 28, 1))])
    model.add(keras.layers.Conv2D(32, 3, activation="relu"))
    model.add(keras.layers.Conv2D(64, 3, activation="relu"))
    model.add(keras.layers.MaxPooling2D(2))
    model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dropout(0.25))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model
