"""The lecture's p is taken for Keras's rate; the colours come in OpenCV's order."""

import keras
import numpy as np


def prepare(images, labels):
    x = (images[:, :, :, ::-1] / 255).astype(np.float32)
    y = np.zeros((labels.size, 10))
    y[range(labels.size), labels.flatten()] = 1
    return x, y


def build_model():
    steps = [keras.Input((32, 32, 3))]
    for filters in (32, 64):
        steps += [keras.layers.Conv2D(filters, 3, activation="relu") for _ in range(2)]
        steps += [keras.layers.MaxPooling2D(2), keras.layers.Dropout(0.75)]
    steps += [keras.layers.Flatten(), keras.layers.Dense(512, activation="relu"), keras.layers.Dropout(0.5)]
    return keras.Sequential([*steps, keras.layers.Dense(10, activation="softmax")])


def train(model, x, y, epochs, seed):
    raise NotImplementedError
