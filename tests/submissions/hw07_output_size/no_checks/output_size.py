import math


def conv_output_size(n, f, pad=0, stride=1, dilation=1):
    span = dilation * (f - 1) + 1
    return (n + 2 * pad - span) // stride + 1


def transposed_output_size(n, f, pad=0, stride=1):
    out = stride * (n - 1) + f - 2 * pad
    return out


def conv_parameters(fh, fw, c_in, c_out, bias=True):
    params = fh * fw * c_in * c_out
    if bias:
        params += c_out
    return params


def dense_parameters(d_in, d_out, bias=True):
    params = d_in * d_out
    if bias:
        params += d_out
    return params


def trace_network(input_shape, layers):
    out = []
    shape = tuple(input_shape)
    for layer in layers:
        kind = layer["type"]
        if kind == "conv":
            size = layer["size"]
            h, w = [(side + 2 * layer["pad"] - size) // layer["stride"] + 1 for side in shape[:2]]
            params = size * size * shape[2] * layer["filters"] + layer["filters"]
            shape = (h, w, layer["filters"])
        elif kind == "pool":
            h, w = [(side - layer["size"]) // layer["stride"] + 1 for side in shape[:2]]
            params = 0
            shape = (h, w, shape[2])
        elif kind == "flatten":
            params = 0
            shape = (math.prod(shape),)
        elif kind == "dense":
            params = (shape[0] + 1) * layer["units"]
            shape = (layer["units"],)
        elif kind == "dropout":
            params = 0
        else:
            params = 0
        out.append({"shape": shape, "parameters": params})
    return out


def receptive_field(layers):
    field, jump = 1, 1
    for layer in layers:
        field += (layer["size"] - 1) * jump
        jump *= layer["stride"]
    return field


def resnet_depth(cfg):
    return 3 * sum(cfg) + 2
