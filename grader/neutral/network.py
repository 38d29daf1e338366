"""Builds a network from plain data, puts weights into it and predicts, in a confined process without any submission.

Its source is loaded into a worker as text. In: a network as `checks.networks` writes it, arrays, images. Out: float32.
The layers are Keras's own, built here from numbers and words: no config of a file and no code of a file comes this far.
"""

import numpy as np

BATCH = 500  # images at once: bounds the memory


def predict(network, weights, images):
    """What the network says of images.

    Args:
        network: {"input_shape", "layers"}.
        weights: float32 arrays, layer by layer, in Keras's order.
        images: float32, (N, H, W, C).

    Returns:
        float32, (N, K).
    """
    import keras
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(0)
    model = build(keras, network)
    model.set_weights(weights)
    answer = tensorflow.function(lambda x: model(x, training=False))
    return np.concatenate([answer(images[at : at + BATCH]).numpy() for at in range(0, len(images), BATCH)])


def build(keras, network):
    """The network as a functional Keras model."""
    inputs = keras.Input(tuple(network["input_shape"]))
    outputs = []
    for layer in network["layers"]:
        taken = [inputs if at < 0 else outputs[at] for at in layer["inputs"]]
        made = _layer(keras.layers, layer["kind"], layer["settings"])
        outputs.append(made(taken if layer["kind"] == "add" else taken[0]))
    return keras.Model(inputs, outputs[-1])


def _layer(layers, kind, settings):
    if kind == "conv2d":
        return layers.Conv2D(
            settings["filters"], settings["size"], groups=settings.get("groups", 1), **_sliding(settings)
        )
    if kind == "depthwise_conv2d":
        return layers.DepthwiseConv2D(
            settings["size"], depth_multiplier=settings["depth_multiplier"], **_sliding(settings)
        )
    if kind == "separable_conv2d":
        return layers.SeparableConv2D(
            settings["filters"], settings["size"], depth_multiplier=settings["depth_multiplier"], **_sliding(settings)
        )
    if kind in ("max_pooling2d", "average_pooling2d"):
        pool = layers.MaxPooling2D if kind == "max_pooling2d" else layers.AveragePooling2D
        return pool(settings["size"], strides=settings["strides"], padding=settings["padding"])
    return _plain_layer(layers, kind, settings)


def _sliding(settings):
    return {
        "strides": settings["strides"],
        "padding": settings["padding"],
        "dilation_rate": settings["dilation"],
        "activation": settings["activation"],
        "use_bias": settings["use_bias"],
    }


def _plain_layer(layers, kind, settings):
    makers = {
        "global_average_pooling2d": lambda: layers.GlobalAveragePooling2D(),
        "global_max_pooling2d": lambda: layers.GlobalMaxPooling2D(),
        "flatten": lambda: layers.Flatten(),
        "dense": lambda: layers.Dense(
            settings["units"], activation=settings["activation"], use_bias=settings["use_bias"]
        ),
        "dropout": lambda: layers.Dropout(settings["rate"]),
        "activation": lambda: layers.Activation(settings["activation"]),
        "add": lambda: layers.Add(),
        "batch_normalization": lambda: layers.BatchNormalization(
            epsilon=settings["epsilon"], center=settings["center"], scale=settings["scale"]
        ),
        "zero_padding2d": lambda: layers.ZeroPadding2D(
            (tuple(settings["margins"][:2]), tuple(settings["margins"][2:]))
        ),
        "rescaling": lambda: layers.Rescaling(settings["factor"], offset=settings["offset"]),
        "reshape": lambda: layers.Reshape(tuple(settings["shape"])),
    }
    return makers[kind]()
