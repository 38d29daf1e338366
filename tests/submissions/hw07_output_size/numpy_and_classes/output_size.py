import numpy as np


class Window:
    def __init__(self, size, stride=1, pad=0, dilation=1):
        if min(size, stride, dilation) < 1 or pad < 0:
            raise ValueError("bad window")
        self.stride, self.pad, self.span = stride, pad, dilation * (size - 1) + 1

    def over(self, sides):
        free = np.asarray(sides) + 2 * self.pad - self.span
        if np.any(free < 0) or np.any(np.asarray(sides) < 1):
            raise ValueError("does not fit")
        return np.floor_divide(free, self.stride) + 1


def conv_output_size(n, f, pad=0, stride=1, dilation=1):
    return Window(f, stride, pad, dilation).over(n)


def transposed_output_size(n, f, pad=0, stride=1):
    Window(1, stride, pad)
    size = np.int64(stride) * (n - 1) + f - 2 * pad
    if size < 1:
        raise ValueError("empty")
    return size


def conv_parameters(fh, fw, c_in, c_out, bias=True):
    shape = np.array([fh, fw, c_in, c_out])
    if not np.all(shape > 0):
        raise ValueError("empty layer")
    return np.prod(shape, dtype=np.int64) + c_out * bias


def dense_parameters(d_in, d_out, bias=True):
    if np.minimum(d_in, d_out) < 1:
        raise ValueError("empty layer")
    return np.dot([d_in, 1 if bias else 0], [d_out, d_out])


def trace_network(input_shape, layers):
    shape, rows = np.array(input_shape), []
    for layer in layers:
        before, learnt = shape, 0
        kind = layer["type"]
        if kind in {"conv", "pool"}:
            window = Window(layer["size"], layer["stride"], layer.get("pad", 0))
            shape = np.array([*window.over(before[:2]), layer.get("filters", before[-1])])
        if kind == "conv":
            learnt = conv_parameters(layer["size"], layer["size"], before[-1], shape[-1])
        elif kind == "flatten":
            shape = np.array([before.prod()])
        elif kind == "dense":
            learnt, shape = dense_parameters(before[0], layer["units"]), np.array([layer["units"]])
        elif kind not in {"pool", "dropout"}:
            raise ValueError(f"unknown layer {kind}")
        rows.append({"shape": tuple(shape), "parameters": learnt})
    return tuple(rows)


def receptive_field(layers):
    if len(layers) == 0:
        return np.int64(1)
    first, *rest = layers
    return (receptive_field(rest) - 1) * first["stride"] + first["size"]


def resnet_depth(cfg):
    cfg = np.array(cfg)
    if (cfg < 0).any():
        raise ValueError("negative")
    return np.int64(2) + 3 * cfg.sum()
