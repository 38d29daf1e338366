"""What each kind of layer needs, makes of a shape, and keeps as weights: the arithmetic of Keras, without Keras.

In: a kind, its settings, the shapes that come in. Out: the shape that goes out and the shapes of the weights, in the
order in which Keras saves them. Pure: a geometry that does not fit is a NetworkError.
The rule: shapes leave out the batch axis and have channels last; a size that is not fixed is None, and stays None.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks.layersettings import FORMS, NetworkError, Settings, pair

Size = int | None
Shape = tuple[Size, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerKind:
    """One kind of layer."""

    title: str  # Keras's name
    settings: tuple[str, ...]
    output: Callable[[Settings, Sequence[Shape]], Shape]
    weights: Callable[[Settings, Shape], dict[str, tuple[int, ...]]]  # name -> shape, in Keras's order


def check_settings(kind: str, settings: Settings) -> None:
    """Assert that a kind exists and has these settings, no more and no fewer, of the right types.

    Raises:
        NetworkError: names what is wrong.
    """
    if kind not in KINDS:
        raise NetworkError(f"there is no kind of layer `{kind}`")
    known = KINDS[kind].settings
    for name in {**dict.fromkeys(known), **settings}:
        if name not in known or name not in settings:
            raise NetworkError(f"{kind} has the settings {', '.join(known) or 'none'}; `{name}` is not as it should be")
        if not FORMS[name](settings[name]):
            raise NetworkError(f"{kind}: {name} cannot be {settings[name]!r}")


def write_shape(shape: Shape) -> str:
    """A shape in words: 28x28x1; a size that is not fixed is "any"."""
    return "x".join("any" if size is None else str(size) for size in shape) or "a single number"


# --- shapes -------------------------------------------------------------------


def _maps(shapes: Sequence[Shape]) -> tuple[Size, Size, Size]:
    if len(shapes[0]) != 3:
        raise NetworkError(f"it takes maps (rows, columns, channels), and gets {write_shape(shapes[0])}")
    rows, columns, channels = shapes[0]
    return rows, columns, channels


def _fixed(size: Size, what: str) -> int:
    if size is None:
        raise NetworkError(f"the number of {what} that come in is not fixed")
    return size


def _slide(settings: Settings, shapes: Sequence[Shape]) -> tuple[Size, Size]:
    """Rows and columns of what a window leaves."""
    rows, columns, _ = _maps(shapes)
    sizes, strides = pair(settings, "size"), pair(settings, "strides")
    gaps = pair(settings, "dilation") if "dilation" in settings else (1, 1)
    spans = [(size - 1) * gap + 1 for size, gap in zip(sizes, gaps, strict=True)]
    out: list[Size] = []
    for size, span, stride in zip((rows, columns), spans, strides, strict=True):
        if size is None:
            out.append(None)
        elif settings["padding"] == "same":
            out.append(-(-size // stride))
        elif span <= size:
            out.append((size - span) // stride + 1)
        else:
            raise NetworkError(f"a window of {spans[0]}x{spans[1]} does not fit maps of {write_shape((rows, columns))}")
    return out[0], out[1]


def _convolved(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    filters = settings["filters"]
    assert isinstance(filters, int)
    return (*_slide(settings, shapes), filters)


def _depthwise_convolved(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slide(settings, shapes), _depthwise_channels(settings, shapes[0]))


def _depthwise_channels(settings: Settings, shape: Shape) -> int:
    multiplier = settings["depth_multiplier"]
    assert isinstance(multiplier, int)
    return _fixed(shape[-1], "channels") * multiplier


def _pooled(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slide(settings, shapes), shapes[0][-1])


def _pooled_globally(_: Settings, shapes: Sequence[Shape]) -> Shape:
    return (_maps(shapes)[2],)


def _same(_: Settings, shapes: Sequence[Shape]) -> Shape:
    return shapes[0]


def _flat(_: Settings, shapes: Sequence[Shape]) -> Shape:
    sizes = [size for size in shapes[0] if size is not None]
    return (math.prod(sizes),) if len(sizes) == len(shapes[0]) else (None,)


def _dense(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if not shapes[0]:
        raise NetworkError("it takes a row of numbers, and gets a single one")
    units = settings["units"]
    assert isinstance(units, int)
    return (*shapes[0][:-1], units)


def _sum(_: Settings, shapes: Sequence[Shape]) -> Shape:
    out = shapes[0]
    for other in shapes[1:]:
        if len(out) != len(other) or not all(map(_can_add, out, other)):
            raise NetworkError(f"it adds {write_shape(out)} and {write_shape(other)}: the shapes differ")
        out = tuple(b if a in (1, None) else a for a, b in zip(out, other, strict=True))
    return out


def _can_add(one: Size, other: Size) -> bool:
    return one == other or None in (one, other) or 1 in (one, other)


def _padded(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    rows, columns, channels = _maps(shapes)
    margins = settings["margins"]
    assert isinstance(margins, tuple)
    top, bottom, left, right = margins
    return (
        None if rows is None else rows + top + bottom,
        None if columns is None else columns + left + right,
        channels,
    )


def _reshaped(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    target = settings["shape"]
    assert isinstance(target, tuple)
    (count,) = _flat(settings, shapes)
    known = math.prod(size for size in target if size != -1)
    if count is None:
        return tuple(None if size == -1 else size for size in target)
    if count % known or (-1 not in target and count != known):
        raise NetworkError(f"{write_shape(shapes[0])} cannot become {write_shape(target)}")
    return tuple(count // known if size == -1 else size for size in target)


# --- weights ------------------------------------------------------------------

_Weights = dict[str, tuple[int, ...]]


def _none(_: Settings, __: Shape) -> _Weights:
    return {}


def _bias(settings: Settings, count: int) -> _Weights:
    return {"bias": (count,)} if settings["use_bias"] else {}


def _filters(settings: Settings, shape: Shape) -> _Weights:
    channels, filters, groups = _fixed(shape[-1], "channels"), settings["filters"], settings["groups"]
    assert isinstance(filters, int)
    assert isinstance(groups, int)
    if channels % groups or filters % groups:
        raise NetworkError(f"{channels} channels and {filters} filters do not fall into {groups} groups")
    return {"kernel": (*pair(settings, "size"), channels // groups, filters), **_bias(settings, filters)}


def _depthwise_filters(settings: Settings, shape: Shape) -> _Weights:
    made = _depthwise_channels(settings, shape)
    channels = _fixed(shape[-1], "channels")
    return {"kernel": (*pair(settings, "size"), channels, made // channels), **_bias(settings, made)}


def _separable_filters(settings: Settings, shape: Shape) -> _Weights:
    made, channels, filters = _depthwise_channels(settings, shape), _fixed(shape[-1], "channels"), settings["filters"]
    assert isinstance(filters, int)
    depthwise = (*pair(settings, "size"), channels, made // channels)
    return {"depthwise_kernel": depthwise, "pointwise_kernel": (1, 1, made, filters), **_bias(settings, filters)}


def _matrix(settings: Settings, shape: Shape) -> _Weights:
    units = settings["units"]
    assert isinstance(units, int)
    return {"kernel": (_fixed(shape[-1], "values"), units), **_bias(settings, units)}


def _statistics(settings: Settings, shape: Shape) -> _Weights:
    if not shape:
        raise NetworkError("it takes channels, and gets a single number")
    row = (_fixed(shape[-1], "channels"),)
    learned = {"gamma": settings["scale"], "beta": settings["center"]}
    return {**{name: row for name, there in learned.items() if there}, "moving_mean": row, "moving_variance": row}


# --- the kinds ----------------------------------------------------------------


def _kind(
    title: str,
    settings: str,
    output: Callable[[Settings, Sequence[Shape]], Shape],
    weights: Callable[[Settings, Shape], _Weights] = _none,
) -> LayerKind:
    return LayerKind(title=title, settings=tuple(settings.split()), output=output, weights=weights)


_WINDOW = "size strides padding"

KINDS: dict[str, LayerKind] = {
    "conv2d": _kind("Conv2D", f"filters {_WINDOW} dilation groups activation use_bias", _convolved, _filters),
    "depthwise_conv2d": _kind(
        "DepthwiseConv2D",
        f"depth_multiplier {_WINDOW} dilation activation use_bias",
        _depthwise_convolved,
        _depthwise_filters,
    ),
    "separable_conv2d": _kind(
        "SeparableConv2D",
        f"filters depth_multiplier {_WINDOW} dilation activation use_bias",
        _convolved,
        _separable_filters,
    ),
    "max_pooling2d": _kind("MaxPooling2D", _WINDOW, _pooled),
    "average_pooling2d": _kind("AveragePooling2D", _WINDOW, _pooled),
    "global_max_pooling2d": _kind("GlobalMaxPooling2D", "", _pooled_globally),
    "global_average_pooling2d": _kind("GlobalAveragePooling2D", "", _pooled_globally),
    "flatten": _kind("Flatten", "", _flat),
    "dense": _kind("Dense", "units activation use_bias", _dense, _matrix),
    "dropout": _kind("Dropout", "rate", _same),
    "activation": _kind("Activation", "activation", _same),
    "add": _kind("Add", "", _sum),
    "batch_normalization": _kind("BatchNormalization", "epsilon center scale", _same, _statistics),
    "zero_padding2d": _kind("ZeroPadding2D", "margins", _padded),
    "rescaling": _kind("Rescaling", "factor offset", _same),
    "reshape": _kind("Reshape", "shape", _reshaped),
}
