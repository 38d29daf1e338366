"""A network as plain values: layers in an order in which each follows what it is fed, with shapes and weights.

In: an input shape and layers, one by one. Out: a Network, its shapes inferred.
The rule: what stands in a Network fits together; it cannot be made otherwise. Its last layer gives its output.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from grader.checks.layerkinds import KINDS, Shape, check_settings
from grader.checks.layersettings import NetworkError, Setting, is_count

INPUT = -1  # the index that stands for what the network is given


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """A layer before it has a place in a network."""

    kind: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    name: str = ""  # "" takes Keras's: conv2d, conv2d_1, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLayer:
    """A layer in its place."""

    kind: str  # one of KINDS
    name: str
    settings: Mapping[str, Setting]
    inputs: tuple[int, ...]  # indices of earlier layers, or INPUT
    output_shape: Shape  # without the batch axis
    weights: Mapping[str, tuple[int, ...]]  # name -> shape, in Keras's order

    @property
    def title(self) -> str:
        """Keras's name of the kind."""
        return KINDS[self.kind].title

    @property
    def weight_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of its arrays, in Keras's order: kernel, bias; gamma, beta, moving_mean, moving_variance."""
        return tuple(self.weights.values())

    @property
    def parameters(self) -> int:
        """How many numbers the layer keeps, those that are not trained included."""
        return sum(math.prod(shape) for shape in self.weight_shapes)

    @property
    def spec(self) -> LayerSpec:
        """The layer without its place."""
        return LayerSpec(kind=self.kind, settings=self.settings, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Layers, in an order in which each comes after its inputs; the last gives the output."""

    input_shape: Shape  # without the batch axis
    layers: tuple[NetworkLayer, ...]

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample's answer."""
        return self.shape_of(len(self.layers) - 1)

    @property
    def parameters(self) -> int:
        """How many numbers the network keeps."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def specs(self) -> tuple[LayerSpec, ...]:
        """The layers without their places: `sequential((28, 28, 3), *network.specs)` is a chain with another input."""
        return tuple(layer.spec for layer in self.layers)

    @property
    def weight_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of all arrays, layer after layer: the order of a flat list of weights."""
        return tuple(shape for layer in self.layers for shape in layer.weight_shapes)

    def shape_of(self, index: int) -> Shape:
        """The shape that a layer gives, or that comes in for INPUT."""
        return self.input_shape if index == INPUT else self.layers[index].output_shape


class NetworkBuilder:
    """Puts layers together, one after another.

    Args:
        input_shape: of one sample, channels last; a size that is not fixed is None.

    Raises:
        NetworkError: a size is not a whole number of 1 or more.
    """

    def __init__(self, input_shape: Shape) -> None:
        if not all(size is None or is_count(size) for size in input_shape):
            raise NetworkError(f"the input cannot have shape {input_shape!r}")
        self._input_shape = tuple(input_shape)
        self._layers: list[NetworkLayer] = []
        self._names: set[str] = set()
        self._used: Counter[str] = Counter()

    def add(self, spec: LayerSpec, *inputs: int) -> int:
        """Put a layer in and return its index.

        Args:
            spec: the layer.
            inputs: indices of the layers that feed it, INPUT for what the network is given; none: the last one.

        Raises:
            NetworkError: the shapes do not fit, or the settings are not the kind's.
        """
        last = len(self._layers) - 1
        feeds = inputs or (last,)
        if not all(INPUT <= index <= last for index in feeds):
            raise NetworkError(f"a layer is fed by earlier ones, -1 to {last}, not by {feeds}")
        check_settings(spec.kind, spec.settings)
        if (spec.kind != "add" and len(feeds) != 1) or (spec.kind == "add" and len(feeds) < 2):
            raise NetworkError(f"{spec.kind} cannot have {len(feeds)} inputs")
        name = spec.name or self._default_name(spec.kind)
        if name in self._names:
            raise NetworkError(f"two layers are called `{name}`")
        shapes = [self.shape_of(index) for index in feeds]
        kind = KINDS[spec.kind]
        try:
            output_shape = kind.output(spec.settings, shapes)
            weights = kind.weights(spec.settings, shapes[0])
        except NetworkError as error:
            raise NetworkError(f"{name}: {error}") from None
        self._names.add(name)
        self._layers.append(
            NetworkLayer(
                kind=spec.kind,
                name=name,
                settings=dict(spec.settings),
                inputs=tuple(feeds),
                output_shape=output_shape,
                weights=weights,
            )
        )
        return len(self._layers) - 1

    def shape_of(self, index: int) -> Shape:
        """The shape that a layer gives, or that comes in for INPUT."""
        return self._input_shape if index == INPUT else self._layers[index].output_shape

    def network(self) -> Network:
        """What was put together so far."""
        return Network(input_shape=self._input_shape, layers=tuple(self._layers))

    def _default_name(self, kind: str) -> str:
        for number in count(self._used[kind]):
            name = f"{kind}_{number}" if number else kind
            if name not in self._names:
                self._used[kind] = number
                return name
        raise AssertionError("numbers do not end")
