"""A course with small data sets of its own, and files that hold them.

In: a folder. Out: a manifest whose hashes are those of the images made here.
Import with `from tests.image_data import write_manifest`.
"""

import gzip
import hashlib
import io
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
IDX = ("train-images.gz", "train-labels.gz", "t10k-images.gz", "t10k-labels.gz")
Images = dict[str, npt.NDArray[Any]]


def grey(*, seed: int = 1, train: int = 30, test: int = 10) -> Images:
    """Images as MNIST's: (N, 28, 28), labels (N,)."""
    return _drawn((28, 28), (), seed=seed, train=train, test=test)


def coloured(*, seed: int = 2, train: int = 25, test: int = 10) -> Images:
    """Images as CIFAR-10's: (N, 32, 32, 3), labels (N, 1)."""
    return _drawn((32, 32, 3), (1,), seed=seed, train=train, test=test)


def _drawn(image: tuple[int, ...], label: tuple[int, ...], *, seed: int, train: int, test: int) -> Images:
    rng = np.random.default_rng(seed)
    images: Images = {}
    for split, count in (("train", train), ("test", test)):
        images[f"x_{split}"] = rng.integers(0, 256, size=(count, *image), dtype=np.uint8)
        images[f"y_{split}"] = (np.arange(count) % 10).astype(np.uint8).reshape(count, *label)
    return images


def write_manifest(root: Path, *, address: str = "https://images.example") -> Path:
    """Write datasets/manifest.toml with `grey` (npz), `fashion` (idx) and `colour` (cifar; a part has hashes)."""
    file_sha = hashlib.sha256(npz_bytes(grey())).hexdigest()
    text = _head("grey", "Grey", "npz")
    text += f'[[datasets.files]]\npath = "grey.npz"\nurl = "{address}/grey.npz"\nsha256 = "{file_sha}"\n'
    text += variant("official", "the official images", grey())
    text += _head("fashion", "Fashion", "idx")
    text += "".join(f'[[datasets.files]]\npath = "fashion/{name}"\nurl = "{address}/{name}"\n' for name in IDX)
    text += variant("official", "the official images", grey(seed=3))
    text += _head("colour", "Colour", "cifar", 'pickled = ["colour-py"]\n')
    text += f'[[datasets.files]]\npath = "colour.tar.gz"\nurl = "{address}/colour.tar.gz"\n'
    text += variant("official", "the official size", coloured(), hashed=False)
    text += variant("part", "a part, not the official pixels", coloured(seed=4, train=20))
    (root / "datasets").mkdir(parents=True, exist_ok=True)
    (root / "datasets" / "manifest.toml").write_text(text, encoding="utf-8")
    return root


def _head(name: str, title: str, packing: str, more: str = "") -> str:
    classes = ", ".join(f'"{number}"' for number in range(10))
    return (
        f'[[datasets]]\nname = "{name}"\ntitle = "{title}"\nabout = "https://images.example"\nlicence = "free"\n'
        f'packing = "{packing}"\ndtype = "uint8"\nclasses = [{classes}]\n{more}'
    )


def variant(name: str, what: str, images: Images, *, hashed: bool = True) -> str:
    """One variant in TOML."""
    text = f'[[datasets.variants]]\nname = "{name}"\nwhat = "{what}"\n'
    for key, array in images.items():
        sha = f', sha256 = "{hashlib.sha256(array.tobytes()).hexdigest()}"' if hashed else ""
        text += f"{key} = {{ shape = {list(array.shape)}{sha} }}\n"
    return text


def npz_bytes(images: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Pack as `np.savez_compressed` does; the same images give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **images)  # type: ignore[arg-type]  # the stub fears an array named allow_pickle
    return buffer.getvalue()


def idx_bytes(array: npt.NDArray[Any]) -> bytes:
    """One gzipped IDX file."""
    head = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def cifar_bytes(images: Images, **extra: bytes) -> bytes:
    """The binary version: five batches and a test batch, in a gzipped tar; extra members go first."""
    fifth = len(images["x_train"]) // 5
    members = dict(extra)
    for number in range(5):
        rows = slice(number * fifth, (number + 1) * fifth)
        members[f"data_batch_{number + 1}.bin"] = _batch(images["x_train"][rows], images["y_train"][rows])
    members["test_batch.bin"] = _batch(images["x_test"], images["y_test"])
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(f"batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _batch(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> bytes:
    planes = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
    return np.concatenate([y.reshape(-1, 1), planes], axis=1).tobytes()
