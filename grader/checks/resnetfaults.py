"""What is not as in the lecture's bottleneck ResNet, said of stem, stages, blocks and head.

In: a network as data, and what was asked for. Out: Findings, a sentence each; numbers of the test stand in their
details alone. Pure.
The rule: what the lecture leaves open is open. Batch normalisation and biases may be there or not, the stride of 2 may
stand on the first convolution of a block or on the second, a window may be padded in any way that gives the right
size, a sum may be a layer or a plus.

    stem      7x7 convolution, 64 filters, stride 2, ReLU; 3x3 maximum, stride 2
    stage i   cfg[i] blocks: 1x1, 3x3 with 64 * 2**i filters, 1x1 with four times as many, ReLU between; plus what
              came in, or its 1x1 projection in the first block of a stage; ReLU. Later stages begin with stride 2.
    head      global average, dense, softmax
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.checks.blockfaults import Aspect, Finding, Place, find_block_faults
from grader.checks.blocks import CONV, Step, Trunk, has_size, take_apart, with_article
from grader.checks.graphs import Network
from grader.checks.layerkinds import Shape, write_shape
from grader.marks import T_

STAGES = 4
BLOCK_ASPECTS = (Aspect.SHORTCUTS, Aspect.PROJECTIONS, Aspect.FILTERS, Aspect.RELUS, Aspect.STRIDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked of `build_resnet`."""

    cfg: tuple[int, ...]
    input_shape: Shape
    classes: int

    @property
    def depth(self) -> int:
        """Weighted layers of the main path."""
        return 3 * sum(self.cfg) + 2


def depth_of(network: Network) -> int:
    """Weighted layers of the main path: convolutions of the stem and of the longer branches, and dense layers."""
    trunk = take_apart(network)
    path = (*trunk.stem, *(step for block in trunk.blocks for step in block.residual), *trunk.head)
    return sum(any(name.endswith("kernel") for name in step.layer.weights) for step in path)


def find_faults(network: Network, wanted: Wanted) -> list[Finding]:
    """Say everything that is not as in the lecture's network; nothing where it is that."""
    trunk = take_apart(network)
    found = list(_stem(trunk, network, wanted))
    places = places_of(trunk, wanted)
    for place, block in zip(places, trunk.blocks, strict=True):
        found += find_block_faults(place, block)
    found += _absent(trunk, places)
    return [*found, *_depth(network, trunk, wanted), *_head(trunk, network, wanted)]


def places_of(trunk: Trunk, wanted: Wanted) -> tuple[Place, ...]:
    """Which stage each block belongs to: its filters say it where they come in four sizes, else cfg."""
    narrow = [next((step.filters for step in block.residual if step.filters), 0) for block in trunk.blocks]
    counts = [len(list(group)) for _, group in groupby(narrow)]
    if len(counts) != STAGES:
        counts = list(wanted.cfg)
        counts[-1] += max(0, len(narrow) - sum(counts))
    places = [Place(stage=stage, block=block) for stage, count in enumerate(counts) for block in range(count)]
    return tuple(places[: len(narrow)])


def _absent(trunk: Trunk, places: Sequence[Place]) -> Iterator[Finding]:
    """What is not there is not right: a network without blocks has no shortcut in the wrong place either."""
    there = {place.stage for place in places}
    missing = [stage for stage in range(STAGES) if stage not in there]
    brief = f"stage {missing[0] + 1} has no block." if missing else ""
    if trunk.stray:
        place = f"block {len(trunk.blocks)}" if trunk.blocks else "the stem"
        brief = f"Behind {place} the network is no chain of blocks: {trunk.stray}."
    if brief:
        aspects = (Aspect.DEPTH, *BLOCK_ASPECTS) if trunk.stray else BLOCK_ASPECTS
        yield from (Finding(aspect=aspect, what="absent", brief=brief) for aspect in aspects)


# --- stem ---------------------------------------------------------------------


def _stem(trunk: Trunk, network: Network, wanted: Wanted) -> Iterator[Finding]:
    for what, brief in (*_unlike_input(network, wanted), *_unlike_stem(trunk.stem)):
        yield Finding(aspect=Aspect.STEM, what=what, brief=f"stem: {brief}.")


def _unlike_input(network: Network, wanted: Wanted) -> Iterator[tuple[str, str]]:
    if network.input_shape != wanted.input_shape:
        yield "input", "the network takes images of another shape than `input_shape`"


def _unlike_stem(stem: Sequence[Step]) -> Iterator[tuple[str, str]]:
    convolutions = [step for step in stem if step.kind == CONV][:1]
    pools = [step for step in stem if "pooling" in step.kind][:1]
    for step in stem:
        if step not in convolutions + pools:
            yield "more", f"{with_article(step.title)} layer too many, before the first block"
    if not convolutions:
        yield "no_convolution", "there is no convolution before the first block"
    for step in convolutions:
        for what, told in _unlike_first_convolution(step):
            yield f"convolution_{what}", f"the first convolution {told}"
    if not pools:
        yield "no_maximum", "there is no pooling layer before the first block"
    for step in pools:
        yield from ((f"pool_{what}", f"the pooling layer {told}") for what, told in _unlike_pool(step))
    functions = {function for step in stem for function in step.activations}
    if functions != {"relu"}:
        there = f"ends in {', '.join(sorted(functions))}" if functions else "has no activation"
        yield "relu", f"it {there}, ReLU is due"


def _unlike_first_convolution(step: Step) -> Iterator[tuple[str, str]]:
    yield from _unlike_window(step, size=7, stride=2)
    if step.filters != 64:
        yield "filters", f"has {step.filters} filters, 64 are due"


def _unlike_pool(step: Step) -> Iterator[tuple[str, str]]:
    if step.kind != "max_pooling2d":
        yield "kind", f"is {with_article(step.title)} layer, a maximum is due"
    yield from _unlike_window(step, size=3, stride=2)


def _unlike_window(step: Step, *, size: int, stride: int) -> Iterator[tuple[str, str]]:
    if step.layer.settings["size"] != (size, size):
        yield "size", f"has windows of {step.window}, {size}x{size} is due"
    if step.stride != stride:
        yield "stride", f"has stride {step.strides}, {stride} is due"
    elif not has_size(step.takes, step.gives, stride):
        yield "padding", "is padded so that its maps have the wrong size; half the size, rounded up, is due"


# --- depth --------------------------------------------------------------------


def _depth(network: Network, trunk: Trunk, wanted: Wanted) -> Iterator[Finding]:
    def say(what: str, brief: str, detail: str = "") -> Finding:
        return Finding(aspect=Aspect.DEPTH, what=what, brief=brief, detail=detail)

    places = places_of(trunk, wanted)
    counts = [sum(place.stage == stage for place in places) for stage in range(STAGES)]
    for stage, (count, due) in enumerate(zip(counts, wanted.cfg, strict=True)):
        if count != due:
            what = "more" if count > due else "fewer"
            detail = f"stage {stage + 1}: {count} blocks, cfg {wanted.cfg}"
            yield say(what, f"stage {stage + 1} has {what} blocks than `cfg` says.", detail)
    if depth_of(network) != wanted.depth:
        detail = f"depth {depth_of(network)}, due {wanted.depth}"
        yield say("depth", "The main path has another depth than 3 * sum(cfg) + 2.", detail)


# --- head ---------------------------------------------------------------------


def _head(trunk: Trunk, network: Network, wanted: Wanted) -> Iterator[Finding]:
    def say(what: str, brief: str, detail: str = "") -> Finding:
        return Finding(aspect=Aspect.HEAD, what=what, brief=f"head: {brief}.", detail=detail)

    pooling = [step for step in trunk.head if _pools_all(step)]
    dense = [step for step in trunk.head if step.kind == "dense"]
    for step in trunk.head:
        if step not in pooling[:1] + dense[-1:] and not _only_flattens(step):
            yield say(f"more {step.kind}", f"{with_article(step.title)} layer too many, behind the last block")
    if not pooling:
        yield say("no_average", "behind the last block the maps are not averaged to one number each")
    if not dense:
        yield say("no_dense", "there is no dense layer behind the pooling")
        return
    if dense[-1].layer.settings["units"] != wanted.classes or network.output_shape != (wanted.classes,):
        detail = f"output {write_shape(network.output_shape)}, classes {wanted.classes}"
        yield say("classes", "the network does not give one number for each of `classes`", detail)
    if dense[-1].activations != ["softmax"]:
        there = ", ".join(dense[-1].activations) or "nothing"
        yield say("softmax", f"behind the last dense layer there is {there}, softmax is due")


def _pools_all(step: Step) -> bool:
    """A global average, or an average over windows as large as the maps."""
    whole = step.kind == "average_pooling2d" and step.layer.settings["size"] == step.takes[:2]
    return step.kind == "global_average_pooling2d" or whole


def _only_flattens(step: Step) -> bool:
    """Whether a layer makes a row of what is one number for each map already."""
    return step.kind in ("flatten", "reshape") and step.takes in (step.gives, (1, 1, *step.gives))


# As they are put together above.
_WHOLE = (
    T_("it has no activation, ReLU is due"),
    T_("stage {stage} has more blocks than `cfg` says."),
    T_("stage {stage} has fewer blocks than `cfg` says."),
)
