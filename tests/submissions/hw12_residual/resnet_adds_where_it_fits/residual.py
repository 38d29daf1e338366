import keras
from keras import layers


def build_resnet(cfg, input_shape, classes):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(64, 7, strides=2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    filters = 64
    for stage in range(4):
        for block in range(cfg[stage]):
            strides = 2 if stage > 0 and block == 0 else 1
            y = layers.Conv2D(filters, 1, strides=strides, activation="relu")(x)
            y = layers.Conv2D(filters, 3, padding="same", activation="relu")(y)
            y = layers.Conv2D(filters * 4, 1)(y)
            if x.shape == y.shape:
                y = layers.Add()([x, y])
            x = layers.Activation("relu")(y)
        filters *= 2
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
