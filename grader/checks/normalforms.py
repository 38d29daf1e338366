"""Networks that are the same function, written in another way, get the same form.

In: a Network. Out: its normal form, with the index of the layer that each of its layers was.
Normalised: an activation that stands alone is folded into the layer before it; what changes nothing is left out
(dropout of 0, a linear activation, ReLU after ReLU); a reshape to a row is a flatten; the order of the layers follows
the way back from the output, along the longest branch of a sum first; names count from 0. Layers that do not feed the
output are left out.
Not normalised: padding, strides, dropout, anything that changes a shape or what is trained.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.checks.graphs import INPUT, LayerSpec, Network, NetworkBuilder, NetworkLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalForm:
    """A network without the freedom of writing it."""

    network: Network
    origins: tuple[int, ...]  # for each layer the index of the original's: the one whose weights it has


@dataclass(slots=True, kw_only=True)
class _Step:
    """A layer on its way to the normal form."""

    spec: LayerSpec
    inputs: tuple[int, ...]
    origin: int
    depth: int = 0  # layers on the longest way from the input
    digest: str = ""  # of the layer and all that feeds it


def normal_form(network: Network) -> NormalForm:
    """Give a network's normal form; of a normal form it is the same again."""
    steps, output = _fold(network)
    _measure(steps)
    order = _backwards(steps, output)
    place = {INPUT: INPUT, **{index: position for position, index in enumerate(order)}}
    builder = NetworkBuilder(network.input_shape)
    for index in order:
        step = steps[index]
        builder.add(step.spec, *(place[each] for each in _ranked(step.inputs, steps)))
    return NormalForm(network=builder.network(), origins=tuple(steps[index].origin for index in order))


def normalised(network: Network) -> Network:
    """The network of the normal form: two networks are the same function if, though not only if, these are equal."""
    return normal_form(network).network


def counterparts(network: Network, other: Network) -> tuple[int, ...]:
    """Pair the layers of two networks of the same normal form.

    Returns:
        For each layer of `other` that has weights, in its order, the index of the layer of `network` that has the same
        place.

    Raises:
        ValueError: the networks differ.
    """
    mine, theirs = normal_form(network), normal_form(other)
    if mine.network != theirs.network:
        raise ValueError("the networks differ: their layers have no counterparts")
    pairs = dict(zip(theirs.origins, mine.origins, strict=True))
    return tuple(pairs[index] for index, layer in enumerate(other.layers) if layer.parameters)


def _fold(network: Network) -> tuple[list[_Step], int]:
    """Fold activations and leave out what changes nothing; the index of the output comes with the layers."""
    steps: list[_Step] = []
    place = {INPUT: INPUT}
    sources = [*_sources(network), INPUT]  # the last stands for INPUT, which is -1
    used = _used(network)
    readers = Counter(
        sources[each]
        for at, layer in enumerate(network.layers)
        if at in used and sources[at] == at
        for each in layer.inputs
    )
    for index, layer in enumerate(network.layers):
        if index not in used:
            continue
        inputs = tuple(place[each] for each in layer.inputs)
        before = steps[inputs[0]] if inputs[0] != INPUT else None
        if _changes_nothing(network, layer) or _repeats(layer, before):
            place[index] = inputs[0]
        elif before is not None and _can_fold(layer, before) and readers[sources[layer.inputs[0]]] == 1:
            settings = {**before.spec.settings, "activation": layer.settings["activation"]}
            before.spec = replace(before.spec, settings=settings)
            place[index] = inputs[0]
        else:
            steps.append(_Step(spec=_simplified(network, layer), inputs=inputs, origin=index))
            place[index] = len(steps) - 1
    return steps, place[len(network.layers) - 1]


def _used(network: Network) -> set[int]:
    """The layers that feed the output."""
    used = {len(network.layers) - 1}
    for index in reversed(range(len(network.layers))):
        if index in used:
            used.update(network.layers[index].inputs)
    return used


def _sources(network: Network) -> list[int]:
    """For each layer the one whose values it gives on: itself, or what comes before layers that change nothing."""
    sources: list[int] = []
    for index, layer in enumerate(network.layers):
        before = layer.inputs[0]
        passed = before if before == INPUT else sources[before]
        sources.append(passed if _changes_nothing(network, layer) else index)
    return sources


def _changes_nothing(network: Network, layer: NetworkLayer) -> bool:
    settings = layer.settings
    match layer.kind:
        case "activation":
            return settings["activation"] == "linear"
        case "dropout":
            return settings["rate"] == 0
        case "rescaling":
            return settings["factor"] == 1 and settings["offset"] == 0
        case "zero_padding2d":
            return not any(settings["margins"])  # type: ignore[arg-type]
        case "flatten" | "reshape":
            return None not in layer.output_shape and layer.output_shape == network.shape_of(layer.inputs[0])
        case _:
            return False


def _can_fold(layer: NetworkLayer, before: _Step) -> bool:
    return layer.kind == "activation" and before.spec.settings.get("activation") == "linear"


def _repeats(layer: NetworkLayer, before: _Step | None) -> bool:
    """ReLU after ReLU is ReLU."""
    both = layer.settings.get("activation"), before.spec.settings.get("activation") if before else None
    return layer.kind == "activation" and both == ("relu", "relu")


def _simplified(network: Network, layer: NetworkLayer) -> LayerSpec:
    """The layer without its name, and in the simpler of two ways of writing it."""
    if layer.kind == "reshape" and len(layer.output_shape) == 1 and None not in network.shape_of(layer.inputs[0]):
        return LayerSpec(kind="flatten")
    if layer.kind == "reshape" and None not in layer.output_shape:
        return LayerSpec(kind="reshape", settings={"shape": layer.output_shape})  # type: ignore[dict-item]
    return LayerSpec(kind=layer.kind, settings=layer.settings)


def _measure(steps: Sequence[_Step]) -> None:
    """Give every layer its depth and digest; inputs come first, so one pass is enough."""
    for step in steps:
        feeds = [steps[index] for index in _ranked(step.inputs, steps) if index != INPUT]
        step.depth = 1 + max((each.depth for each in feeds), default=0)
        told = repr((step.spec.kind, sorted(step.spec.settings.items()), [each.digest for each in feeds]))
        step.digest = hashlib.sha256(told.encode()).hexdigest()


def _ranked(inputs: Sequence[int], steps: Sequence[_Step]) -> list[int]:
    """What a sum adds: its order means nothing, so the longest branch comes first and the input last."""
    return sorted(inputs, key=lambda index: (0, "") if index == INPUT else (-steps[index].depth, steps[index].digest))


def _backwards(steps: Sequence[_Step], output: int) -> list[int]:
    """The layers that feed the output, each after its inputs, branch by branch."""
    order: list[int] = []
    done: set[int] = {INPUT}
    waiting = [output]
    while waiting:
        index = waiting[-1]
        missing = [] if index in done else [each for each in _ranked(steps[index].inputs, steps) if each not in done]
        if missing:
            waiting.append(missing[0])
            continue
        waiting.pop()
        if index not in done:
            done.add(index)
            order.append(index)
    return order
