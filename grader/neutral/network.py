"""Builds a network from plain data, puts weights into it and predicts, in a confined process without any submission.

Its source is loaded into a worker as text. In: a network as `checks.networks` writes it, arrays, images. Out: float32.
The rule: the layers are Keras's own, built here from numbers and words: no config of a file and no code of a file comes
this far. Every batch has the same size and the threads are fixed, so the same images give the same bits.
"""

import contextlib

import numpy as np

BATCH = 500  # images at once: bounds the memory
THREADS = 2  # fixed, so that sums are added in the same order on every machine


def prepare(network, weights):
    """Build a network and give it its weights.

    Args:
        network: {"input_shape", "layers"}, each layer with its "output_shape".
        weights: float32 arrays, layer after layer, each layer's in Keras's order.

    Returns:
        What `predict` takes: a function of float32 images (BATCH, H, W, C).

    Raises:
        ValueError: the arrays do not fit.
    """
    import keras
    import tensorflow

    with contextlib.suppress(RuntimeError):  # an audit's process has trained already
        tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
        tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    tensorflow.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(0)
    layers = _build(keras, network)
    left = list(weights)
    for layer in layers:
        count = len(layer.weights)
        layer.set_weights(left[:count])
        del left[:count]
    if left:
        raise ValueError(f"{len(left)} arrays are left over")
    return tensorflow.function(lambda images: _answer(network, layers, images), autograph=False)


def predict(answer, images):
    """What the network says of images.

    Args:
        answer: from `prepare`.
        images: float32, (N, H, W, C).

    Returns:
        float32, (N, K).
    """
    batches = []
    for at in range(0, len(images), BATCH):
        batch = images[at : at + BATCH]
        filled = np.concatenate([batch, np.zeros((BATCH - len(batch), *batch.shape[1:]), np.float32)])
        batches.append(answer(filled).numpy()[: len(batch)])
    return np.concatenate(batches)


def _build(keras, network):
    """The network's layers, each with its weights.

    A `keras.Model` of them would be made by running every layer on symbols, which takes four times as long.
    """
    layers = []
    for layer in network["layers"]:
        made = _MAKERS[layer["kind"]](keras.layers, layer["settings"])
        shapes = [
            (None, *(network["input_shape"] if at < 0 else network["layers"][at]["output_shape"]))
            for at in layer["inputs"]
        ]
        made.build(shapes if layer["kind"] == "add" else shapes[0])
        layers.append(made)
    return layers


def _answer(network, layers, images):
    outputs = []
    for layer, made in zip(network["layers"], layers, strict=True):
        taken = [images if at < 0 else outputs[at] for at in layer["inputs"]]
        outputs.append(made(taken if layer["kind"] == "add" else taken[0]))
    return outputs[-1]


def _sliding(settings):
    return {
        "kernel_size": settings["size"],
        "strides": settings["strides"],
        "padding": settings["padding"],
        "dilation_rate": settings["dilation"],
        "activation": settings["activation"],
        "use_bias": settings["use_bias"],
    }


def _pooling(settings):
    return {"pool_size": settings["size"], "strides": settings["strides"], "padding": settings["padding"]}


_MAKERS = {
    "conv2d": lambda keras, of: keras.Conv2D(of["filters"], groups=of["groups"], **_sliding(of)),
    "depthwise_conv2d": lambda keras, of: keras.DepthwiseConv2D(
        depth_multiplier=of["depth_multiplier"], **_sliding(of)
    ),
    "separable_conv2d": lambda keras, of: keras.SeparableConv2D(
        of["filters"], depth_multiplier=of["depth_multiplier"], **_sliding(of)
    ),
    "max_pooling2d": lambda keras, of: keras.MaxPooling2D(**_pooling(of)),
    "average_pooling2d": lambda keras, of: keras.AveragePooling2D(**_pooling(of)),
    "global_max_pooling2d": lambda keras, of: keras.GlobalMaxPooling2D(),
    "global_average_pooling2d": lambda keras, of: keras.GlobalAveragePooling2D(),
    "flatten": lambda keras, of: keras.Flatten(),
    "add": lambda keras, of: keras.Add(),
    "dense": lambda keras, of: keras.Dense(of["units"], activation=of["activation"], use_bias=of["use_bias"]),
    "dropout": lambda keras, of: keras.Dropout(of["rate"]),
    "activation": lambda keras, of: keras.Activation(of["activation"]),
    "batch_normalization": lambda keras, of: keras.BatchNormalization(
        epsilon=of["epsilon"], center=of["center"], scale=of["scale"]
    ),
    "zero_padding2d": lambda keras, of: keras.ZeroPadding2D((tuple(of["margins"][:2]), tuple(of["margins"][2:]))),
    "rescaling": lambda keras, of: keras.Rescaling(of["factor"], offset=of["offset"]),
    "reshape": lambda keras, of: keras.Reshape(tuple(of["shape"])),
}
