"""Reads the arrays of a saved model out of HDF5, in a confined process: the file may be hostile.

Its source is loaded into a worker as text. In: a file's bytes and which arrays it must hold. Out: float32 arrays in the
network's order, or ValueError with a sentence.
The rule: a data set is read only once its shape is the one that was asked for, so nothing that a file claims is ever
allocated; links are not followed, filters are gzip and shuffle or none.
"""

import io

import h5py
import numpy as np

FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
MOST_LAYERS = 4096
PREFIXES = ("layers", "_layer_checkpoint_dependencies")  # Keras 3 and 2.14; 2.12


def read_weights(file, expected):
    """Read the arrays of each layer.

    Args:
        file: uint8, the bytes of a `model.weights.h5` or of an `.h5` model.
        expected: for each layer with weights {"layer", "container", "shapes"}; shapes in Keras's order.

    Raises:
        ValueError: the file is damaged, or holds other arrays.
    """
    try:
        with h5py.File(io.BytesIO(file.tobytes()), "r") as opened:
            layers = _by_container(opened, expected) or _by_order(opened, expected)
            return [
                _array(group, path, shape, layer["layer"])
                for layer, (group, paths) in zip(expected, layers, strict=True)
                for path, shape in zip(_count(paths, layer), layer["shapes"], strict=True)
            ]
    except (OSError, KeyError, RuntimeError, TypeError, AttributeError, UnicodeError, RecursionError) as error:
        raise ValueError("the weights cannot be read: the file is damaged, or no HDF5 that Keras writes") from error


def _by_container(opened, expected):
    """The arrays of each layer where Keras's newer formats put them: layers/conv2d/vars/0."""
    prefix = next((each for each in PREFIXES if _group(opened, each) is not None), None)
    if prefix is None or not all(layer["container"] for layer in expected):
        return None
    found = []
    for layer in expected:
        group = _group(opened, f"{prefix}/{layer['container']}/vars")
        if group is None:
            raise ValueError(f"{layer['layer']}: the file has no weights for it")
        if len(group) > 16:
            raise ValueError(f"{layer['layer']}: the file has {len(group)} arrays for it")
        found.append((group, sorted(group, key=lambda name: (len(name), name))))
    return found


def _by_order(opened, expected):
    """The arrays of an older file: its layers stand in the order of `layer_names`."""
    group = _group(opened, "model_weights") or opened
    names = _texts(group.attrs.get("layer_names"))
    if names is None:
        raise ValueError("the file holds no weights where Keras puts them")
    found = []
    for name in names:
        layer = _group(group, name)
        paths = _texts(layer.attrs.get("weight_names")) if layer is not None else None
        if paths:
            found.append((layer, paths))
    if len(found) != len(expected):
        raise ValueError(f"the file has weights for {len(found)} layers, the network has {len(expected)} with weights")
    return found


def _count(paths, layer):
    if len(paths) != len(layer["shapes"]):
        raise ValueError(f"{layer['layer']}: the file has {len(paths)} arrays for it, it takes {len(layer['shapes'])}")
    return paths


def _texts(value):
    """An attribute that is a list of names; it must be small, and of plain text."""
    if value is None:
        return None
    if not isinstance(value, np.ndarray) or value.ndim != 1 or len(value) > MOST_LAYERS:
        raise ValueError("the file's list of layers is not one that Keras writes")
    return [each.decode() if isinstance(each, bytes) else str(each) for each in value]


def _group(parent, path):
    found = _walk(parent, path)
    return found if isinstance(found, h5py.Group) else None


def _walk(parent, path):
    """Go down by hard links alone: a soft or external one is refused, wherever it leads."""
    for part in path.split("/"):
        if part in ("", ".") or not isinstance(parent, h5py.Group):
            return None
        link = parent.get(part, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ValueError("the file holds a link to another place")
        parent = parent[part]
    return parent


def _array(group, path, shape, name):
    found = _walk(group, path)
    if not isinstance(found, h5py.Dataset):
        raise ValueError(f"{name}: the file has no array where its weights should be")
    if found.external or found.is_virtual:
        raise ValueError("the file takes its weights from another file")
    if found.dtype.kind != "f" or found.dtype.itemsize > 8:
        raise ValueError(f"{name}: its weights are no floats")
    if list(found.shape) != list(shape):
        raise ValueError(f"{name}: an array has shape {found.shape}, the network's is {tuple(shape)}")
    plist = found.id.get_create_plist()
    filters = {plist.get_filter(number)[0] for number in range(plist.get_nfilters())}
    if not filters <= FILTERS or (found.chunks and np.prod(found.chunks, dtype=float) > 4 * max(1, found.size)):
        raise ValueError(f"{name}: its weights are packed in a way that Keras does not use")
    array = np.empty(found.shape, np.float32)
    if array.size:
        found.read_direct(array) if found.shape else array.__setitem__((), found[()])
    return array
