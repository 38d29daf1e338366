def conv_output_size(n, f, pad=0, stride=1, dilation=1):
    if n < 1 or f < 1 or stride < 1 or dilation < 1 or pad < 0:
        raise ValueError("out of range")
    span = dilation * (f - 1) + 1
    if span > n + 2 * pad:
        raise ValueError("filter too large")
    return (n + 2 * pad - span) // stride + 1


def transposed_output_size(n, f, pad=0, stride=1):
    out = stride * (n - 1) + f - 2 * pad
    if stride < 1 or pad < 0 or out < 1:
        raise ValueError("out of range")
    return out


def conv_parameters(fh, fw, c_in, c_out, bias=True):
    if min(fh, fw, c_in, c_out) < 1:
        raise ValueError("out of range")
    params = fh * fw * c_in * c_out
    if bias:
        params += c_out
    return params


def dense_parameters(d_in, d_out, bias=True):
    if min(d_in, d_out) < 1:
        raise ValueError("out of range")
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
            if h < 1 or w < 1:
                raise ValueError("filter too large")
            params = size * size * input_shape[2] * layer["filters"] + layer["filters"]
            shape = (h, w, layer["filters"])
        elif kind == "pool":
            h, w = [(side - layer["size"]) // layer["stride"] + 1 for side in shape[:2]]
            if h < 1 or w < 1:
                raise ValueError("window too large")
            params = 0
            shape = (h, w, shape[2])
        elif kind == "flatten":
            params = 0
            shape = (shape[0] * shape[1] * shape[2],)
        elif kind == "dense":
            params = (shape[0] + 1) * layer["units"]
            shape = (layer["units"],)
        elif kind == "dropout":
            params = 0
        else:
            raise ValueError("unknown layer")
        out.append({"shape": shape, "parameters": params})
    return out


def receptive_field(layers):
    field, jump = 1, 1
    for layer in layers:
        field += (layer["size"] - 1) * jump
    return field


def resnet_depth(cfg):
    if min(cfg) < 0:
        raise ValueError("negative")
    return 3 * sum(cfg) + 2
