"""Reads the arrays of a saved model out of HDF5, in a confined process: the file may be hostile.

Its source is loaded into a worker as text. In: a file's bytes and which arrays it must hold. Out: float32 arrays in the
network's order, or one of the faults below, in numbers: the sentence is written by the trusted end.
The rule: a data set is read only once its shape is the one that was asked for, so nothing that a file claims is ever
allocated; only what was asked for is looked at, by hard links alone; filters are gzip and shuffle or none.

What is understood: `model.weights.h5` of Keras 3 and of Keras 2.12 to 2.15 (where a `.keras` file holds it, or
`save_weights` wrote it), and the `.h5` of Keras 2 and 3, a whole model's or its weights alone.

    fault     damaged   no HDF5, or not what Keras writes
              nothing   no weights where Keras puts them
              link      it leads to another place, or another file
              layers    found: how many layers have weights
              missing   layer
              arrays    layer, found: how many arrays it has
              floats    layer
              shape     layer, found: the shape of one of its arrays, due: which the network's has
              packed    layer: chunks or filters that Keras does not use
"""

import io
import re

import h5py
import numpy as np

MOST_LAYERS = 4096
MOST_TEXT = 1 << 20  # bytes of a list of names
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
SEPARATORS = ("/", "\\")  # Keras before 3 joined the names as its system does paths, so on Windows they are one name
DAMAGE = (OSError, KeyError, IndexError, RuntimeError, TypeError, ValueError, AttributeError, OverflowError)


class RefusedError(Exception):
    """The file is not read any further."""

    def __init__(self, fault, **facts):
        super().__init__(fault)
        self.reply = {"fault": fault, **facts}


def read_weights(file, expected):
    """Read the arrays of each layer.

    Args:
        file: uint8, the bytes of a `model.weights.h5` or of an `.h5` model.
        expected: for each layer with weights {"layer": its name, "container": its group in Keras's newer files, "" if
            nobody knows, "shapes": of its arrays}; layers in the network's order, shapes in Keras's.

    Returns:
        {"arrays": float32, layer after layer} or {"fault": ...}, see above; "layer" is an index of `expected`.
    """
    try:
        with h5py.File(io.BytesIO(file), "r") as opened:
            layers = _by_container(opened, expected)
            if layers is None:
                layers = _by_order(opened, expected)
            return {"arrays": [array for at in range(len(expected)) for array in _arrays(*layers[at], expected, at)]}
    except RefusedError as refused:
        return refused.reply
    except DAMAGE:
        return {"fault": "damaged"}


# --- the newer files: layers/conv2d_1/vars/0 -----------------------------------


def _by_container(opened, expected):
    """Each layer's group of arrays and their names; None where the file is an older one."""
    dated = "_layer_checkpoint_dependencies"  # Keras 2.12
    for prefix in ("layers", dated):
        groups = _containers(opened, prefix)
        if groups:
            break
    else:
        return None
    names = [layer["container"] or layer["layer"] for layer in expected]
    if prefix == dated:
        names = _renumbered(names, groups)
    if not all(layer["container"] for layer in expected) and len(groups) != len(expected):
        raise RefusedError("layers", found=len(groups))
    for at, name in enumerate(names):
        if name not in groups:
            raise RefusedError("missing", layer=at)
    return [(groups[name], [str(number) for number in range(len(groups[name]))]) for name in names]


def _containers(opened, prefix):
    """The groups below a prefix that hold arrays, by name."""
    found = {}
    for separator in SEPARATORS:
        parent = _group(opened, prefix) if separator == "/" else opened
        start = "" if separator == "/" else prefix + separator
        if parent is None or len(parent) > MOST_LAYERS:
            continue
        for name in parent:
            group = _group(parent, f"{name}/vars") if name.startswith(start) else None
            if group is not None and len(group):
                found[name.removeprefix(start)] = group
        if found:
            break
    return found


def _renumbered(names, groups):
    """Keras 2.12 counts each layer with weights twice, so that conv2d_1 is in conv2d_2: only the order is kept."""
    there = {}  # the groups of each class of layers, in order
    for name in sorted(groups, key=_class_and_number):
        there.setdefault(_class_and_number(name)[0], []).append(name)
    placed = {}
    for name in sorted(names, key=_class_and_number):
        left = there.get(_class_and_number(name)[0])
        placed[name] = left.pop(0) if left else ""
    return [placed[name] for name in names]


def _class_and_number(name):
    base, number = re.fullmatch(r"(.*?)(?:_(\d+))?", name, re.DOTALL).groups()
    return base, int(number or 0)


# --- the older files: model_weights/conv2d_1/conv2d_1/kernel:0 ------------------


def _by_order(opened, expected):
    """The same, of an older file: its layers stand in the order of its attribute `layer_names`."""
    group = _group(opened, "model_weights") or opened
    names = _texts(group, "layer_names")
    if names is None:
        raise RefusedError("nothing")
    found = []
    for name in names:
        layer = _group(group, name)
        paths = _texts(layer, "weight_names") if layer is not None else None
        if paths:
            found.append((layer, paths))
    if len(found) != len(expected):
        raise RefusedError("layers", found=len(found))
    return found


def _texts(group, name):
    """An attribute that lists names; its size is looked at before it is read. None where it is not there."""
    if name not in group.attrs:
        return None
    claimed = group.attrs.get_id(name)
    if len(claimed.shape) != 1 or claimed.shape[0] > MOST_LAYERS:
        raise RefusedError("damaged")
    if claimed.shape[0] == 0:
        return []
    if claimed.dtype.kind not in "SO" or claimed.shape[0] * claimed.dtype.itemsize > MOST_TEXT:
        raise RefusedError("damaged")
    return [each.decode() if isinstance(each, bytes) else str(each) for each in group.attrs[name]]


# --- both ----------------------------------------------------------------------


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
            raise RefusedError("link")
        parent = parent[part]
    return parent


def _arrays(group, paths, expected, at):
    """The arrays of one layer."""
    shapes = expected[at]["shapes"]
    if len(paths) != len(shapes):
        raise RefusedError("arrays", layer=at, found=len(paths))
    return [_array(group, path, tuple(shape), at) for path, shape in zip(paths, shapes, strict=True)]


def _array(group, path, shape, at):
    found = _walk(group, path)
    if not isinstance(found, h5py.Dataset):
        raise RefusedError("missing", layer=at)
    if found.external or found.is_virtual:
        raise RefusedError("link")
    if found.dtype.kind != "f" or found.dtype.itemsize > 8:
        raise RefusedError("floats", layer=at)
    if found.shape != shape:
        raise RefusedError("shape", layer=at, found=list(found.shape), due=list(shape))
    properties = found.id.get_create_plist()
    filters = [properties.get_filter(number)[0] for number in range(properties.get_nfilters())]  # HDF5 allows 32
    large = found.chunks is not None and np.prod(found.chunks, dtype=float) > 4 * max(1, found.size)
    if large or len(set(filters)) != len(filters) or not FILTERS.issuperset(filters):
        raise RefusedError("packed", layer=at)
    with np.errstate(over="ignore"):  # a float64 that is too large becomes infinite, and is refused as such
        return np.asarray(found[()], np.float32)
