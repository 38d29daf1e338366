"""One layer of a saved configuration becomes a layer of a network, or is refused.

In: the parsed object {"module", "class_name", "config", ...} that Keras 2 or 3 wrote for a layer. Out: LayerSpec.
The rule: a list of what is allowed, for classes, modules and options; what says how a network is trained or drawn
(initialisers, regularisers, constraints) is looked at only to see that it is Keras's own, and then forgotten. Options
that are not known are refused unless they are off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.checks.graphs import LayerSpec
from grader.checks.layersettings import ACTIVATIONS, Setting
from grader.checks.modelfault import COURSE_LAYERS, ModelFault
from grader.text import one_line

LAYER_MODULES = ("keras.layers", "tf_keras.layers", "keras.src.layers")
MODEL_CLASSES = ("Sequential", "Functional", "Model")
_LONGEST_NAME = 80

#: Classes of Keras that may be named in a sentence without giving a file's text away.
_KNOWN_CLASSES = frozenset(
    (
        *("Lambda", "TFOpLambda", "SlicingOpLambda", "LeakyReLU", "PReLU", "ELU", "Conv1D", "Conv3D"),
        *("Conv2DTranspose", "MaxPooling1D", "LSTM", "GRU", "Embedding", "LayerNormalization"),
        *("GroupNormalization", "Normalization", "Concatenate", "Multiply", "Average", "Maximum", "Permute"),
        *("Masking", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "UpSampling2D"),
        *("Cropping2D", "Resizing", "CenterCrop", "RandomFlip", "RandomRotation", "RandomZoom"),
        *("RandomTranslation", "RandomContrast", "TimeDistributed", "Bidirectional", "MultiHeadAttention"),
    )
)
_HELPER_MODULES = ("keras", "keras.initializers", "keras.regularizers", "keras.constraints", "keras.dtype_policies")
_HELPERS = frozenset(
    (
        *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "LecunNormal"),
        *("LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer", "RandomNormal", "RandomUniform"),
        *("TruncatedNormal", "VarianceScaling", "Zeros", "L1", "L2", "L1L2", "OrthogonalRegularizer", "MaxNorm"),
        *("MinMaxNorm", "NonNeg", "UnitNorm"),
    )
)
_OBJECT_KEYS = frozenset(("module", "class_name", "config", "registered_name", "shared_object_id", "build_config"))
_DTYPES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")
_POLICIES = ("DTypePolicy", "FloatDTypePolicy", "Policy")

#: Functions of Keras 3 that it saves as layers, and the layers that do the same.
_OPERATIONS = {
    ("keras.src.ops.numpy", "Add"): "Add",
    ("keras.src.ops.nn", "Relu"): "ReLU",
    ("keras.src.ops.nn", "Softmax"): "Softmax",
    ("keras.src.activations.activations", "ReLU"): "ReLU",
    ("keras.src.activations.activations", "Softmax"): "Softmax",
}

_USE_KERAS = "Use Keras's initializers, regularizers and constraints by their names"
_ALIASES = {"swish": "silu"}
_IGNORED = frozenset(("name", "trainable", "dtype", "batch_input_shape", "batch_shape", "autocast", "input_dtype"))
_TRAINING_ONLY = frozenset(("seed", "momentum", "renorm_momentum", "synchronized"))
_HELPER_ENDINGS = ("_initializer", "_regularizer", "_constraint")

_Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """How the configuration of one class is read."""

    kind: str
    options: Mapping[str, tuple[str, _Convert]]  # setting -> key, conversion
    defaults: Mapping[str, Any]  # of keys that older versions do not write


def read_layer(saved: Mapping[str, Any], *, rank: int) -> LayerSpec:
    """Read a layer.

    Args:
        saved: the layer's object; its `config` is an object.
        rank: how many axes come in, without the batch's.

    Raises:
        ModelFault: a class, module or option that the course does not use.
    """
    name, title = layer_name(saved), class_of(saved)
    where = f"layer `{name}`, {title}"
    if title in MODEL_CLASSES:
        raise ModelFault("The model has another model in it", where=where, fix="Put its layers in one by one")
    ours = saved.get("module") in LAYER_MODULES and saved.get("registered_name") is None
    if is_operation(saved):
        title = _OPERATIONS[saved["module"], title]
    elif title not in _READERS or not ours:
        raise _refused(saved, where)
    config = saved["config"]
    _check_dtype(config.get("dtype"), where)
    if title in ("ReLU", "Softmax"):
        return LayerSpec(kind="activation", settings={"activation": _standing_function(title, config, rank, where)})
    if title == "BatchNormalization":
        _check_axis(config, rank, where)
        config = {key: value for key, value in config.items() if key != "axis"}
    return LayerSpec(kind=_READERS[title].kind, settings=_settings(_READERS[title], config, where))


def layer_name(saved: Mapping[str, Any]) -> str:
    """What a layer is called, safe to print; "" if it has no name."""
    config = saved.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    name = saved.get("name") if name is None else name
    return one_line(name, limit=_LONGEST_NAME) if isinstance(name, str) else ""


def is_operation(saved: Mapping[str, Any]) -> bool:
    """Whether an object is a function that was called on a tensor, `x + y` for instance: it has no weights at all."""
    module, title = saved.get("module"), class_of(saved)
    return isinstance(module, str) and (module, title) in _OPERATIONS and saved.get("registered_name") == title


def class_of(saved: Any) -> str:
    """The name of an object's class, "" if it has none."""
    title = saved.get("class_name") if isinstance(saved, dict) else ""
    return title if isinstance(title, str) else ""


def _refused(saved: Mapping[str, Any], where: str) -> ModelFault:
    title = class_of(saved)
    keras = saved.get("module") in LAYER_MODULES and saved.get("registered_name") is None
    if title in _KNOWN_CLASSES and (keras or "Lambda" in title):
        return ModelFault(f"The model has a {title} layer", where=where, fix=COURSE_LAYERS)
    where = f"{where}, module {saved.get('module')!r}, registered as {saved.get('registered_name')!r}"
    if keras:
        return ModelFault("The model has a layer that the course does not use", where=where, fix=COURSE_LAYERS)
    return ModelFault("The model has a layer that is not Keras's own", where=where, fix=COURSE_LAYERS)


# --- options ------------------------------------------------------------------


def _settings(reader: _Reader, config: Mapping[str, Any], where: str) -> dict[str, Setting]:
    settings: dict[str, Any] = {}
    for setting, (key, convert) in reader.options.items():
        if key not in config and key not in reader.defaults:
            raise ModelFault("A layer lacks an option that Keras writes", where=f"{where}: {key}")
        value = config.get(key, reader.defaults.get(key))
        settings[setting] = _function(value, where) if setting == "activation" else convert(value)
    if "strides" in settings and settings["strides"] is None:  # a pooling window moves by its own size
        settings["strides"] = settings["size"]
    _check_others(config, {key for key, _ in reader.options.values()}, where)
    return settings


def _check_others(config: Mapping[str, Any], known: set[str], where: str) -> None:
    """Refuse options that might change what the layer computes."""
    for key, value in config.items():
        if key in known or key in _IGNORED or key in _TRAINING_ONLY:
            continue
        if key.endswith(_HELPER_ENDINGS):
            _check_helper(value, f"{where}: {key}")
        elif key == "data_format":
            if value not in (None, "channels_last"):
                fix = "Put the channels last, as the course does"
                raise ModelFault("A layer has the channels first", where=where, fix=fix)
        elif value not in (None, False, "", [], {}):
            told = f"{where}: {key} = {value!r:.80}"
            raise ModelFault("A layer has an option that the course does not use", where=told, fix="Leave it out")


def _function(value: Any, where: str) -> str:
    """The activation of a layer: a name, or one of Keras's layers in its place."""
    if value is None:
        return "linear"
    if isinstance(value, dict):
        config = value.get("config")
        own = value.get("module") in LAYER_MODULES and value.get("registered_name") is None
        if own and value.get("class_name") in ("ReLU", "Softmax") and isinstance(config, dict):
            return _standing_function(value["class_name"], config, 0, where)
    elif isinstance(value, str) and value in ACTIVATIONS:
        return _ALIASES.get(value, value)
    fix = 'Name one of Keras\'s, such as activation="relu"'
    raise ModelFault("The activation of a layer is not one of Keras's", where=f"{where}: {value!r}", fix=fix)


def _standing_function(title: str, config: Mapping[str, Any], rank: int, where: str) -> str:
    """What a ReLU or Softmax layer computes."""
    if title == "Softmax":
        _check_axis(config, rank, where)
        _check_others(config, {"axis"}, where)
        return "softmax"
    options = {key: _number(config.get(key)) for key in ("max_value", "negative_slope", "threshold")}
    _check_others(config, set(options), where)
    if not options["negative_slope"] and not options["threshold"] and options["max_value"] in (None, 6):
        return "relu" if options["max_value"] is None else "relu6"
    raise ModelFault("A ReLU layer is not the plain one", where=f"{where}: {options!r}", fix="Write ReLU() alone")


def _number(value: Any) -> Any:
    """A number, also where Keras 2 wrote a NumPy one."""
    if isinstance(value, dict) and value.get("class_name") == "__numpy__" and isinstance(value.get("config"), dict):
        return value["config"].get("value")
    return value


def _check_axis(config: Mapping[str, Any], rank: int, where: str) -> None:
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if axis != -1 and (not rank or axis != rank):
        raise ModelFault("A layer works along another axis than the last", where=f"{where}: axis = {axis!r}")


def _check_dtype(dtype: Any, where: str) -> None:
    name = dtype
    if isinstance(dtype, dict):
        config = dtype.get("config")
        name = config.get("name") if class_of(dtype) in _POLICIES and isinstance(config, dict) else ""
    if name is not None and name not in _DTYPES:
        fix = "Train and save it in float32"
        raise ModelFault("A layer does not compute in floating point numbers", where=f"{where}: {dtype!r}", fix=fix)


def _check_helper(value: Any, where: str) -> None:
    """Refuse an initialiser, regulariser or constraint that is not Keras's own."""
    if value is None or (isinstance(value, str) and len(value) <= _LONGEST_NAME):
        return
    ours = (
        isinstance(value, dict)
        and value.keys() <= _OBJECT_KEYS
        and value.get("module", "keras") in _HELPER_MODULES
        and class_of(value) in _HELPERS
        and value.get("registered_name") in (None, class_of(value))
        and isinstance(value.get("config"), dict)
        and not any(isinstance(each, dict) for each in value["config"].values())
    )
    if not ours:
        raise ModelFault("A layer is drawn or trained with a function of your own", where=where, fix=_USE_KERAS)


# --- classes ------------------------------------------------------------------


def _as_is(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else _as_is(value)


def _margins(value: Any) -> Any:
    """[[top, bottom], [left, right]], as Keras always writes it."""
    if isinstance(value, list) and all(isinstance(each, list) for each in value):
        return tuple(margin for each in value for margin in each)
    return value


def _float(value: Any) -> Any:
    value = _number(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e9 else value


def _reader(kind: str, options: str, **defaults: Any) -> _Reader:
    """Options as "setting=key"; the key is left out where it is the same word."""
    pairs = [option.partition("=")[::2] for option in options.split()]
    return _Reader(
        kind=kind,
        options={setting: (key or setting, _CONVERSIONS.get(setting, _as_is)) for setting, key in pairs},
        defaults=defaults,
    )


_CONVERSIONS: dict[str, _Convert] = {
    **dict.fromkeys(("size", "strides", "dilation"), _pair),
    **dict.fromkeys(("rate", "epsilon", "factor", "offset"), _float),
    "margins": _margins,
}
_KERNEL = "size=kernel_size strides padding dilation=dilation_rate activation use_bias"
_POOL = "size=pool_size strides padding"

_READERS: dict[str, _Reader] = {
    "Conv2D": _reader("conv2d", f"filters groups {_KERNEL}", groups=1),
    "DepthwiseConv2D": _reader("depthwise_conv2d", f"depth_multiplier {_KERNEL}"),
    "SeparableConv2D": _reader("separable_conv2d", f"filters depth_multiplier {_KERNEL}"),
    "MaxPooling2D": _reader("max_pooling2d", _POOL),
    "AveragePooling2D": _reader("average_pooling2d", _POOL),
    "GlobalMaxPooling2D": _reader("global_max_pooling2d", ""),
    "GlobalAveragePooling2D": _reader("global_average_pooling2d", ""),
    "Flatten": _reader("flatten", ""),
    "Dense": _reader("dense", "units activation use_bias"),
    "Dropout": _reader("dropout", "rate"),
    "Activation": _reader("activation", "activation"),
    "ReLU": _reader("activation", ""),
    "Softmax": _reader("activation", ""),
    "Add": _reader("add", ""),
    "BatchNormalization": _reader("batch_normalization", "epsilon center scale"),
    "ZeroPadding2D": _reader("zero_padding2d", "margins=padding"),
    "Rescaling": _reader("rescaling", "factor=scale offset"),
    "Reshape": _reader("reshape", "shape=target_shape"),
}
