import keras
import numpy as np
from keras import layers


def build_resnet(cfg, input_shape, classes):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(64, 7, strides=2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, blocks in enumerate(cfg):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            y = layers.Conv2D(64 << stage, 1, stride, activation="relu")(x)
            y = layers.Conv2D(64 << stage, 3, padding="same", activation="relu")(y)
            y = layers.Conv2D(256 << stage, 1)(y)
            missing = (256 << stage) - x.shape[-1]
            if missing:
                fill = [[0, 0], [0, 0], [0, 0], [0, missing]]
                x = layers.Lambda(lambda z, s=stride, f=fill: keras.ops.pad(z[:, ::s, ::s], f))(x)
            x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
