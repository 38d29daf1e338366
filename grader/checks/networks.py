"""A network as data: the small language in which a course writes one, and its form for another process.

    LENET = sequential((28, 28, 1), conv(6, 5, padding="same", activation="relu"), max_pool(2), flatten(),
                       dense(84, activation="relu"), dense(10, activation="softmax"))

In: layers. Out: a Network with shapes and parameters inferred, or plain data. No Keras, no NumPy.
The rule: this is the one way in which a network's structure is spoken of: the lecture's, a student's, and what the
neutral worker builds.

Plain data (`as_plain`, `from_plain`): dicts, lists, str, int, float, bool and None only:

    {"input_shape": [28, 28, 1],                     without the batch axis, channels last; null: not fixed
     "layers": [{"kind": "conv2d",                   a key of layerkinds.KINDS
                 "name": "conv2d",
                 "inputs": [-1],                     indices of earlier layers; -1 is what the network is given
                 "settings": {"filters": 6, "size": [5, 5], "strides": [1, 1], "padding": "same", "dilation": [1, 1],
                              "groups": 1, "activation": "relu", "use_bias": true},
                 "output_shape": [28, 28, 6],        for the reader; from_plain infers it anew
                 "weights": {"kernel": [5, 5, 1, 6], "bias": [6]}}]}     likewise, in Keras's order

The settings of each kind are all there, none may be left out (layersettings says what they mean):

    conv2d                    filters size strides padding dilation groups activation use_bias
    depthwise_conv2d          depth_multiplier size strides padding dilation activation use_bias
    separable_conv2d          filters depth_multiplier size strides padding dilation activation use_bias
    max_pooling2d, average_pooling2d                      size strides padding
    global_max_pooling2d, global_average_pooling2d, flatten, add      none
    dense                     units activation use_bias
    dropout                   rate
    activation                activation
    batch_normalization       epsilon center scale       over the last axis
    zero_padding2d            margins: [top, bottom, left, right]
    rescaling                 factor offset              factor * x + offset
    reshape                   shape: without the batch axis

The last layer gives the output; names are unique. Weights go beside it as a flat list of float arrays, layer after
layer, each layer's in the order of its `weights`, which is the order of `set_weights` of that Keras layer. (It is not
that of `keras.Model.set_weights`: a graph's model sorts its layers anew.)
"""

from collections.abc import Mapping
from typing import Any

from grader.checks.differences import Difference, first_difference
from grader.checks.graphs import INPUT, LayerSpec, Network, NetworkBuilder, NetworkLayer
from grader.checks.layerkinds import Shape
from grader.checks.layersettings import NetworkError, Setting
from grader.checks.normalforms import counterparts, normalised

__all__ = [
    "INPUT",
    "Difference",
    "LayerSpec",
    "Network",
    "NetworkBuilder",
    "NetworkError",
    "NetworkLayer",
    "activation",
    "add",
    "as_plain",
    "average_pool",
    "batch_norm",
    "changed",
    "conv",
    "counterparts",
    "dense",
    "depthwise_conv",
    "dropout",
    "first_difference",
    "flatten",
    "from_plain",
    "global_average_pool",
    "max_pool",
    "normalised",
    "rescaling",
    "reshape",
    "separable_conv",
    "sequential",
    "with_input",
    "zero_padding",
]

Both = int | tuple[int, int]  # one number for rows and columns, or two


def sequential(input_shape: Shape, *layers: LayerSpec) -> Network:
    """A chain of layers; `NetworkBuilder` makes other graphs.

    Raises:
        NetworkError: they do not fit together.
    """
    builder = NetworkBuilder(input_shape)
    for layer in layers:
        builder.add(layer)
    return builder.network()


def conv(
    filters: int,
    size: Both,
    *,
    strides: Both = 1,
    padding: str = "valid",
    dilation: Both = 1,
    groups: int = 1,
    activation: str = "linear",
    use_bias: bool = True,
    name: str = "",
) -> LayerSpec:
    """Conv2D, with Keras's defaults."""
    settings = {
        **_window(size, strides, padding, dilation=dilation, activation=activation, use_bias=use_bias),
        "filters": filters,
        "groups": groups,
    }
    return LayerSpec(kind="conv2d", settings=settings, name=name)


def depthwise_conv(
    size: Both,
    *,
    depth_multiplier: int = 1,
    strides: Both = 1,
    padding: str = "valid",
    dilation: Both = 1,
    activation: str = "linear",
    use_bias: bool = True,
    name: str = "",
) -> LayerSpec:
    """DepthwiseConv2D, with Keras's defaults."""
    window = _window(size, strides, padding, dilation=dilation, activation=activation, use_bias=use_bias)
    settings = {**window, "depth_multiplier": depth_multiplier}
    return LayerSpec(kind="depthwise_conv2d", settings=settings, name=name)


def separable_conv(
    filters: int,
    size: Both,
    *,
    depth_multiplier: int = 1,
    strides: Both = 1,
    padding: str = "valid",
    dilation: Both = 1,
    activation: str = "linear",
    use_bias: bool = True,
    name: str = "",
) -> LayerSpec:
    """SeparableConv2D, with Keras's defaults."""
    window = _window(size, strides, padding, dilation=dilation, activation=activation, use_bias=use_bias)
    settings = {**window, "filters": filters, "depth_multiplier": depth_multiplier}
    return LayerSpec(kind="separable_conv2d", settings=settings, name=name)


def max_pool(size: Both = 2, *, strides: Both | None = None, padding: str = "valid", name: str = "") -> LayerSpec:
    """MaxPooling2D; the stride is the window's size unless it is given."""
    return LayerSpec(kind="max_pooling2d", settings=_window(size, strides or size, padding), name=name)


def average_pool(size: Both = 2, *, strides: Both | None = None, padding: str = "valid", name: str = "") -> LayerSpec:
    """AveragePooling2D; the stride is the window's size unless it is given."""
    return LayerSpec(kind="average_pooling2d", settings=_window(size, strides or size, padding), name=name)


def global_average_pool(*, name: str = "") -> LayerSpec:
    """GlobalAveragePooling2D."""
    return LayerSpec(kind="global_average_pooling2d", name=name)


def flatten(*, name: str = "") -> LayerSpec:
    """Flatten."""
    return LayerSpec(kind="flatten", name=name)


def dense(units: int, *, activation: str = "linear", use_bias: bool = True, name: str = "") -> LayerSpec:
    """Dense, with Keras's defaults."""
    return LayerSpec(kind="dense", settings={"units": units, "activation": activation, "use_bias": use_bias}, name=name)


def dropout(rate: float, *, name: str = "") -> LayerSpec:
    """Dropout."""
    return LayerSpec(kind="dropout", settings={"rate": float(rate)}, name=name)


def activation(function: str, *, name: str = "") -> LayerSpec:
    """Activation, a layer of its own."""
    return LayerSpec(kind="activation", settings={"activation": function}, name=name)


def add(*, name: str = "") -> LayerSpec:
    """Add: the sum of two inputs or more."""
    return LayerSpec(kind="add", name=name)


def batch_norm(*, epsilon: float = 1e-3, center: bool = True, scale: bool = True, name: str = "") -> LayerSpec:
    """BatchNormalization over the channels, with Keras's defaults."""
    settings: dict[str, Setting] = {"epsilon": float(epsilon), "center": center, "scale": scale}
    return LayerSpec(kind="batch_normalization", settings=settings, name=name)


def zero_padding(margin: int | tuple[int, int, int, int], *, name: str = "") -> LayerSpec:
    """ZeroPadding2D: one margin for all sides, or (top, bottom, left, right)."""
    margins = (margin,) * 4 if isinstance(margin, int) else margin
    return LayerSpec(kind="zero_padding2d", settings={"margins": margins}, name=name)


def rescaling(factor: float, *, offset: float = 0.0, name: str = "") -> LayerSpec:
    """Rescaling: factor * x + offset."""
    return LayerSpec(kind="rescaling", settings={"factor": float(factor), "offset": float(offset)}, name=name)


def reshape(*shape: int, name: str = "") -> LayerSpec:
    """Reshape; one size may be -1."""
    return LayerSpec(kind="reshape", settings={"shape": shape}, name=name)


def changed(network: Network, which: str, /, *, at: int | None = None, kind: str = "", **settings: Setting) -> Network:
    """The network with other settings in its layers of one kind: how a known mistake is written down.

    Args:
        network: the right one.
        which: kind of the layers that change.
        at: only the one of this number among them, from 0, or from the end if negative; None: all of them.
        kind: another kind of layer instead, with the same settings but those that are given.
        settings: what changes: padding="valid".

    Raises:
        NetworkError: there is no such layer, or the network no longer fits together.
    """
    found = [index for index, layer in enumerate(network.layers) if layer.kind == which]
    if not found or (at is not None and not -len(found) <= at < len(found)):
        raise NetworkError(f"the network has {len(found)} layers of kind {which}")
    chosen = found if at is None else [found[at]]
    builder = NetworkBuilder(network.input_shape)
    for index, layer in enumerate(network.layers):
        spec = layer.spec
        if index in chosen:
            name = "" if kind else layer.name
            spec = LayerSpec(kind=kind or which, settings={**layer.settings, **settings}, name=name)
        builder.add(spec, *layer.inputs)
    return builder.network()


def with_input(network: Network, shape: Shape) -> Network:
    """The same layers on inputs of another shape, or with sizes fixed that were not.

    Raises:
        NetworkError: they do not fit together any more.
    """
    builder = NetworkBuilder(shape)
    for layer in network.layers:
        builder.add(layer.spec, *layer.inputs)
    return builder.network()


# --- plain data ---------------------------------------------------------------


def as_plain(network: Network) -> dict[str, Any]:
    """The network as dicts and lists; the module's docstring has the format."""
    return {
        "input_shape": list(network.input_shape),
        "layers": [
            {
                "kind": layer.kind,
                "name": layer.name,
                "inputs": list(layer.inputs),
                "settings": {name: _listed(value) for name, value in layer.settings.items()},
                "output_shape": list(layer.output_shape),
                "weights": {name: list(shape) for name, shape in layer.weights.items()},
            }
            for layer in network.layers
        ],
    }


def from_plain(plain: Mapping[str, Any]) -> Network:
    """Build a network from plain data; shapes are inferred anew.

    Raises:
        NetworkError: the network does not fit together, or the data is not in the format.
    """
    try:
        builder = NetworkBuilder(tuple(plain["input_shape"]))
        for layer in plain["layers"]:
            settings = {name: _tupled(value) for name, value in layer["settings"].items()}
            builder.add(LayerSpec(kind=layer["kind"], settings=settings, name=layer["name"]), *layer["inputs"])
    except (KeyError, TypeError, AttributeError) as error:
        raise NetworkError(f"this is no network as plain data: {error!r}") from error
    return builder.network()


def _window(size: Both, strides: Both, padding: str, **more: Any) -> dict[str, Setting]:
    """The settings of what slides; each number may stand for rows and columns."""
    both = {"size": size, "strides": strides, "dilation": more.pop("dilation", None)}
    pairs = {
        name: (value, value) if isinstance(value, int) else value for name, value in both.items() if value is not None
    }
    return {**pairs, "padding": padding, **more}


def _listed(value: Setting) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tupled(value: Any) -> Setting:
    return tuple(value) if isinstance(value, list | tuple) else value
