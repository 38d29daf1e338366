"""The first layer in which a network is not the one that was asked for, and what that costs.

In: two networks. Out: a Difference with one sentence, or None where their normal forms are equal.
The rule: the sentence is sure. Which layer is missing, one too many or another is what makes the rest fit best; a
layer is called by its own name only where Keras gave it (conv2d_1), because any other is text from a file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.checks.graphs import INPUT, LayerSpec, Network, NetworkLayer
from grader.checks.layerkinds import KINDS, write_shape
from grader.checks.layersettings import Setting
from grader.checks.normalforms import NormalForm, normal_form
from grader.marks import N_, T_

_AHEAD = 12  # layers that are looked at to tell a missing layer from another one

_WORDS = {
    "filters": "the number of filters",
    "units": "the number of units",
    "size": "the window",
    "strides": "the stride",
    "dilation": "the dilation",
    "use_bias": "the bias",
    "rate": "the rate",
    "factor": "the factor",
    "depth_multiplier": "the number of filters per channel",
}
_SHARES = {0.25: N_("a quarter"), 0.5: N_("half"), 0.75: "three quarters"}
_WITHOUT = {
    "softmax": "the outputs are no probabilities",
    "relu": "the layer is linear",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two networks part."""

    brief: str  # the whole sentence
    aspect: str  # "input_shape", "missing", "extra", "kind", "inputs", or the setting: "padding", "rate", ...
    layer: int | None = None  # index into the network's layers; None where it has none there
    detail: str = ""  # what the student calls that layer, where the sentence does not say it

    def __str__(self) -> str:
        return self.brief


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What is compared, in normal form."""

    named: Network  # the network as it was written
    form: NormalForm
    wanted: Network
    owner: str

    def label(self, index: int) -> str:
        """What a layer of the network is called."""
        if index == INPUT:
            return "the input"
        layer = self.form.network.layers[index]
        origin = self.form.origins[index]
        own = self.named.layers[origin].name
        # A name of Keras's own kind and no more: what is written anywhere else in a file is not repeated.
        return own if re.fullmatch(rf"{layer.kind}(_\d{{1,3}})?", own) else f"layer {origin + 1} ({layer.title})"

    def layer(self, index: int) -> NetworkLayer:
        return self.form.network.layers[index]

    def missing(self, index: int) -> Difference:
        """The layer that is wanted here is not there, and the rest fits without it."""
        wanted, here = self.wanted.layers[index], self.form.network.layers
        next_one = f"here comes {_describe(here[index].spec)}" if index < len(here) else "here the network ends"
        return Difference(
            brief=f"after {self.label(wanted.inputs[0])} {self.owner} has {_describe(wanted.spec)}, {next_one}"
            f"{_colon(self._cost_of_missing(index))}",
            aspect="missing",
        )

    def surplus(self, index: int) -> Difference:
        """A layer stands here that is not wanted, and the rest fits without it."""
        layer, wanted = self.layer(index), self.wanted.layers
        there = f"has {_describe(wanted[index].spec)} there" if index < len(wanted) else "ends before it"
        came = self.form.network.shape_of(layer.inputs[0])
        cost = ""
        if layer.kind == "dropout":
            cost = f"{_share(layer.settings['rate'])} is dropped instead of nothing"
        elif layer.parameters:
            cost = self._all_parameters()
        elif layer.output_shape != came:
            cost = f"{write_shape(layer.output_shape)} instead of {write_shape(came)}"
        return self._at(index, f"is {_describe(layer.spec)}, {self.owner} {there}", "extra", cost)

    def another(self, index: int) -> Difference:
        """Both have a layer here, of different kinds."""
        layer, wanted = self.layer(index), self.wanted.layers[index]
        cost = ""
        if layer.output_shape != wanted.output_shape:
            cost = f"{write_shape(layer.output_shape)} instead of {write_shape(wanted.output_shape)}"
        told = f"is {_describe(layer.spec)}, {self.owner} has {_describe(wanted.spec)} there"
        return self._at(index, told, "kind", cost)

    def settings(self, index: int) -> Difference:
        """Both have a layer of the same kind here, with different settings."""
        layer, wanted = self.layer(index), self.wanted.layers[index]
        parts = [name for name in KINDS[layer.kind].settings if layer.settings[name] != wanted.settings[name]]
        told = "; ".join(
            f"{_word(name, layer.kind)} is {_value(name, layer.settings[name])}, "
            f"{_possessive(self.owner)} is {_value(name, wanted.settings[name])}"
            for name in parts
        )
        return self._at(index, told, parts[0], _cost_of_settings(layer, wanted), colon=True)

    def inputs(self, index: int) -> Difference:
        """The same layer, fed by others."""
        layer, wanted = self.layer(index), self.wanted.layers[index]
        verb = "adds" if layer.kind == "add" else "takes"
        got, asked = (" and ".join(self.label(each) for each in one.inputs) for one in (layer, wanted))
        return self._at(index, f"it {verb} {got}, {_possessive(self.owner)} {verb} {asked}", "inputs", "", colon=True)

    def _at(self, index: int, told: str, aspect: str, cost: str, *, colon: bool = False) -> Difference:
        label, origin = self.label(index), self.form.origins[index]
        own = self.named.layers[origin].name
        return Difference(
            brief=f"{label}{':' if colon else ''} {told}{_colon(cost)}",
            aspect=aspect,
            layer=origin,
            detail="" if own == label else f"That layer is called {own!a}.",
        )

    def _cost_of_missing(self, index: int) -> str:
        wanted = self.wanted.layers[index]
        came = self.wanted.shape_of(wanted.inputs[0])
        if wanted.kind == "dropout":
            return f"nothing is dropped instead of {_share(wanted.settings['rate'])}"
        if wanted.kind == "activation":
            return _WITHOUT.get(str(wanted.settings["activation"]), "")
        if wanted.kind == "add":
            return "there is no shortcut"
        if wanted.parameters:
            return self._all_parameters()
        if wanted.output_shape != came:
            return f"{write_shape(came)} instead of {write_shape(wanted.output_shape)}"
        return ""

    def _all_parameters(self) -> str:
        got, wanted = self.named.parameters, self.wanted.parameters
        return f"{got:,} parameters in all instead of {wanted:,}" if got != wanted else ""


def first_difference(got: Network, wanted: Network, *, owner: str = "the lecture") -> Difference | None:
    """Say where a network first differs from the one that is wanted, past what is only another way of writing it.

    Args:
        got: the network.
        wanted: what it should be.
        owner: whose network `wanted` is, as the sentence says it: "the lecture has a Dropout layer".

    Returns:
        The difference, for instance "conv2d_1: padding is valid, the lecture's is same: 10x10 instead of 14x14"; None
        if the normal forms are equal.
    """
    form, right = normal_form(got), normal_form(wanted).network
    pair = _Pair(named=got, form=form, wanted=right, owner=owner)
    if got.input_shape != wanted.input_shape:
        shapes = [write_shape(each.input_shape) for each in (got, wanted)]
        brief = f"the input is {shapes[0]}, {_possessive(owner)} is {shapes[1]}"
        return Difference(brief=brief, aspect="input_shape")
    mine, theirs = form.network.layers, right.layers
    for index in range(max(len(mine), len(theirs))):
        if index >= len(mine):
            return pair.missing(index)
        if index >= len(theirs):
            return pair.surplus(index)
        if not _alike(mine[index], theirs[index]):
            return _explain(pair, index)
        if mine[index].inputs != theirs[index].inputs:
            return pair.inputs(index)
    return None


def _explain(pair: _Pair, index: int) -> Difference:
    """Choose what makes the layers that follow fit best; on a tie, the layer is taken for the one that stands there."""
    mine, theirs = pair.form.network.layers[index:], pair.wanted.layers[index:]
    now, later = slice(_AHEAD), slice(1, _AHEAD + 1)
    replaced = _distance(mine[later], theirs[later]) + _unlike(mine[0], theirs[0])
    missing = _distance(mine[now], theirs[later]) + 1
    surplus = _distance(mine[later], theirs[now]) + 1
    if replaced <= min(missing, surplus):
        return pair.settings(index) if mine[0].kind == theirs[0].kind else pair.another(index)
    return pair.missing(index) if missing <= surplus else pair.surplus(index)


def _distance(mine: Sequence[NetworkLayer], theirs: Sequence[NetworkLayer]) -> float:
    """How many layers must come, go or change (Wagner and Fischer 1974)."""
    row = [float(count) for count in range(len(theirs) + 1)]
    for one in mine:
        before, row = row, [row[0] + 1]
        for column, other in enumerate(theirs):
            row.append(min(before[column] + _unlike(one, other), before[column + 1] + 1, row[column] + 1))
    return row[-1]


def _unlike(one: NetworkLayer, other: NetworkLayer) -> float:
    if one.kind != other.kind:
        return 1.5
    return (
        0.5 + 0.1 * sum(one.settings[each] != other.settings[each] for each in one.settings) - 0.5 * _alike(one, other)
    )


def _alike(one: NetworkLayer, other: NetworkLayer) -> bool:
    return one.kind == other.kind and one.settings == other.settings


# --- words --------------------------------------------------------------------


def _cost_of_settings(layer: NetworkLayer, wanted: NetworkLayer) -> str:
    if layer.output_shape[:-1] != wanted.output_shape[:-1]:
        return f"{write_shape(layer.output_shape[:-1])} instead of {write_shape(wanted.output_shape[:-1])}"
    if layer.parameters != wanted.parameters:
        return f"{layer.parameters:,} parameters instead of {wanted.parameters:,}"
    if layer.settings.get("activation") == "linear":
        return _WITHOUT.get(str(wanted.settings["activation"]), "")
    return ""


def _describe(spec: LayerSpec) -> str:
    """A layer with what matters in it: a Conv2D layer (64 filters of 3x3, relu)."""
    settings = spec.settings
    parts = {
        "filters": lambda value: f"{value} filters",
        "units": lambda value: f"{value} units",
        "size": lambda value: write_shape(value),
        "strides": lambda value: f"stride {_value('strides', value)}" if value != _usual_stride(spec) else "",
        "padding": lambda value: str(value) if spec.kind.endswith("conv2d") else "",
        "rate": lambda value: f"rate {value:g}",
        "activation": lambda value: str(value) if value != "linear" or spec.kind == "activation" else "",
    }
    told = [parts[name](settings[name]) for name in KINDS[spec.kind].settings if name in parts]
    words = ", ".join(filter(None, told))
    return f"{_article(KINDS[spec.kind].title)} layer" + (f" ({words})" if words else "")


def _usual_stride(spec: LayerSpec) -> Setting:
    return spec.settings["size"] if "pooling" in spec.kind else (1, 1)


def _article(title: str) -> str:
    return f"{'an' if title[0] in 'AEIO' else 'a'} {title}"


def _word(name: str, kind: str) -> str:
    return "the filter" if name == "size" and "conv" in kind else _WORDS.get(name, name)


def _value(name: str, value: Setting) -> str:
    if isinstance(value, bool):
        return "there" if value else "left out"
    if isinstance(value, tuple):
        square = name in ("strides", "dilation") and len(set(value)) == 1
        return str(value[0]) if square else "x".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else value


def _share(rate: Setting) -> str:
    assert isinstance(rate, int | float)
    return _SHARES.get(rate, f"{rate:.0%}")


def _possessive(owner: str) -> str:
    return f"{owner}'s"


def _colon(cost: str) -> str:
    return f": {cost}" if cost else ""


# As they are put together above.
_WHOLE = (
    T_("{label} is {spec}, {owner} has {spec_2} there"),
    T_("{label} is {spec}, {owner} ends before it"),
    T_("after {label} {owner} has {spec}, here comes {spec_2}"),
    T_("after {label} {owner} has {spec}, here the network ends"),
    T_("it adds {got}, {owner} adds {asked}"),
    T_("it takes {got}, {owner} takes {asked}"),
)
