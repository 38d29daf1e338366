# 공식 없이 하나씩 세어 본다 (no formula: everything is counted one by one)


def conv_output_size(n, f, pad=0, stride=1, dilation=1):
    if n < 1 or f < 1 or stride < 1 or dilation < 1:
        raise ValueError("1 이상이어야 한다")
    if pad < 0:
        raise ValueError("pad는 0 이상이어야 한다")
    row = ["0"] * pad + ["x"] * n + ["0"] * pad
    count = 0
    start = 0
    while True:
        last_tap = start + dilation * (f - 1)
        if last_tap > len(row) - 1:
            break
        count = count + 1
        start = start + stride
    if count == 0:
        raise ValueError("필터가 너무 크다")
    return count


def transposed_output_size(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        raise ValueError("stride, pad")
    touched = set()
    for i in range(n):
        for k in range(f):
            touched.add(i * stride + k)
    if stride > f:  # gaps are part of the output too
        touched = set(range(max(touched) + 1))
    for _ in range(pad):
        touched.discard(max(touched, default=None))
        touched.discard(min(touched, default=None))
    if not touched:
        raise ValueError("nothing left")
    return len(touched)


def conv_parameters(fh, fw, c_in, c_out, bias=True):
    for size in (fh, fw, c_in, c_out):
        if size < 1:
            raise ValueError("size < 1")
    total = 0
    for _ in range(c_out):
        total += fh * fw * c_in
        if bias:
            total += 1
    return total


def dense_parameters(d_in, d_out, bias=True):
    return conv_parameters(1, 1, d_in, d_out, bias)


def trace_network(input_shape, layers):
    result = []
    shape = input_shape
    for layer in layers:
        t = layer["type"]
        p = 0
        if t == "conv":
            p = conv_parameters(layer["size"], layer["size"], shape[2], layer["filters"])
            shape = (
                conv_output_size(shape[0], layer["size"], layer["pad"], layer["stride"]),
                conv_output_size(shape[1], layer["size"], layer["pad"], layer["stride"]),
                layer["filters"],
            )
        elif t == "pool":
            shape = (
                conv_output_size(shape[0], layer["size"], 0, layer["stride"]),
                conv_output_size(shape[1], layer["size"], 0, layer["stride"]),
                shape[2],
            )
        elif t == "flatten":
            n = 1
            for s in shape:
                n *= s
            shape = (n,)
        elif t == "dense":
            p = dense_parameters(shape[0], layer["units"])
            shape = (layer["units"],)
        elif t == "dropout":
            pass
        else:
            raise ValueError("모르는 층: " + t)
        result.append(dict(shape=shape, parameters=p))
    return result


def receptive_field(layers):
    # (from, to): the pixels that one output sees, layer by layer backwards
    first, last = 0, 0
    for layer in layers[::-1]:
        first = first * layer["stride"]
        last = last * layer["stride"] + layer["size"] - 1
    return last - first + 1


def resnet_depth(cfg):
    if any(c < 0 for c in cfg):
        raise ValueError("negative")
    return sum(["conv 1x1", "conv 3x3", "conv 1x1"] * c != [] and 3 * c for c in cfg) + 1 + 1
