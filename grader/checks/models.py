"""A saved model, read as data: what network it is, and the bytes of its weights.

In: the bytes of a .keras file that somebody hostile may have made. Out: SavedModel, or ModelFault with a sentence.
The rule: nothing of the file is ever run, imported or looked up by name, and no HDF5 is parsed here: the weights stay
bytes until a process without secrets opens them. An .h5 file is a source of weights and nothing else.

In model.weights.h5 the arrays of a layer are layers/CONTAINER/vars/0, 1, ... (Keras 2.12:
_layer_checkpoint_dependencies/CONTAINER/vars/0, 1, ...), in the order of `NetworkLayer.weights`. In an .h5 file they
are under model_weights, layer by layer in the order of its attribute `layer_names`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.checks.kerasconfig import read_config
from grader.checks.kerasfile import ModelLimits, is_hdf5, open_keras_file
from grader.checks.modelfault import ModelFault
from grader.checks.networks import Network, counterparts
from grader.text import one_line

__all__ = ["ModelFault", "ModelLimits", "SavedModel", "expected_weights", "is_hdf5", "read_model"]

_LONGEST_VERSION = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """What a .keras file says, as far as it is believed."""

    network: Network
    weights: bytes  # model.weights.h5, not looked into
    containers: tuple[str, ...]  # for each layer the group of its arrays, "" where it has none
    keras_version: str  # as the file says; "" if it does not

    @property
    def expected(self) -> list[dict[str, Any]]:
        """The arrays of each layer that has some, in the network's order, as `expected_weights` gives them."""
        return expected_weights(self.network, containers=self.containers)

    def expected_for(self, wanted: Network) -> list[dict[str, Any]]:
        """The same arrays in the order of another network of the same normal form, for a transplant into it.

        Raises:
            ValueError: the networks differ.
        """
        mine = {index: each for index, each in enumerate(self.containers) if each}
        entries = dict(zip(mine, self.expected, strict=True))
        return [entries[index] for index in counterparts(self.network, wanted)]


def read_model(data: bytes, *, limits: ModelLimits = ModelLimits()) -> SavedModel:  # noqa: B008 - frozen
    """Read a .keras file.

    Args:
        data: the file.
        limits: on sizes, nesting and layers.

    Raises:
        ModelFault: it is no model of the course's layers, or no .keras file; for an .h5 file too (see `is_hdf5`).
    """
    if is_hdf5(data):
        raise ModelFault("This is an .h5 file: it has weights, and no network that is read from it")
    file = open_keras_file(data, limits)
    read = read_config(file.config, limits)
    version = file.metadata.get("keras_version") if isinstance(file.metadata, dict) else None
    return SavedModel(
        network=read.network,
        weights=file.weights,
        containers=read.containers,
        keras_version=one_line(version, limit=_LONGEST_VERSION) if isinstance(version, str) else "",
    )


def expected_weights(network: Network, *, containers: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What a weights file must hold for a network, as plain data for the process that opens it.

    Args:
        network: whose arrays they are.
        containers: for each layer the name of its group; none where a file is read by the order of its layers.

    Returns:
        For each layer that has weights, in the network's order: {"layer": "conv2d_1", "container": "conv2d_1",
        "shapes": [[5, 5, 6, 16], [16]]}; the container is "" where none was given.
    """
    names = containers or [""] * len(network.layers)
    return [
        {"layer": layer.name, "container": name, "shapes": [list(shape) for shape in layer.weight_shapes]}
        for layer, name in zip(network.layers, names, strict=True)
        if layer.parameters
    ]
