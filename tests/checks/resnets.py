"""The lecture's ResNet as data, written in all the ways that are right, and with single faults."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.graphs import INPUT, LayerSpec, Network, NetworkBuilder
from grader.checks.layerkinds import Shape
from grader.checks.networks import (
    activation,
    add,
    batch_norm,
    conv,
    dense,
    global_average_pool,
    max_pool,
    zero_padding,
)
from grader.checks.resnetfaults import Wanted

CFG = (1, 2, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a network is written; the defaults are right, and so are the first six whatever they say."""

    norm: bool = False
    bias: bool = True
    zeros: bool = False  # around the stem's windows, instead of padding="same"
    strided: int = 0  # which convolution of a block has the stride
    apart: bool = True  # an activation is a layer of its own
    normed_shortcut: bool = False

    first: LayerSpec | None = None  # other layers of the stem
    pool: LayerSpec | None = None
    sizes: tuple[int, ...] = (1, 3, 1)
    narrow: Callable[[int], int] = lambda stage: 64 * 2**stage
    wide: int = 4
    stride: Callable[[int, int], int] = lambda stage, block: 2 if stage and not block else 1
    inner: str = "relu"
    third: str = "linear"
    after: str = "relu"
    projects: Callable[[int, int], bool] = lambda stage, block: block == 0
    projection: LayerSpec | None = None
    sums: Callable[[int, int], bool] = lambda stage, block: True
    head: tuple[LayerSpec, ...] | None = None


def wanted(cfg: tuple[int, ...] = CFG, input_shape: Shape = (64, 96, 3), classes: int = 10) -> Wanted:
    """What is asked of a network."""
    return Wanted(cfg=cfg, input_shape=input_shape, classes=classes)


def resnet(asked: Wanted, style: Style = Style()) -> Network:
    """Build a network."""
    return _Build(asked, style).network()


class _Build:
    def __init__(self, asked: Wanted, style: Style) -> None:
        self._asked = asked
        self._style = style
        self._builder = NetworkBuilder(asked.input_shape)

    def network(self) -> Network:
        at = self._stem()
        for stage, blocks in enumerate(self._asked.cfg):
            for block in range(blocks):
                at = self._block(at, stage, block)
        usual = (global_average_pool(), dense(self._asked.classes, activation="softmax"))
        for layer in self._style.head or usual:
            at = self._builder.add(layer, at)
        return self._builder.network()

    def _stem(self) -> int:
        style, at = self._style, INPUT
        padding = "valid" if style.zeros else "same"
        if style.zeros:
            at = self._builder.add(zero_padding(3), at)
        at = self._conv(at, 64, 7, 2, "relu", padding, other=style.first)
        if style.zeros:
            at = self._builder.add(zero_padding((1, 1, 1, 1)), at)
        return self._builder.add(style.pool or max_pool(3, strides=2, padding=padding), at)

    def _block(self, start: int, stage: int, block: int) -> int:
        style = self._style
        narrow, stride = style.narrow(stage), style.stride(stage, block)
        at, last = start, len(style.sizes) - 1
        for number, size in enumerate(style.sizes):
            filters = style.wide * narrow if number == last else narrow
            function = style.third if number == last else style.inner
            at = self._conv(at, filters, size, stride if number == style.strided else 1, function)
        if not style.sums(stage, block):
            return self._activated(at, style.after)
        if style.projects(stage, block):
            usual = conv(style.wide * narrow, 1, strides=stride, use_bias=style.bias)
            start = self._builder.add(style.projection or usual, start)
            if style.norm or style.normed_shortcut:
                start = self._builder.add(batch_norm(), start)
        return self._activated(self._builder.add(add(), at, start), style.after)

    def _conv(
        self,
        at: int,
        filters: int,
        size: int,
        stride: int,
        function: str,
        padding: str = "same",
        other: LayerSpec | None = None,
    ) -> int:
        style = self._style
        own = "linear" if style.apart or style.norm else function
        usual = conv(filters, size, strides=stride, padding=padding, use_bias=style.bias, activation=own)
        at = self._builder.add(other or usual, at)
        if style.norm:
            at = self._builder.add(batch_norm(), at)
        return at if own == function else self._activated(at, function)

    def _activated(self, at: int, function: str) -> int:
        return at if function == "linear" else self._builder.add(activation(function), at)
