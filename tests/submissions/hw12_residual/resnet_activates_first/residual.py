import keras
from keras import layers


def conv(x, filters, size, stride=1):
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return layers.Conv2D(filters, size, stride, padding="same")(x)


def build_resnet(cfg, input_shape, classes):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(64, 7, 2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, blocks in enumerate(cfg):
        narrow = 64 << stage
        for block in range(blocks):
            stride = 2 if stage and block == 0 else 1
            y = conv(conv(conv(x, narrow, 1, stride), narrow, 3), 4 * narrow, 1)
            x = layers.Add()([layers.Conv2D(4 * narrow, 1, stride)(x) if block == 0 else x, y])
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
