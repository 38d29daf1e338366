"""Trained models that cannot lie in a repository: megabytes of weights, and what somebody hostile makes of them.

In: the .keras file of a right model, trained moments ago. Out: the files that are handed in beside the code, by name.
`model = "..."` in an expected.toml names a function of this module.
"""

import inspect
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from tests.checks.keras_files import archive

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
KERNEL = "layers/dense/vars/0"
ELSEWHERE = "/etc/hostname"  # it exists, and nobody may open it

Files = dict[str, bytes]


def build(recipe: str, trained: bytes) -> Files:
    """Make the files that a recipe hands in."""
    assert is_recipe(recipe)
    files: Files = getattr(sys.modules[__name__], recipe)(trained)
    return files


def is_recipe(name: str) -> bool:
    """Whether `build` knows it."""
    found = getattr(sys.modules[__name__], name, None)
    return inspect.isfunction(found) and list(inspect.signature(found).parameters) == ["trained"]


# --- honest files ----------------------------------------------------------------


def right(trained: bytes) -> Files:
    return {"model.keras": trained}


def copy_from_a_browser(trained: bytes) -> Files:
    return {"Model (1).keras": trained}


def beside_an_older_one(trained: bytes) -> Files:
    return {"model.keras": trained, "model.h5": b"\x89HDF\r\n\x1a\nold"}


def of_keras_2(trained: bytes) -> Files:
    """The .h5 that script 6-4 wrote in its day: model_weights/conv2d/conv2d/kernel:0."""
    return {"model.h5": _keras_2(trained)}


def weights_of_keras_3(trained: bytes) -> Files:
    return {"model.h5": _members(trained)[WEIGHTS]}


def with_a_sparse_optimizer(trained: bytes) -> Files:
    """The state of its optimizer says that it has eight terabytes."""

    def change(file: Any) -> None:
        file.create_dataset("optimizer/vars/99", (1 << 40,), "f8", chunks=(1 << 10,))

    return _with_weights(trained, change)


def digits_alone(trained: bytes) -> Files:
    """One of the two that hw11 asks for."""
    return {"model_mnist.keras": trained}


# --- a committee of three, made of one ----------------------------------------------


def members_that_differ(trained: bytes) -> Files:
    """Each is a little off in its own way, and together they are not."""
    return _members_of(*(_off(trained, seed, share=0.2) for seed in (1, 2, 3)))


def members_copied(trained: bytes) -> Files:
    return _members_of(trained, trained, trained)


def members_without_the_last(trained: bytes) -> Files:
    return _members_of(*(_off(trained, seed, share=0.2) for seed in (1, 2)))


def members_never_trained(trained: bytes) -> Files:
    return _members_of(*(_off(trained, seed, share=10) for seed in (1, 2, 3)))


def members_with_a_lambda(trained: bytes) -> Files:
    first, last = (_off(trained, seed, share=0.2) for seed in (1, 2))
    return _members_of(first, lambda_layer(trained)["model.keras"], last)


def _members_of(*files: bytes) -> Files:
    return {f"member_{number}.keras": data for number, data in enumerate(files, 1)}


def _off(trained: bytes, seed: int, *, share: float) -> bytes:
    """The same network with noise in its weights, as a share of their deviation."""
    draw = np.random.default_rng(seed)

    def change(file: Any) -> None:
        for layer in sorted(file["layers"]):
            kernel = file[f"layers/{layer}/vars"].get("0")
            if kernel is not None:
                kernel[...] += share * np.std(kernel[...]) * draw.normal(size=kernel.shape)

    return _with_weights(trained, change)["model.keras"]


# --- no model ----------------------------------------------------------------------


def empty(trained: bytes) -> Files:
    return {"model.keras": b""}


def cut_off(trained: bytes) -> Files:
    return {"model.keras": trained[: len(trained) // 2]}


def a_picture(trained: bytes) -> Files:
    return {"model.keras": b"\x89PNG\r\n\x1a\n" + trained[:1000]}


# --- another network ---------------------------------------------------------------


def without_softmax(trained: bytes) -> Files:
    return _with_layers(trained, lambda layers: layers[-1]["config"].update(activation="linear"))


def for_colours(trained: bytes) -> Files:
    def change(layers: list[Any]) -> None:
        layers[0]["config"]["batch_shape"] = [None, 28, 28, 3]

    return _with_layers(trained, change)


def clothes_without_dropout(trained: bytes) -> Files:
    """Two models of hw11, of which one lacks layers."""

    def change(layers: list[Any]) -> None:
        layers[:] = [each for each in layers if each["class_name"] != "Dropout"]

    return {"model_mnist.keras": trained, "model_fashion.keras": _with_layers(trained, change)["model.keras"]}


def too_few_weights(trained: bytes) -> Files:
    return _with_weights(trained, lambda file: file.pop("layers/dense"))


def weights_of_another_network(trained: bytes) -> Files:
    return _with_array(trained, np.ones((84, 5880), np.float32))


def diverged(trained: bytes) -> Files:
    return _with_array(trained, np.full((5880, 84), np.nan, np.float32))


def huge_weights(trained: bytes) -> Files:
    """Finite, and the network has no answer."""
    return _with_array(trained, np.full((5880, 84), 3e38, np.float32))


def drawn_and_not_trained(trained: bytes) -> Files:
    def change(file: Any) -> None:
        draw = np.random.default_rng(0)
        for layer in ("conv2d", "conv2d_1", "conv2d_2", "dense", "dense_1"):
            there = file[f"layers/{layer}/vars/0"]
            there[...] = draw.normal(0, 0.02, there.shape)

    return _with_weights(trained, change)


# --- code in a file ----------------------------------------------------------------


def unknown_module(trained: bytes) -> Files:
    code = {"module": "os", "class_name": "system", "config": {"command": "touch /tmp/cnn-autograde-was-here"}}
    return _with_layers(trained, lambda layers: layers[1].update(code, registered_name=None))


def unknown_class(trained: bytes) -> Files:
    return _with_layers(trained, lambda layers: layers[1].update(class_name="RandomBrightness"))


def registered_name(trained: bytes) -> Files:
    return _with_layers(trained, lambda layers: layers[1].update(registered_name="Evil>Conv2D"))


def function_as_activation(trained: bytes) -> Files:
    code = {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "function"}
    return _with_layers(trained, lambda layers: layers[1]["config"].update(activation=code))


def function_as_initializer(trained: bytes) -> Files:
    code = {"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://127.0.0.1/"}}
    return _with_layers(trained, lambda layers: layers[1]["config"].update(kernel_initializer=code))


def lambda_layer(trained: bytes) -> Files:
    """As Keras writes one: the function's own code, marshalled."""
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None}
    return _with_layers(
        trained, lambda layers: layers.insert(1, {**layer, "config": {"name": "lambda", "function": code}})
    )


def lookup_by_pixels(trained: bytes) -> Files:
    """A table of known images in place of a network: hashed pixels, and an embedding of the answers."""
    layer = {"module": "keras.layers", "registered_name": None}
    hashing = {**layer, "class_name": "Hashing", "config": {"name": "hashing", "num_bins": 60000}}
    table = {**layer, "class_name": "Embedding", "config": {"name": "table", "input_dim": 60000, "output_dim": 10}}

    def change(layers: list[Any]) -> None:
        layers[1:] = [hashing, table]

    return _with_layers(trained, change)


def nested_configuration(trained: bytes) -> Files:
    members = _members(trained)
    return _packed({**members, CONFIG: b'{"config": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"})


def configuration_of_many_layers(trained: bytes) -> Files:
    def change(layers: list[Any]) -> None:
        layers[1:1] = layers[1:2] * 1100

    return _with_layers(trained, change)


# --- archives ------------------------------------------------------------------------


def zip_bomb(trained: bytes) -> Files:
    members = _members(trained)
    return {"model.keras": archive({**members, WEIGHTS: bytes(300 << 20)}, deflated=True)}


def entry_twice(trained: bytes) -> Files:
    data = archive({**_members(trained), "config.jsom": b"{}"})
    return {"model.keras": data.replace(b"config.jsom", b"config.json")}


def absolute_entry(trained: bytes) -> Files:
    return _packed({**_members(trained), "/tmp/cnn-autograde-was-here": b"x"})


def code_in_the_archive(trained: bytes) -> Files:
    return _packed({**_members(trained), "assets/sitecustomize.py": b"raise SystemExit"})


# --- HDF5 ----------------------------------------------------------------------------


def external_link(trained: bytes) -> Files:
    return _with_weights(trained, lambda file: _put(file, h5py.ExternalLink(ELSEWHERE, "/x")))


def external_link_in_an_older_file(trained: bytes) -> Files:
    def change(file: Any) -> None:
        del file["model_weights/dense"]
        file["model_weights/dense"] = h5py.ExternalLink(ELSEWHERE, "/")

    return {"model.h5": _tampered(_keras_2(trained), change)}


def huge_sparse_set(trained: bytes) -> Files:
    def change(file: Any) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, (1 << 40,), "f4", chunks=(1 << 10,))

    return _with_weights(trained, change)


def chunk_bomb(trained: bytes) -> Files:
    """One chunk of the right shape, whose few bytes become a gigabyte and a half."""

    def change(file: Any) -> None:
        del file[KERNEL]
        made = file.create_dataset(KERNEL, (5880, 84), "f4", chunks=(5880, 84), compression="gzip")
        packer = zlib.compressobj(1)
        parts = [packer.compress(bytes(1 << 20)) for _ in range(1500)]
        made.id.write_direct_chunk((0, 0), b"".join([*parts, packer.flush()]))

    return _with_weights(trained, change)


# --- parts -----------------------------------------------------------------------------


def _members(trained: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(trained)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _packed(members: Files) -> Files:
    return {"model.keras": archive(members)}


def _with_layers(trained: bytes, change: Callable[[list[Any]], object]) -> Files:
    members = _members(trained)
    config = json.loads(members[CONFIG])
    change(config["config"]["layers"])
    return _packed({**members, CONFIG: json.dumps(config).encode()})


def _with_weights(trained: bytes, change: Callable[[Any], object]) -> Files:
    members = _members(trained)
    return _packed({**members, WEIGHTS: _tampered(members[WEIGHTS], change)})


def _with_array(trained: bytes, array: Any) -> Files:
    return _with_weights(trained, lambda file: _put(file, array))


def _put(file: Any, value: Any) -> None:
    del file[KERNEL]
    file[KERNEL] = value


def _tampered(data: bytes, change: Callable[[Any], object]) -> bytes:
    stream = io.BytesIO(data)
    with h5py.File(stream, "r+") as file:
        change(file)
    return stream.getvalue()


def _keras_2(trained: bytes) -> bytes:
    stream = io.BytesIO()
    with h5py.File(io.BytesIO(_members(trained)[WEIGHTS])) as new, h5py.File(stream, "w") as old:
        names = sorted(new["layers"], key=lambda name: (not name.startswith("conv"), name))
        old.attrs["keras_version"] = b"2.6.0"
        old.attrs["model_config"] = b'{"class_name": "Sequential"}'
        root = old.create_group("model_weights")
        root.attrs["layer_names"] = np.array([name.encode() for name in names])
        for name in names:
            arrays = [new[f"layers/{name}/vars/{at}"][()] for at in range(len(new[f"layers/{name}/vars"]))]
            paths = [f"{name}/kernel:0", f"{name}/bias:0"][: len(arrays)]
            inside = root.create_group(name)
            inside.attrs["weight_names"] = np.array([path.encode() for path in paths])
            for path, array in zip(paths, arrays, strict=True):
                inside[path] = array
    return stream.getvalue()
