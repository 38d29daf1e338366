"""Writes .keras archives as Keras 3 does, without Keras: honest ones, and those that were tampered with."""

import io
import json
import struct
import zipfile
from typing import Any

from grader.checks.layerkinds import KINDS
from grader.checks.networks import Network

METADATA = {"keras_version": "3.15.1", "date_saved": "2026-11-24@23:40:49"}
WEIGHTS = b"\x89HDF\r\n\x1a\n and whatever follows"
POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
ZEROS: dict[str, Any] = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
KEYS = {
    "conv2d": {"size": "kernel_size", "dilation": "dilation_rate"},
    "max_pooling2d": {"size": "pool_size"},
    "average_pooling2d": {"size": "pool_size"},
    "rescaling": {"factor": "scale"},
    "reshape": {"shape": "target_shape"},
}


def sequential_config(network: Network) -> dict[str, Any]:
    """What config.json says of a chain."""
    entry = input_layer([None, *network.input_shape])
    layers = [entry, *(layer_config(layer.kind, dict(layer.settings), layer.name) for layer in network.layers)]
    return model_config("Sequential", {"name": "sequential", "trainable": True, "dtype": POLICY, "layers": layers})


def functional_config(network: Network, *, output: str = "") -> dict[str, Any]:
    """What config.json says of a graph."""
    layers: list[dict[str, Any]] = [{**input_layer([None, *network.input_shape]), "inbound_nodes": []}]
    layers[0]["name"] = "input_layer"
    for layer in network.layers:
        feeds = [tensor("input_layer" if index < 0 else network.layers[index].name) for index in layer.inputs]
        args = [feeds] if layer.kind == "add" else feeds
        saved = layer_config(layer.kind, dict(layer.settings), layer.name)
        layers.append({**saved, "name": layer.name, "inbound_nodes": [{"args": args, "kwargs": {}}]})
    config = {
        "name": "functional",
        "trainable": True,
        "layers": layers,
        "input_layers": ["input_layer", 0, 0],
        "output_layers": [output or network.layers[-1].name, 0, 0],
    }
    return model_config("Functional", config)


def model_config(title: str, config: dict[str, Any]) -> dict[str, Any]:
    functional = title == "Functional"
    return {
        "module": "keras.src.models.functional" if functional else "keras",
        "class_name": title,
        "config": config,
        "registered_name": title if functional else None,
        "compile_config": {"optimizer": "adam", "loss": "categorical_crossentropy"},
    }


def input_layer(shape: list[Any]) -> dict[str, Any]:
    config = {"batch_shape": shape, "dtype": "float32", "sparse": False, "name": "input_layer"}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def layer_config(kind: str, settings: dict[str, Any], name: str) -> dict[str, Any]:
    """What config.json says of a layer."""
    config: dict[str, Any] = {"name": name, "trainable": True, "dtype": POLICY}
    for setting, value in settings.items():
        config[KEYS.get(kind, {}).get(setting, setting)] = list(value) if isinstance(value, tuple) else value
    if kind == "zero_padding2d":
        top, bottom, left, right = config.pop("margins")
        config["padding"] = [[top, bottom], [left, right]]
    if kind in ("conv2d", "dense"):
        config |= {"kernel_initializer": ZEROS, "bias_initializer": ZEROS, "kernel_regularizer": None}
    return {"module": "keras.layers", "class_name": KINDS[kind].title, "config": config, "registered_name": None}


def tensor(layer: str, number: int = 0) -> dict[str, Any]:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 1], "dtype": "float32", "keras_history": [layer, number, 0]},
    }


def keras_file(config: Any, *, metadata: Any = METADATA, weights: bytes = WEIGHTS, deflated: bool = False) -> bytes:
    """An archive of the three members that Keras writes."""
    texts = {"metadata.json": metadata, "config.json": config}
    members = {name: text if isinstance(text, bytes) else json.dumps(text).encode() for name, text in texts.items()}
    return archive({**members, "model.weights.h5": weights}, deflated=deflated)


def archive(members: dict[str, bytes], *, deflated: bool = False) -> bytes:
    """A zip archive of any members."""
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def with_header(data: bytes, *, offset: int, value: int) -> bytes:
    """Overwrite two bytes in the first local and the first central header: flags are at 6, the method is at 8."""
    changed = bytearray(data)
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<H", changed, offset, value)
    struct.pack_into("<H", changed, central + offset + 2, value)
    return bytes(changed)
