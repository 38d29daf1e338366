"""What is not as in one bottleneck block of the lecture's ResNet.

In: a block of a network that was taken apart, and which one it is. Out: Findings, a sentence each; shapes stand in
their details alone. Pure.
"""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.checks.blocks import CONV, Block, Step, has_size, with_article
from grader.checks.layerkinds import Shape, write_shape
from grader.marks import N_


class Aspect(enum.StrEnum):
    """What a finding is about, and a test asks for."""

    STEM = "stem"
    DEPTH = "depth"
    SHORTCUTS = "shortcuts"
    PROJECTIONS = "projections"
    FILTERS = "filters"
    RELUS = "relus"
    STRIDES = "strides"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A block: its stage and its number in it, both from 0."""

    stage: int
    block: int

    def __str__(self) -> str:
        return f"stage {self.stage + 1}, block {self.block + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be."""

    aspect: Aspect
    what: str  # for recognisers: "no_sum"
    brief: str  # a sentence without a number of the test
    detail: str = ""
    place: Place | None = None


def find_block_faults(place: Place, block: Block) -> list[Finding]:
    """Say everything that is not as it should be in this block."""
    return [*_shortcut(place, block), *_filters(place, block), *_relus(place, block), *_strides(place, block)]


def _shortcut(place: Place, block: Block) -> Iterator[Finding]:
    def say(aspect: Aspect, what: str, brief: str, detail: str = "") -> Finding:
        return Finding(aspect=aspect, what=what, brief=f"{place}: {brief}.", detail=detail, place=place)

    shapes = f"{place}: it takes {write_shape(block.takes)} and gives {write_shape(block.gives)}"
    first, due = place.block == 0, block.takes != block.gives
    stride = " with stride 2" if place.stage and first else ""
    if block.sum is None:
        for aspect in (Aspect.SHORTCUTS, Aspect.PROJECTIONS):
            yield say(aspect, "no_sum", "it has no shortcut: nothing is added to what its layers make", shapes)
        return
    if not block.shortcut:
        if due:
            told = f"its shortcut is the identity, a 1x1 projection{stride} is due"
            yield say(Aspect.PROJECTIONS, "identity", told, shapes)
        return
    if not any(step.kind == CONV for step in block.shortcut):
        titles = " and ".join(with_article(step.title) for step in block.shortcut)
        asked = f"a 1x1 projection{stride}" if first else "the identity"
        yield say(Aspect.PROJECTIONS, "other", f"its shortcut is {titles} layer, {asked} is due", shapes)
    elif not (first or due):
        told = "its shortcut is a projection, the identity is due: the shape does not change"
        yield say(Aspect.PROJECTIONS, "needless", told, shapes)
    elif len(block.shortcut) > 1:
        told = f"its shortcut has {len(block.shortcut)} layers, one 1x1 projection{stride} is due"
        yield say(Aspect.PROJECTIONS, "long", told, shapes)
    else:
        for what, unlike in _unlike_projection(block.shortcut[0], block.residual[-1].gives):
            yield say(Aspect.PROJECTIONS, what, f"its projection {unlike}", shapes)


def _unlike_projection(step: Step, due: Shape) -> Iterator[tuple[str, str]]:
    if step.gives != due:
        yield "shape", "gives another shape than its layers: Keras adds them by repeating numbers"
    if step.layer.settings["size"] != (1, 1):
        yield "size", f"has filters of {step.window}, 1x1 is due"
    if step.activations:
        yield "rectified", f"ends in {', '.join(step.activations)}, it is a convolution and nothing else"


def _filters(place: Place, block: Block) -> Iterator[Finding]:
    def say(what: str, brief: str) -> Finding:
        return Finding(aspect=Aspect.FILTERS, what=what, brief=f"{place}: {brief}.", place=place)

    for step in block.residual:
        if step.kind not in (CONV, "activation", "batch_normalization"):
            yield say("kind", f"{with_article(step.title)} layer stands in it, a block is made of Conv2D layers")
        elif step.kind == CONV and (step.layer.settings["groups"] != 1 or step.layer.settings["dilation"] != (1, 1)):
            yield say("kind", "a convolution in it is dilated or grouped, a plain one is due")
    layers = [step for step in block.residual if step.kind == CONV]
    if len(layers) != 3:
        yield say("count", f"it has {len(layers)} convolutions, three are due")
        return
    sizes = [step.window for step in layers]
    if sizes != ["1x1", "3x3", "1x1"]:
        yield say("size", f"its filters are {', '.join(sizes)}, they should be 1x1, 3x3, 1x1")
    narrow = 64 * 2**place.stage
    for number, (step, due) in enumerate(zip(layers, (narrow, narrow, 4 * narrow), strict=True)):
        if step.filters != due:
            which = (N_("first"), N_("second"), N_("third"))[number]
            what = "wide" if number == 2 else "narrow"
            yield say(what, f"its {which} convolution has {step.filters} filters, {due} are due")


def _relus(place: Place, block: Block) -> Iterator[Finding]:
    layers = [step for step in block.residual if step.kind == CONV]
    for what, brief in (*_unlike_inner(block, layers), *_unlike_end(block, layers)):
        yield Finding(aspect=Aspect.RELUS, what=what, brief=f"{place}: {brief}.", place=place)


def _unlike_inner(block: Block, layers: Sequence[Step]) -> Iterator[tuple[str, str]]:
    if any(step.kind != CONV and step.activations for step in block.residual):
        yield "in_front", "an activation stands in front of its convolutions; it belongs behind the sum"
    for number, step in enumerate(layers[:-1], 1):
        if set(step.activations) != {"relu"}:
            yield "inner", f"behind its convolution {number} there is {step.functions}, ReLU is due"


def _unlike_end(block: Block, layers: Sequence[Step]) -> Iterator[tuple[str, str]]:
    if block.sum is None:
        if layers and set(layers[-1].activations) != {"relu"}:
            yield "end", f"it ends in {layers[-1].functions}, ReLU is due"
        return
    if layers and layers[-1].activations:
        yield "before_sum", f"there is {layers[-1].functions} before the sum; it belongs behind it"
    if set(block.sum.activations) != {"relu"}:
        yield "after_sum", f"behind the sum there is {block.sum.functions}, ReLU is due"


def _strides(place: Place, block: Block) -> Iterator[Finding]:
    def say(what: str, brief: str, detail: str = "") -> Finding:
        return Finding(aspect=Aspect.STRIDES, what=what, brief=f"{place}: {brief}.", detail=detail, place=place)

    due = 2 if place.stage and place.block == 0 else 1
    strides = [step.stride for step in block.residual]
    told = ", ".join(step.strides for step in block.residual)
    shapes = f"{place}: strides {told}; {write_shape(block.takes)} becomes {write_shape(block.gives)}"
    if due == 2 and all(stride == 1 for stride in strides):
        yield say("missing", "its stride is 1; the first block of a later stage has 2", shapes)
    elif due == 1 and any(stride != 1 for stride in strides):
        why = "the first stage keeps the size" if place.block == 0 else "only the first block of a stage has 2"
        yield say("too_many", f"it has another stride than 1; {why}", shapes)
    elif due == 2 and not (sorted(map(str, strides)) == sorted(["2", *"1" * (len(strides) - 1)]) and 2 in strides[:2]):
        yield say("where", "its stride of 2 belongs on the first convolution or on the second, and only there", shapes)
    elif not has_size(block.takes, block.gives, due):
        size = "half the size, rounded up" if due == 2 else "the size that came in"
        yield say("size", f"it is padded so that its maps have the wrong size; {size} is due", shapes)
