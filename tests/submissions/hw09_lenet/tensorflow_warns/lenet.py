"""Warns wherever it can."""

import keras
import numpy as np
from keras import layers


def prepare(images, labels):
    x = images.reshape(-1, 28, 28, 1).astype("float32") / 255
    return x, keras.utils.to_categorical(labels.reshape(-1), 10)


import os
import sys
import warnings

import tensorflow as tf

tf.get_logger().warning("The name tf.losses is deprecated.")
os.write(2, b"W0000 00:00:1700000000.000000 cuda_driver.cc:1] Could not find cuda drivers on your machine\n")
os.write(2, b"E0000 00:00:1700000000.000000 cuda_blas.cc:1] Unable to register cuBLAS factory\n" * 200)


def build_model():
    warnings.warn("`input_shape` is not what it was", UserWarning, stacklevel=1)
    sys.stderr.write("WARNING:tensorflow:5 out of the last 5 calls triggered tf.function retracing\n")
    return keras.Sequential(
        [
            layers.Conv2D(6, 5, padding="same", activation="relu", input_shape=(28, 28, 1)),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(120, 5, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def train(model, x, y, epochs, seed):
    keras.utils.set_random_seed(seed)
    return model.fit(x, y, batch_size=128, epochs=epochs, verbose=0)
