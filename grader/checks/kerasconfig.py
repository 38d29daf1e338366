"""A saved configuration becomes a Network: Sequential or functional, of Keras 2 or 3.

In: the parsed config.json of a .keras file, which somebody hostile may have written. Out: the network, and for each of
its layers the name of the group that holds its arrays in model.weights.h5.
The rule: only the graph and its layers are read. How the model is compiled is never looked at: students compile with
what they like, and nothing of it says what the network computes.

A layer without weights that is called several times becomes several layers; one with weights is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.checks.graphs import INPUT, Network, NetworkBuilder
from grader.checks.kerasfile import ModelLimits
from grader.checks.keraslayers import LAYER_MODULES, class_of, is_operation, layer_name, read_layer
from grader.checks.layerkinds import KINDS, Shape
from grader.checks.layersettings import NetworkError
from grader.checks.modelfault import COURSE_LAYERS, ModelFault

_PACKAGES = ("keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras")
_MOST_AXES = 8
_MOST_CALLS = 64  # of one layer
_MOST_INPUTS = 64  # of one call

_BUILD = "Begin it with keras.Input(...), so that it is built before it is saved"
_GROUPS = {kind.title: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConfig:
    """A network, and where its arrays are."""

    network: Network
    containers: tuple[str, ...]  # for each layer: "conv2d_1", or "" where it has no weights


def read_config(saved: Any, limits: ModelLimits) -> ReadConfig:
    """Read a model's configuration.

    Raises:
        ModelFault: it is no Sequential or functional model, has something in it that the course does not use, or does
            not fit together.
    """
    title = class_of(saved)
    config = saved.get("config") if isinstance(saved, dict) else None
    if title not in ("Sequential", "Functional") or not _is_from_keras(saved) or not isinstance(config, dict):
        where = f"config.json: class {title!r}"
        fix = "Build it with keras.Sequential or with keras.Model(inputs, outputs)"
        raise ModelFault("The model is neither Sequential nor functional", where=where, fix=fix)
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers or len(layers) > limits.layers:
        raise ModelFault(f"The model has no layers, or more than {limits.layers}", where="config.json")
    for layer in layers:
        _check_object(layer)
    try:
        if title == "Sequential":
            return _read_chain(saved, config, layers)
        return _Graph(config, layers, limits).read()
    except NetworkError as error:
        raise ModelFault("The model's layers do not fit together", where=str(error)) from error


def _is_from_keras(saved: Mapping[str, Any]) -> bool:
    module, name = saved.get("module"), saved.get("registered_name")
    package = isinstance(module, str) and any(module == each or module.startswith(f"{each}.") for each in _PACKAGES)
    return package and name in (None, class_of(saved))


def _check_object(layer: Any) -> None:
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise ModelFault("A layer of the model is not written as Keras writes it", where=f"config.json: {layer!r:.80}")


def _is_input(layer: Mapping[str, Any]) -> bool:
    return (
        class_of(layer) == "InputLayer"
        and layer.get("module") in LAYER_MODULES
        and layer.get("registered_name") is None
    )


def _containers(layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name each layer's group of arrays as Keras does: by its class, counted over the layers of the model."""
    used: Counter[str] = Counter()
    names = []
    for layer in layers:
        group = "" if is_operation(layer) else _GROUPS.get(class_of(layer), "")
        names.append(f"{group}_{used[group]}" if used[group] else group)
        used[group] += 1
    return names


# --- shapes -------------------------------------------------------------------


def _read_shape(shape: Any) -> Shape:
    """A shape without its batch axis."""
    whole = isinstance(shape, list) and 2 <= len(shape) <= _MOST_AXES
    if not whole or not all(size is None or type(size) is int for size in shape):
        raise ModelFault("The model does not say which shape it takes", where=f"config.json: {shape!r:.80}", fix=_BUILD)
    return tuple(shape[1:])


def _shape_in(config: Mapping[str, Any]) -> Any:
    return config.get("batch_shape", config.get("batch_input_shape"))


# --- Sequential ---------------------------------------------------------------


def _read_chain(saved: Mapping[str, Any], config: Mapping[str, Any], layers: Sequence[dict[str, Any]]) -> ReadConfig:
    first = layers[0]
    build = saved.get("build_config")
    later = build.get("input_shape") if isinstance(build, dict) else None
    shape = next(
        (each for each in (_shape_in(first["config"]), config.get("build_input_shape"), later) if each is not None),
        None,
    )
    builder = NetworkBuilder(_read_shape(shape))
    rest = layers[1:] if _is_input(first) else layers
    last = INPUT
    for layer in rest:
        spec = read_layer(layer, rank=len(builder.shape_of(last)))
        last = builder.add(replace(spec, name=layer_name(layer)))
    return _finished(builder, _containers(rest))


def _finished(builder: NetworkBuilder, containers: Sequence[str]) -> ReadConfig:
    network = builder.network()
    there = (name if layer.parameters else "" for layer, name in zip(network.layers, containers, strict=True))
    return ReadConfig(network=network, containers=tuple(there))


# --- functional ---------------------------------------------------------------


class _Graph:
    """A functional model on its way to a network.

    Args:
        config: of the model.
        layers: its layers' objects.
        limits: on the number of layers, where each call counts as one.

    Raises:
        ModelFault: names are missing or not unique, or there is more than one input or output.
    """

    def __init__(self, config: Mapping[str, Any], layers: Sequence[dict[str, Any]], limits: ModelLimits) -> None:
        self._containers = dict(enumerate(_containers(layers)))
        self._layers = layers
        self._index = {name: index for index, name in enumerate(_raw_name(layer) for layer in layers)}
        if len(self._index) != len(layers):
            raise ModelFault("Two layers of the model have the same name", where="config.json")
        inputs = [index for index, layer in enumerate(layers) if _is_input(layer)]
        outputs = config.get("output_layers")
        if isinstance(outputs, list) and len(outputs) == 1:
            outputs = outputs[0]
        if len(inputs) != 1 or not isinstance(outputs, list) or len(outputs) != 3 or isinstance(outputs[0], list):
            fix = "Build it with one input and one output"
            raise ModelFault("The model has more than one input or output, or none", where="config.json", fix=fix)
        self._input = inputs[0]
        self._output = self._call(outputs, "output_layers")
        self._most = limits.layers
        self._calls = [
            list(_read_calls(layer, limit=_MOST_CALLS)) if index != self._input else []
            for index, layer in enumerate(layers)
        ]

    def read(self) -> ReadConfig:
        """Read the graph from its output backwards.

        Raises:
            ModelFault: the layers make no graph, or one is not the course's.
            NetworkError: they do not fit together.
        """
        builder = NetworkBuilder(_read_shape(_shape_in(self._layers[self._input]["config"])))
        place = {(self._input, 0): INPUT}
        containers = []
        for index, number in self._in_order():
            layer = self._layers[index]
            feeds = [place[self._call(each, _raw_name(layer))] for each in self._calls[index][number]]
            name = layer_name(layer)
            spec = read_layer(layer, rank=len(builder.shape_of(feeds[0])))
            place[index, number] = builder.add(replace(spec, name=f"{name} ({number + 1})" if number else name), *feeds)
            containers.append(self._containers[index])
        read = _finished(builder, containers)
        self._refuse_sharing(read, place)
        return read

    def _in_order(self) -> list[tuple[int, int]]:
        """Every call that leads to the output, each after its inputs, else as in the file."""
        reached = self._reached()
        if {index for index, _ in reached} != set(range(len(self._layers))) - {self._input}:
            raise ModelFault("The model has a layer that does not lead to its output", where="config.json")
        if len(reached) > self._most:
            raise ModelFault(f"The model has more than {self._most} layers", where="config.json")
        done = {(self._input, 0)}
        order: list[tuple[int, int]] = []
        for call in sorted(reached):
            waiting = [call]
            while waiting:
                missing = [each for each in reached[waiting[-1]] if each not in done]
                if missing and missing[0] in waiting:
                    raise ModelFault("The model's layers feed each other in a circle", where="config.json")
                if missing:
                    waiting.append(missing[0])
                elif (last := waiting.pop()) not in done:
                    done.add(last)
                    order.append(last)
        return order

    def _reached(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """The calls that lead to the output, with those that feed each."""
        reached: dict[tuple[int, int], list[tuple[int, int]]] = {}
        waiting = [self._output]
        while waiting:
            call = waiting.pop()
            if call in reached or call == (self._input, 0):
                continue
            index, number = call
            feeds = self._calls[index][number : number + 1]
            if not feeds or not 1 <= len(feeds[0]) <= _MOST_INPUTS:
                where = f"config.json: layer `{_raw_name(self._layers[index])}`"
                raise ModelFault(f"A layer of the model has no input, or more than {_MOST_INPUTS}", where=where)
            reached[call] = [self._call(each, _raw_name(self._layers[index])) for each in feeds[0]]
            waiting.extend(reached[call])
        return reached

    def _call(self, history: Any, where: str) -> tuple[int, int]:
        """Find the call that a tensor comes from: [name of the layer, number of the call, number of the tensor]."""
        name, number, tensor = history if isinstance(history, list) and len(history) == 3 else (None, None, None)
        index = self._index.get(name) if isinstance(name, str) else None
        if index is None or type(number) is not int or not 0 <= number < _MOST_CALLS or tensor != 0:
            raise ModelFault("A layer of the model is fed by one that is not there", where=f"config.json: {where}")
        return index, number

    def _refuse_sharing(self, read: ReadConfig, place: Mapping[tuple[int, int], int]) -> None:
        """Refuse weights that are used in two places."""
        for (index, number), at in place.items():
            if number and at != INPUT and read.network.layers[at].parameters:
                where = f"config.json: layer `{_raw_name(self._layers[index])}`"
                raise ModelFault("A layer with weights is used twice", where=where, fix="Make a layer for each place")


def _raw_name(layer: Mapping[str, Any]) -> str:
    name = layer.get("name", layer["config"].get("name"))
    if not isinstance(name, str) or not name:
        raise ModelFault("A layer of the model has no name", where="config.json")
    return name


def _read_calls(layer: Mapping[str, Any], *, limit: int) -> Iterator[list[Any]]:
    """For each call of a layer, where its tensors come from, in either way of writing it."""
    nodes = layer.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) > limit:
        raise ModelFault("A layer of the model is not written as Keras writes it", where="config.json: inbound_nodes")
    for node in nodes:
        if isinstance(node, dict):
            _check_options(node.get("kwargs"), layer)
            yield [_history(tensor, layer) for tensor in _flat(node.get("args"))]
        else:
            tensors = node if isinstance(node, list) else [None]
            for tensor in tensors:
                _check_options(tensor[3] if isinstance(tensor, list) and len(tensor) == 4 else None, layer)
            yield [tensor[:3] if isinstance(tensor, list) else tensor for tensor in tensors]


def _flat(args: Any) -> list[Any]:
    """Tensors that come one by one, or in a list."""
    args = args if isinstance(args, list) else [args]
    return [each for arg in args for each in (arg if isinstance(arg, list) else [arg])]


def _history(tensor: Any, layer: Mapping[str, Any]) -> Any:
    config = tensor.get("config") if isinstance(tensor, dict) else None
    if not isinstance(config, dict) or class_of(tensor) != "__keras_tensor__":
        where = f"config.json: layer `{_raw_name(layer)}`"
        raise ModelFault("A layer of the model is fed by something other than a layer", where=where, fix=COURSE_LAYERS)
    return config.get("keras_history")


def _check_options(options: Any, layer: Mapping[str, Any]) -> None:
    """Refuse what a call may say besides its tensors: `training=True` keeps a dropout at work for ever."""
    if options is not None and not isinstance(options, dict):
        raise ModelFault("A layer of the model is not written as Keras writes it", where="config.json: inbound_nodes")
    for key, value in (options or {}).items():
        if value not in (None, False):
            where = f"config.json: layer `{_raw_name(layer)}`: {key} = {value!r:.40}"
            raise ModelFault("A layer is called with an option", where=where, fix="Call it with its inputs alone")
