"""Sizes on paper: what a layer gives, and what it has to learn.  (Lecture 9.3, 9.6)

Every argument and every result is an integer, and nothing is rounded but down. Shapes
are (H, W, C) or (D,), without the batch. Layers are dictionaries, and every key shown
here is always given; filters and windows are square in them:

    {"type": "conv", "filters": 6, "size": 5, "stride": 1, "pad": 2}
    {"type": "pool", "size": 2, "stride": 2}
    {"type": "flatten"}
    {"type": "dense", "units": 84}
    {"type": "dropout", "rate": 0.5}

No function changes its arguments or keeps anything between calls.
"""


def conv_output_size(n, f, pad=0, stride=1, dilation=1):
    """Count a filter's places on a side: ⌊(n + 2p - span) / s⌋ + 1.  (Example 9-3-2)

    The span is the pixels from a filter's first tap to its last, both included. Taps
    are d = dilation pixels apart, so it is d·(f-1) + 1, which for d = 1 is f.

    Args:
        n: side of the input in pixels, 1 or more.
        f: taps along that side of the filter, 1 or more.
        pad: zeros on each of the two ends, 0 or more.
        stride: step of the filter in pixels, 1 or more.
        dilation: distance from one tap to the next, 1 or more.

    Returns:
        The side of the feature map, an integer of 1 or more.

    Raises:
        ValueError: n, f, stride or dilation is below 1, pad is negative, or the span is
            larger than the padded input.

    Example:
        >>> conv_output_size(227, 11, stride=4)  # the first layer of AlexNet
        55
    """
    ### BEGIN SOLUTION
    if min(n, f, stride, dilation) < 1:
        raise ValueError(f"n {n}, f {f}, stride {stride}, dilation {dilation}: below 1")
    if pad < 0:
        raise ValueError(f"pad is {pad}; it counts zeros, so 0 or more")
    room = n + 2 * pad - (dilation * (f - 1) + 1)
    if room < 0:
        raise ValueError(f"the filter is larger than the padded input ({n}, pad {pad})")
    return room // stride + 1
    ### END SOLUTION


def transposed_output_size(n, f, pad=0, stride=1):
    """Go from a feature map back to the input: s·(n-1) + f - 2p.  (Lecture 9.5)

    Every pixel of the map lays down f pixels, a stride further than the pixel before;
    then `pad` pixels are cut from each end. It is the smallest input from which a
    convolution with the same f, pad and stride gets n places.

    Args:
        n: side of the feature map, 1 or more.
        f: taps along that side of the filter, 1 or more.
        pad: pixels cut from each of the two ends, 0 or more.
        stride: step in pixels, 1 or more.

    Returns:
        The side of the output, an integer of 1 or more.

    Raises:
        ValueError: stride is below 1, pad is negative, or nothing is left (a side
            below 1).

    Example:
        >>> transposed_output_size(3, 4, pad=1, stride=2)
        6
    """
    ### BEGIN SOLUTION
    if stride < 1:
        raise ValueError(f"stride is {stride}; a step is 1 pixel or more")
    if pad < 0:
        raise ValueError(f"pad is {pad}; it counts pixels, so 0 or more")
    size = stride * (n - 1) + f - 2 * pad
    if size < 1:
        raise ValueError(f"a pad of {pad} leaves {size} pixels")
    return size
    ### END SOLUTION


def conv_parameters(fh, fw, c_in, c_out, bias=True):
    """Count what a convolution layer learns: fh·fw·c_in·c_out weights, c_out biases.

    The number of places has no part in it: all of them share the weights. Nor has the
    dilation: a 3x3 filter at dilation 2 sees 5x5 pixels with 9 weights.

    Args:
        fh: rows of a filter, 1 or more.
        fw: columns of a filter, 1 or more.
        c_in: channels of the input, 1 or more.
        c_out: filters, which are the channels of the output, 1 or more.
        bias: whether each filter has a bias.

    Returns:
        The number of parameters, an integer.

    Raises:
        ValueError: a size is below 1.

    Example:
        >>> conv_parameters(5, 5, 1, 6)  # the first layer of LeNet-5
        156
    """
    ### BEGIN SOLUTION
    if min(fh, fw, c_in, c_out) < 1:
        raise ValueError(f"{fh}x{fw}, {c_in} to {c_out} channels: a size is below 1")
    return fh * fw * c_in * c_out + (c_out if bias else 0)
    ### END SOLUTION


def dense_parameters(d_in, d_out, bias=True):
    """Count what a fully connected layer learns: d_in·d_out weights, d_out biases.

    Args:
        d_in: numbers that come in, 1 or more.
        d_out: nodes, 1 or more.
        bias: whether each node has a bias.

    Returns:
        The number of parameters, an integer.

    Raises:
        ValueError: a size is below 1.

    Example:
        >>> dense_parameters(84, 10)  # the last layer of LeNet-5
        850
    """
    ### BEGIN SOLUTION
    if min(d_in, d_out) < 1:
        raise ValueError(f"{d_in} to {d_out} numbers: a size is below 1")
    return d_in * d_out + (d_out if bias else 0)
    ### END SOLUTION


def trace_network(input_shape, layers):
    """Follow an image through a network: the shape and the parameters of each layer.

    Convolution and pooling layers turn (H, W, C) into (H', W', C'), with sides as in
    `conv_output_size`; a pooling window has no padding and leaves the channels as they
    are. A flatten layer turns (H, W, C) into (H·W·C,), a dense layer (D,) into
    (units,), and dropout leaves a shape as it is. Only convolution and dense layers
    have parameters, biases included.

    Args:
        input_shape: (H, W, C), a tuple of integers.
        layers: a list of dictionaries, see the top of this file; left unchanged.

    Returns:
        A list with one {"shape": tuple, "parameters": int} for each layer: the shape of
        its output, without the batch, and the number of its own parameters.

    Raises:
        ValueError: a filter or a window is larger than what it moves over, or a layer
            has a type that is not known.

    Example:
        >>> pool = {"type": "pool", "size": 2, "stride": 2}
        >>> for layer in trace_network((5, 7, 3), [pool, {"type": "flatten"}]):
        ...     print(layer["shape"], layer["parameters"])
        (2, 3, 3) 0
        (18,) 0
    """
    ### BEGIN SOLUTION
    shape = tuple(input_shape)
    traced = []
    for layer in layers:
        parameters = 0
        match layer["type"]:
            case "conv":
                f, filters, pad, stride = layer["size"], layer["filters"], layer["pad"], layer["stride"]
                parameters = conv_parameters(f, f, shape[2], filters)
                shape = (*(conv_output_size(n, f, pad, stride) for n in shape[:2]), filters)
            case "pool":
                sides = (conv_output_size(n, layer["size"], stride=layer["stride"]) for n in shape[:2])
                shape = (*sides, shape[2])
            case "flatten":
                shape = (shape[0] * shape[1] * shape[2],)
            case "dense":
                parameters = dense_parameters(*shape, layer["units"])
                shape = (layer["units"],)
            case "dropout":
                pass
            case other:
                raise ValueError(f"a layer of type {other!r} is not known")
        traced.append({"shape": shape, "parameters": parameters})
    return traced
    ### END SOLUTION


def receptive_field(layers):
    """Measure what one output sees: the side of its window, in pixels of the input.

    A pixel sees itself. Every convolution or pooling layer adds size - 1 steps to the
    side, and a step is as many input pixels as the strides of the layers before it
    make, multiplied with each other.

    Args:
        layers: a list of convolution and pooling layers, in the order of the network,
            as dictionaries; left unchanged. It may be empty.

    Returns:
        The side of the receptive field of one output of the last layer, an integer.
        Borders do not count: the input is taken to be large enough.

    Example:
        >>> pool = {"type": "pool", "size": 2, "stride": 2}
        >>> receptive_field([pool, pool])
        4
    """
    ### BEGIN SOLUTION
    side, step = 1, 1
    for layer in layers:
        side += (layer["size"] - 1) * step
        step *= layer["stride"]
    return side
    ### END SOLUTION


def resnet_depth(cfg):
    """Count the weighted layers of a bottleneck ResNet: 3·Σ cfg + 2.  (Lecture 9.6)

    A block has three convolutions; the first convolution and the last dense layer come
    on top. Projections stand beside the main path and do not count.

    Args:
        cfg: the number of blocks in each of the four stages, a list of integers, each 0
            or more; left unchanged.

    Returns:
        The number of layers, an integer.

    Raises:
        ValueError: a count is negative.

    Example:
        >>> resnet_depth([3, 4, 6, 3])
        50
    """
    ### BEGIN SOLUTION
    if min(cfg) < 0:
        raise ValueError(f"{list(cfg)} has a negative number of blocks")
    return 3 * sum(cfg) + 2
    ### END SOLUTION
