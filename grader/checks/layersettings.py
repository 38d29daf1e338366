"""The settings that layers have: which words, and which values they may take.

In: a value. Out: whether it can be one. The words mean the same in every kind of layer:

    filters, units, depth_multiplier, groups    whole numbers of 1 or more
    size, strides, dilation                     (rows, columns); size is that of a filter or of a window
    padding                                     "valid" or "same"
    activation                                  one of ACTIVATIONS
    use_bias, center, scale                     bool (scale: batch normalisation multiplies by gamma)
    rate                                        of a dropout, 0 <= rate < 1
    epsilon, factor, offset                     numbers; factor and offset are those of a rescaling
    margins                                     (top, bottom, left, right) rows and columns of zeros
    shape                                       of a reshape; one size may be -1
"""

import math
from collections.abc import Callable, Mapping

Setting = bool | int | float | str | tuple[int, ...]
Settings = Mapping[str, Setting]

MOST = 1_000_000  # filters, units, pixels: far above every network, and small enough to multiply

#: Functions of Keras that a layer may end in, by Keras's names.
ACTIVATIONS = (
    *("linear", "relu", "softmax", "sigmoid", "tanh", "relu6", "elu", "selu", "gelu", "softplus", "softsign", "silu"),
    *("exponential", "hard_sigmoid", "leaky_relu", "log_softmax", "mish", "swish"),
)
PADDINGS = ("valid", "same")


class NetworkError(ValueError):
    """A network that cannot be: an unknown kind or setting, or shapes that do not fit."""


def is_count(value: object) -> bool:
    """Whether a value is a whole number from 1 to MOST."""
    return type(value) is int and 1 <= value <= MOST


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and no bool; of whole numbers none above MOST."""
    return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) <= MOST)


def pair(settings: Settings, name: str) -> tuple[int, int]:
    """A setting of two whole numbers: rows and columns."""
    value = settings[name]
    assert isinstance(value, tuple)
    return value[0], value[1]


def _is_counts(length: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and len(value) == length and all(map(is_count, value))


def _is_margins(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 4 and all(each == 0 or is_count(each) for each in value)


def _is_target(value: object) -> bool:
    whole = isinstance(value, tuple) and len(value) <= 8 and all(each == -1 or is_count(each) for each in value)
    return whole and isinstance(value, tuple) and value.count(-1) <= 1


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_rate(value: object) -> bool:
    return is_number(value) and 0 <= value < 1  # type: ignore[operator]


FORMS: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(("filters", "units", "depth_multiplier", "groups"), is_count),
    **dict.fromkeys(("size", "strides", "dilation"), _is_counts(2)),
    **dict.fromkeys(("use_bias", "center", "scale"), _is_bool),
    **dict.fromkeys(("epsilon", "factor", "offset"), is_number),
    "padding": lambda value: value in PADDINGS,
    "activation": lambda value: value in ACTIVATIONS,
    "rate": _is_rate,
    "margins": _is_margins,
    "shape": _is_target,
}
