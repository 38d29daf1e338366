"""ResNet from a table."""

from keras import Input, Model, layers


def unit(x, filters, size, stride=1, relu=True):
    x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization(epsilon=1.001e-5)(x)
    return layers.ReLU()(x) if relu else x


def block(x, narrow, stride):
    shortcut = x
    if stride > 1 or x.shape[-1] != narrow * 4:
        shortcut = unit(x, narrow * 4, 1, stride, relu=False)
    x = unit(x, narrow, 1)
    x = unit(x, narrow, 3, stride)
    x = unit(x, narrow * 4, 1, relu=False)
    return layers.ReLU()(shortcut + x)


def stack(x, table):
    if not table:
        return x
    (narrow, stride), *rest = table
    return stack(block(x, narrow, stride), rest)


def build_resnet(cfg, input_shape, classes):
    table = []
    for narrow, blocks in zip((64, 128, 256, 512), cfg):
        strides = [1 if narrow == 64 else 2] + [1] * (blocks - 1)
        table += [(narrow, stride) for stride in strides]
    inputs = Input(shape=input_shape)
    x = unit(inputs, 64, 7, 2)
    x = layers.MaxPooling2D(pool_size=(3, 3), strides=(2, 2), padding="same")(x)
    x = layers.GlobalAveragePooling2D()(stack(x, table))
    model = Model(inputs, layers.Dense(classes, activation="softmax")(x))
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model
