"""A network that should be a chain of residual blocks, taken apart: stem, blocks, head.

In: a Network. Out: a Trunk of Steps. A step is a layer with what belongs to it: zero padding in front of a window,
activations and batch normalisation behind. Nothing is judged here.
The rule: whatever the network is, it is taken apart as far as it goes; a block without a shortcut is three
convolutions in a row, and what no block can be is named in `stray`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.checks.graphs import INPUT, Network, NetworkLayer
from grader.checks.layerkinds import KINDS, Shape, write_shape

CONV = "conv2d"
CONVOLUTIONS = 3  # of a bottleneck
_WINDOWS = (CONV, "depthwise_conv2d", "separable_conv2d", "max_pooling2d", "average_pooling2d")
_POOLS = ("max_pooling2d", "average_pooling2d")
_AHEAD = 6  # a plain network's stem ends within so many steps


@dataclass(slots=True, kw_only=True)
class Step:
    """A layer with what belongs to it."""

    layer: NetworkLayer
    inputs: tuple[int, ...]  # steps, or INPUT
    takes: Shape  # without the zeros around it
    gives: Shape
    activations: list[str] = field(default_factory=list)  # in turn, the layer's own first, without linear ones
    normalised: bool = False

    @property
    def kind(self) -> str:
        """The layer's."""
        return self.layer.kind

    @property
    def title(self) -> str:
        """Keras's name of the kind."""
        return KINDS[self.kind].title

    @property
    def filters(self) -> int:
        """Of a convolution; 0 where there are none."""
        filters = self.layer.settings.get("filters", 0)
        assert isinstance(filters, int)
        return filters

    @property
    def window(self) -> str:
        """Rows and columns of what slides, in words: 3x3."""
        size = self.layer.settings["size"]
        assert isinstance(size, tuple)
        return write_shape(size)

    @property
    def functions(self) -> str:
        """Its activations in words."""
        return ", ".join(self.activations) or "no activation"

    @property
    def strides(self) -> str:
        """The stride in words: 2, or 2x1."""
        return str(self.stride) if isinstance(self.stride, int) else write_shape(self.stride)

    @property
    def stride(self) -> int | tuple[int, int]:
        """One number where rows and columns have the same."""
        strides = self.layer.settings.get("strides", (1, 1))
        assert isinstance(strides, tuple)
        return strides[0] if strides[0] == strides[1] else (strides[0], strides[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What lies between two sums."""

    takes: Shape
    gives: Shape
    residual: tuple[Step, ...]  # the longer branch
    shortcut: tuple[Step, ...]  # none: the identity
    sum: Step | None  # None: there is no shortcut at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A network as stem, blocks and head."""

    stem: tuple[Step, ...]
    blocks: tuple[Block, ...]
    head: tuple[Step, ...]
    stray: str = ""  # where it stops to be such a chain, after the last block


def take_apart(network: Network) -> Trunk:
    """Take a network apart, as far as it is a chain of blocks."""
    steps = _steps(network)
    return _Reader(network, steps).read()


def has_size(takes: Shape, gives: Shape, stride: int) -> bool:
    """Whether maps have the size that a padded window with this stride leaves: n / stride, rounded up."""
    return all(
        before is None or after == -(-before // stride) for before, after in zip(takes[:2], gives[:2], strict=True)
    )


def with_article(title: str) -> str:
    """A kind of layer in a sentence: an Add, a Dense."""
    return f"{'an' if title[0] in 'AEIO' else 'a'} {title}"


# --- steps --------------------------------------------------------------------


def _steps(network: Network) -> list[Step]:
    """Join each layer with what belongs to it; layers that do not feed the output are left out."""
    used = _used(network)
    readers = _readers({index: network.layers[index].inputs for index in used})
    steps: list[Step] = []
    place = {INPUT: INPUT}  # layer -> step
    for index in used:
        layer = network.layers[index]
        before = layer.inputs[0]
        if _changes_nothing(layer) or _goes_into_a_window(network, layer, readers[index]):
            place[index] = place[before]
        elif place[before] != INPUT and _belongs_to(network, layer, readers[before]):
            step = steps[place[before]]
            place[index] = place[before]
            if layer.kind == "activation" and index == readers[before][0]:
                step.activations.append(str(layer.settings["activation"]))
            step.normalised |= layer.kind == "batch_normalization"
        else:
            inputs = tuple(place[each] for each in layer.inputs)
            takes = network.input_shape if inputs[0] == INPUT else steps[inputs[0]].gives
            own = layer.settings.get("activation", "linear")
            steps.append(
                Step(
                    layer=layer,
                    inputs=inputs,
                    takes=takes,
                    gives=layer.output_shape,
                    activations=[] if own == "linear" else [str(own)],
                )
            )
            place[index] = len(steps) - 1
    return steps


def _used(network: Network) -> list[int]:
    used = {len(network.layers) - 1}
    for index in reversed(range(len(network.layers))):
        if index in used:
            used.update(network.layers[index].inputs)
    return sorted(used - {INPUT})


def _readers(inputs: Mapping[int, Sequence[int]]) -> Mapping[int, list[int]]:
    """Who takes what each gives; each reader once, in order."""
    readers: dict[int, list[int]] = {INPUT: [], **{index: [] for index in inputs}}
    for index, taken in inputs.items():
        for each in dict.fromkeys(taken):
            readers[each].append(index)
    return readers


def _changes_nothing(layer: NetworkLayer) -> bool:
    return (layer.kind == "activation" and layer.settings["activation"] == "linear") or (
        layer.kind == "dropout" and layer.settings["rate"] == 0
    )


def _goes_into_a_window(network: Network, layer: NetworkLayer, readers: Sequence[int]) -> bool:
    """Whether a layer puts zeros around maps over which windows slide next."""
    windows = [network.layers[each].kind in _WINDOWS for each in readers]
    return layer.kind == "zero_padding2d" and any(windows) and all(windows)


def _belongs_to(network: Network, layer: NetworkLayer, readers: Sequence[int]) -> bool:
    """Whether all that is behind a layer comes through this one; an activation may be written once for each reader."""
    if layer.kind == "batch_normalization":
        return len(readers) == 1
    others = [network.layers[each] for each in readers]
    return layer.kind == "activation" and all(
        each.kind == "activation" and each.settings == layer.settings for each in others
    )


# --- stem, blocks, head -------------------------------------------------------


class _Reader:
    """Follows the steps from the input to the output."""

    def __init__(self, network: Network, steps: Sequence[Step]) -> None:
        self._input_shape = network.input_shape
        self._steps = steps
        self._readers = _readers({index: step.inputs for index, step in enumerate(steps)})
        self._stray = ""

    def read(self) -> Trunk:
        stem = self._stem()
        at = stem[-1] if stem else INPUT
        blocks: list[Block] = []
        while (found := self._block(at)) is not None:
            block, at = found
            blocks.append(block)
        return Trunk(stem=self._some(stem), blocks=tuple(blocks), head=self._some(self._chain(at)), stray=self._stray)

    def _some(self, indices: Iterable[int]) -> tuple[Step, ...]:
        return tuple(self._steps[each] for each in indices)

    def _chain(self, at: int, *, until: tuple[str, ...] = ()) -> list[int]:
        """The steps behind one, as long as each has a single reader; the last may have several."""
        chain: list[int] = []
        while len(self._readers[at]) == 1 and self._steps[self._readers[at][0]].kind not in until:
            at = self._readers[at][0]
            chain.append(at)
        return chain

    def _stem(self) -> list[int]:
        """What comes before the first block: up to a pooling layer, else up to the first fork or convolution."""
        chain = self._chain(INPUT, until=("add",))
        forks = bool(chain) and len(self._readers[chain[-1]]) > 1
        early = chain if forks else chain[:_AHEAD]
        pools = [place for place, index in enumerate(early) if self._steps[index].kind in _POOLS]
        if pools:
            return chain[: pools[0] + 1]
        return chain if forks and len(chain) < CONVOLUTIONS else chain[:1]

    def _block(self, at: int) -> tuple[Block, int] | None:
        """The block that begins behind a step, with the step that ends it; None where the head begins."""
        readers = self._readers[at]
        if len(readers) > 2:
            self._stray = "what a block puts out goes to more than two places"
        if len(readers) == 1:
            return self._plain_block(at)
        if len(readers) != 2:
            return None
        first, second = (self._branch(each) for each in readers)
        if first is None or second is None:
            return None
        (one, end), (other, other_end) = first, second
        if end != other_end or len(self._steps[end].inputs) != 2:
            self._stray = "two branches do not come together in one sum of two"
            return None
        residual, shortcut = sorted((self._some(one), self._some(other)), key=_weight, reverse=True)
        return self._made(at, residual, shortcut, self._steps[end]), end

    def _branch(self, index: int) -> tuple[list[int], int] | None:
        """The steps from one to the sum, without it, and the sum."""
        branch: list[int] = []
        while self._steps[index].kind != "add":
            branch.append(index)
            if len(self._readers[index]) != 1:
                self._stray = "a branch forks again, or comes to no sum"
                return None
            index = self._readers[index][0]
        return branch, index

    def _plain_block(self, at: int) -> tuple[Block, int] | None:
        """Convolutions in a row, where a block should be."""
        convolutions: list[int] = []
        for index in self._chain(at)[:CONVOLUTIONS]:
            if self._steps[index].kind != CONV:
                break
            convolutions.append(index)
        if not convolutions:
            return None
        return self._made(at, self._some(convolutions), (), None), convolutions[-1]

    def _made(self, at: int, residual: tuple[Step, ...], shortcut: tuple[Step, ...], sum: Step | None) -> Block:
        takes = self._input_shape if at == INPUT else self._steps[at].gives
        last = sum or residual[-1]
        return Block(takes=takes, gives=last.gives, residual=residual, shortcut=shortcut, sum=sum)


def _weight(branch: Sequence[Step]) -> tuple[int, int]:
    """The branch with more convolutions learns the residual; of equals the one with the larger windows."""
    sizes = [step.layer.settings["size"] for step in branch if step.kind == CONV]
    return len(sizes), sum(size[0] for size in sizes if isinstance(size, tuple))
