"""Right solutions of hw12 in other styles: each must have all points of its function."""

import keras
import numpy as np

from grader.checks.alternatives import alternative

# residual_block


@alternative("residual_block", title="loops over lists, an array at the end")
def loops_over_lists(x, w1, b1, w2, b2):
    images = []
    for image in x.tolist():
        first = _rectified(_convolved_lists(image, w1.tolist(), b1.tolist()))
        second = _convolved_lists(first, w2.tolist(), b2.tolist())
        images.append(_rectified(_added_lists(second, image)))
    return np.array(images, dtype=_float_for(x))


def _convolved_lists(image, w, b):
    height, width, half = len(image), len(image[0]), len(w) // 2
    maps = []
    for i in range(height):
        row = []
        for j in range(width):
            pixel = [float(bias) for bias in b]
            for u in range(max(0, half - i), min(len(w), height + half - i)):
                for v in range(max(0, half - j), min(len(w), width + half - j)):
                    for c, value in enumerate(image[i + u - half][j + v - half]):
                        for k in range(len(b)):
                            pixel[k] += value * w[u][v][c][k]
            row.append(pixel)
        maps.append(row)
    return maps


def _rectified(maps):
    return [[[value if value > 0 else 0.0 for value in pixel] for pixel in row] for row in maps]


def _added_lists(maps, image):
    if len(maps[0][0]) != len(image[0][0]):
        raise ValueError("channels differ")
    return [
        [[f + value for f, value in zip(*pixels, strict=True)] for pixels in zip(*rows, strict=True)]
        for rows in zip(maps, image, strict=True)
    ]


@alternative("residual_block", title="einsum over windows, ReLU as a mask")
def einsum_and_masks(x, w1, b1, w2, b2):
    inner = _windows(x.astype(_float_for(x)), w1, b1)
    inner = inner * (inner > 0)
    residual = _windows(inner, w2, b2)
    if residual.shape != x.shape:
        raise ValueError("shapes differ")
    h = residual + x
    h[h < 0] = 0
    return h.astype(_float_for(x))


def _windows(x, w, b):
    pad = (w.shape[0] - 1) // 2
    padded = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(padded, w.shape[:2], axis=(1, 2))
    return (np.einsum("nijcuv,uvck->nijk", view, w, optimize=True) + b).astype(x.dtype)


@alternative("residual_block", title="the identity as one more tap of the second filter")
def the_identity_as_a_tap(x, w1, b1, w2, b2):
    if w2.shape[3] != x.shape[3]:
        raise ValueError("F(x) has other channels than x")
    dtype = _float_for(x)
    inner = _taps(x.astype(dtype), w1, b1).clip(min=0)
    both = np.concatenate([inner, x.astype(dtype)], axis=3)  # x goes round the first layer
    identity = np.zeros((*w2.shape[:2], x.shape[3], x.shape[3]), dtype)
    identity[w2.shape[0] // 2, w2.shape[1] // 2] = np.eye(x.shape[3])
    return _taps(both, np.concatenate([w2.astype(dtype), identity], axis=2), b2).clip(min=0)


def _taps(x, w, b):
    """One product of matrices for each tap, in the dtype of x."""
    height, width, pad = x.shape[1], x.shape[2], w.shape[0] // 2
    padded = np.zeros((len(x), height + 2 * pad, width + 2 * pad, x.shape[3]), x.dtype)
    padded[:, pad : pad + height, pad : pad + width] = x
    parts = [
        np.tensordot(padded[:, u : u + height, v : v + width], w[u, v].astype(x.dtype), axes=1)
        for u in range(w.shape[0])
        for v in range(w.shape[1])
    ]
    return sum(reversed(parts)) + b.astype(x.dtype)


# bottleneck_block


@alternative("bottleneck_block", title="layers as objects, one after the other")
def layers_as_objects(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    x = x.astype(_float_for(x))
    layers = [_Convolution(w1, b1), _Rectifier(), _Convolution(w2, b2), _Rectifier(), _Convolution(w3, b3)]
    maps = x
    for layer in layers:
        maps = layer(maps)
    shortcut = x if w_proj is None else _Convolution(w_proj, b_proj)(x)
    if maps.shape != shortcut.shape:
        raise ValueError("the shortcut does not fit")
    return _Rectifier()(maps + shortcut)


class _Convolution:
    """One layer, that gathers the windows as rows."""

    def __init__(self, w, b):
        self.w, self.b, self.pad = w, b, w.shape[0] // 2

    def __call__(self, x):
        frame = ((0, 0), (self.pad, self.pad), (self.pad, self.pad), (0, 0))
        padded, size = np.pad(x, frame), len(self.w)
        rows = [
            image[i : i + size, j : j + size].ravel()
            for image in padded
            for i in range(x.shape[1])
            for j in range(x.shape[2])
        ]
        product = np.array(rows) @ self.w.reshape(-1, len(self.b)).astype(x.dtype) + self.b.astype(x.dtype)
        return product.reshape(*x.shape[:3], -1)


class _Rectifier:
    def __call__(self, x):
        return np.where(x > 0, x, np.zeros_like(x))


@alternative("bottleneck_block", title="1x1 convolutions as products of matrices")
def products_of_matrices(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    dtype = _float_for(x)
    x = np.asfortranarray(x.astype(dtype))
    narrow = np.maximum(0, x @ w1[0, 0] + b1)
    middle = np.maximum(0, _windows(narrow.astype(dtype), w2, b2))
    wide = middle @ w3[0, 0] + b3
    if w_proj is not None:
        x = x @ w_proj[0, 0] + b_proj
    if wide.shape[-1] != x.shape[-1]:
        raise ValueError("channels differ")
    return np.maximum(0, wide + x).astype(dtype)


@alternative("bottleneck_block", title="loops over lists, a projection for every shortcut")
def a_projection_for_every_shortcut(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    channels = x.shape[3]
    if w_proj is None:
        w_proj, b_proj = np.eye(channels).reshape(1, 1, channels, channels), np.zeros(channels)
    if w_proj.shape[3] != w3.shape[3]:
        raise ValueError("the shortcut has other channels than F")
    images = []
    for image in x.tolist():
        maps = image
        for w, b in ((w1, b1), (w2, b2)):
            maps = _rectified(_convolved_lists(maps, w.tolist(), b.tolist()))
        maps = _convolved_lists(maps, w3.tolist(), b3.tolist())
        images.append(_rectified(_added_lists(maps, _convolved_lists(image, w_proj.tolist(), b_proj.tolist()))))
    return np.array(images).astype(_float_for(x))


# build_resnet


@alternative(
    "build_resnet", title="as it is usually written: zeros around, batch normalisation, stride on the first 1x1"
)
def with_batch_normalisation(cfg, input_shape, classes):
    layers = keras.layers
    inputs = keras.layers.Input(shape=input_shape)
    x = layers.ZeroPadding2D(3, name="conv1_pad")(inputs)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for stage, blocks in enumerate(cfg):
        for block in range(blocks):
            x = _usual_block(x, 64 << stage, 2 if stage and not block else 1, f"conv{stage + 2}_block{block + 1}")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", name="predictions")(x), name="resnet")


def _usual_block(x, filters, stride, name):
    layers = keras.layers
    shortcut = x
    if stride != 1 or x.shape[-1] != 4 * filters:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = layers.BatchNormalization(name=f"{name}_0_bn")(shortcut)
    for number, (count, size, step) in enumerate(((filters, 1, stride), (filters, 3, 1)), 1):
        x = layers.Conv2D(count, size, strides=step, padding="same", name=f"{name}_{number}_conv")(x)
        x = layers.Activation("relu")(layers.BatchNormalization(name=f"{name}_{number}_bn")(x))
    x = layers.BatchNormalization(name=f"{name}_3_bn")(layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x))
    return layers.Activation("relu", name=f"{name}_out")(layers.Add()([shortcut, x]))


@alternative("build_resnet", title="a plus, the stride on the 3x3, no biases, ReLU behind the pooling")
def with_a_plus(cfg, input_shape, classes):
    layers, relu = keras.layers, keras.activations.relu

    def conv(x, filters, size, stride=1):
        return layers.Conv2D(filters, (size, size), (stride, stride), "same", use_bias=False)(x)

    inputs = keras.Input(tuple(input_shape))
    x = relu(layers.MaxPool2D((3, 3), 2, "same")(conv(inputs, 64, 7, 2)))
    for stage in range(4):
        for block in range(cfg[stage]):
            narrow, stride = 2 ** (6 + stage), 1 + (stage > 0 and block == 0)
            y = conv(relu(conv(relu(conv(x, narrow, 1)), narrow, 3, stride)), 4 * narrow, 1)
            x = relu((conv(x, 4 * narrow, 1, stride) if block == 0 else x) + y)
    x = layers.AveragePooling2D(x.shape[1:3])(x)
    outputs = layers.Softmax()(layers.Dense(classes)(layers.Flatten()(x)))
    return keras.Model(inputs=inputs, outputs=outputs)


@alternative("build_resnet", title="blocks as objects, one ReLU layer for all, normalisation behind ReLU")
def blocks_as_objects(cfg, input_shape, classes):
    layers = keras.layers
    relu, add = layers.ReLU(), layers.add

    class Bottleneck:
        def __init__(self, narrow, stride, *, project):
            self.first = layers.Conv2D(narrow, 1, stride, activation="relu", kernel_initializer="he_normal")
            self.norm = layers.BatchNormalization(momentum=0.9)
            self.second = layers.Conv2D(narrow, 3, padding="same", use_bias=False)
            self.third = layers.Conv2D(4 * narrow, 1)
            self.shortcut = layers.Conv2D(4 * narrow, 1, stride) if project else layers.Activation("linear")

        def __call__(self, x):
            y = self.third(relu(self.second(self.norm(self.first(x)))))
            return relu(add([self.shortcut(x), y]))

    x = inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, "same")(layers.Conv2D(64, 7, 2, "same", activation="relu")(x))
    for stage, blocks in enumerate(cfg):
        for block in range(blocks):
            x = Bottleneck(64 * 2**stage, 1 if block or not stage else 2, project=not block)(x)
    return keras.Model(inputs, layers.Dense(classes, "softmax")(layers.GlobalAvgPool2D()(x)))


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64
