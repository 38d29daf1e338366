"""Weights as files of HDF5: as each Keras lays them out, and as nobody but an attacker does."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
Write = Callable[[h5py.File], object]

#: A network of two convolutions, a batch normalisation and a dense layer: its layers and its containers in a file.
LAYERS = ("first", "second", "norm", "answer")
CONTAINERS = ("conv2d", "conv2d_1", "batch_normalization", "dense")
SHAPES: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((3, 3, 1, 4), (4,)),
    ((3, 3, 4, 2), (2,)),
    ((2,), (2,), (2,), (2,)),
    ((8, 10), (10,)),
)
NAMES = (
    ("kernel", "bias"),
    ("kernel", "bias"),
    ("gamma", "beta", "moving_mean", "moving_variance"),
    ("kernel", "bias"),
)


def expected(*, containers: bool = True, layers: tuple[str, ...] = LAYERS) -> list[dict[str, Any]]:
    """What the trusted end asks for."""
    return [
        {"layer": layer, "container": container if containers else "", "shapes": [list(each) for each in shapes]}
        for layer, container, shapes in zip(layers, CONTAINERS, SHAPES, strict=True)
    ]


def arrays() -> list[list[Floats]]:
    """Weights of the network, layer by layer; no two are alike."""
    rng = np.random.default_rng(7)
    return [[rng.normal(size=shape).astype(np.float32) for shape in shapes] for shapes in SHAPES]


def hdf5(write: Write) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        write(file)
    return buffer.getvalue()


# --- as Keras writes -----------------------------------------------------------


def keras3(file: h5py.File, *, prefix: str = "layers/", containers: tuple[str, ...] = CONTAINERS) -> None:
    """Keras 3, and 2.13 to 2.15: `model.weights.h5` of a .keras file, or what `save_weights` writes."""
    for container, layer, values in zip(containers, LAYERS, arrays(), strict=True):
        group = file.create_group(f"{prefix}{container}").create_group("vars")
        group.attrs["name"] = layer
        for number, value in enumerate(values):
            group[str(number)] = value
    file.create_group(f"{prefix}flatten/vars")
    file["layers/dropout/seed_generator/vars/0"] = np.array([1, 2], np.uint32)
    file["optimizer/vars/0"] = np.int64(3)


def keras_on_windows(file: h5py.File) -> None:
    """Keras 2.13 to 2.15 on Windows: one name with a backslash in it, where others have two levels."""
    keras3(file, prefix="layers\\")


def keras212(file: h5py.File) -> None:
    """Keras 2.12 numbers each layer with weights twice."""
    keras3(
        file,
        prefix="_layer_checkpoint_dependencies/",
        containers=("conv2d", "conv2d_2", "batch_normalization", "dense"),
    )


def keras212_on_windows(file: h5py.File) -> None:
    """Both."""
    keras3(
        file,
        prefix="_layer_checkpoint_dependencies\\",
        containers=("conv2d", "conv2d_2", "batch_normalization", "dense"),
    )


def whole_model(file: h5py.File) -> None:
    """An .h5 of Keras 2: config, weights and the optimizer's state."""
    file.attrs["model_config"] = b'{"class_name": "Sequential"}'
    file.attrs["keras_version"] = b"2.10.0"
    weights_only(file.create_group("model_weights"))
    file["optimizer_weights/Adam/iter:0"] = np.int64(3)


def weights_only(group: h5py.Group) -> None:
    """An .h5 of Keras 2 that `save_weights` writes; in Keras 3's the names have no `:0`."""
    group.attrs["layer_names"] = np.array([b"first", b"flatten", *(layer.encode() for layer in LAYERS[1:])])
    group.attrs["backend"] = b"tensorflow"
    group.create_group("flatten").attrs["weight_names"] = np.array([])
    for layer, names, values in zip(LAYERS, NAMES, arrays(), strict=True):
        there = group.create_group(layer)
        paths = [f"{layer}/{name}:0" for name in names]
        there.attrs["weight_names"] = np.array([path.encode() for path in paths])
        for path, value in zip(paths, values, strict=True):
            there[path] = value
    group.create_group("top_level_model_weights").attrs["weight_names"] = np.array([])


LAYOUTS: dict[str, Write] = {
    "Keras 3": keras3,
    "Keras 2.15 on Windows": keras_on_windows,
    "Keras 2.12": keras212,
    "Keras 2.12 on Windows": keras212_on_windows,
    "whole model": whole_model,
    "weights only": weights_only,
}


# --- as nobody does ------------------------------------------------------------

KERNEL = "layers/conv2d/vars/0"


def put(make: Callable[[h5py.Group, str], object], *, at: str = KERNEL) -> bytes:
    """An ordinary file in which something else stands at one place."""

    def write(file: h5py.File) -> None:
        keras3(file)
        del file[at]
        parent, name = at.rsplit("/", 1)
        make(file[parent], name)

    return hdf5(write)


def put_array(value: Any, *, at: str = KERNEL, **settings: Any) -> bytes:
    """An ordinary file with another array at one place."""
    return put(lambda parent, name: parent.create_dataset(name, data=value, **settings), at=at)


def deflate_bomb(shape: tuple[int, int], *, megabytes: int) -> bytes:
    """A dense layer's array of the right shape, whose one chunk unpacks to far more than it holds."""
    megabyte = bytes(1 << 20)
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)  # may stand any number of times
    tail = packer.flush()[:-4]
    checksum = 1
    for _ in range(megabytes):
        checksum = zlib.adler32(megabyte, checksum)
    packed = head + block * megabytes + tail + checksum.to_bytes(4, "big")

    def write(file: h5py.File) -> None:
        made = file.create_dataset("layers/dense/vars/0", shape, np.float32, chunks=shape, compression="gzip")
        made.id.write_direct_chunk((0, 0), packed)

    return hdf5(write)
