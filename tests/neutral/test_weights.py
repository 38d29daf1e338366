"""A file's arrays come out in the network's order, or not at all: every layout of Keras, and every trick of HDF5."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.models import ModelFault
from grader.neutral.client import NeutralWorker

h5py = pytest.importorskip("h5py")

from tests.neutral.hdf5_files import (  # noqa: E402 - after h5py, which not every Python has
    KERNEL,
    LAYOUTS,
    SHAPES,
    arrays,
    deflate_bomb,
    expected,
    hdf5,
    keras3,
    put,
    put_array,
    whole_model,
)

RIGHT = [array for layer in arrays() for array in layer]
FIRST = RIGHT[0]
AN_ARRAY = "An array of first has shape"
HUGE = (1 << 20, 1 << 20)  # four terabytes, of which nothing is stored


def same(got: list[Any], right: list[Any]) -> bool:
    return all(np.array_equal(a, b) and a.dtype == np.float32 for a, b in zip(got, right, strict=True))


def fault_of(neutral: NeutralWorker, file: bytes, *, containers: bool = True) -> str:
    with pytest.raises(ModelFault) as caught:
        neutral.weights(file, expected(containers=containers))
    assert caught.value.brief.isascii()
    return caught.value.what


class TestLayouts:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_every_keras_is_understood(self, neutral: NeutralWorker, layout: str) -> None:
        got = neutral.weights(hdf5(LAYOUTS[layout]), expected())

        assert same(got, RIGHT)

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_without_a_config_the_layers_names_are_the_groups(self, neutral: NeutralWorker, layout: str) -> None:
        asked = expected(containers=False, layers=("conv2d", "conv2d_1", "batch_normalization", "dense"))

        assert same(neutral.weights(hdf5(LAYOUTS[layout]), asked), RIGHT)

    def test_the_layers_of_a_graph_may_be_asked_for_in_any_order(self, neutral: NeutralWorker) -> None:
        order = (3, 1, 0, 2)
        asked = [expected()[at] for at in order]

        assert same(neutral.weights(hdf5(keras3), asked), [array for at in order for array in arrays()[at]])

    @pytest.mark.parametrize("dtype", [">f4", "<f8", ">f8"])
    def test_a_float_of_another_size_or_order_is_the_same_number(self, neutral: NeutralWorker, dtype: str) -> None:
        assert same(neutral.weights(put_array(FIRST.astype(dtype)), expected()), RIGHT)

    def test_a_packed_array_is_unpacked(self, neutral: NeutralWorker) -> None:
        file = put_array(FIRST, chunks=(2, 2, 1, 4), compression="gzip", shuffle=True, fletcher32=True)

        assert same(neutral.weights(file, expected()), RIGHT)

    def test_what_nobody_asked_for_is_not_looked_at(self, neutral: NeutralWorker) -> None:
        """Terabytes of an optimizer's state, groups in themselves, links to anywhere, a thousand levels."""

        def write(file: Any) -> None:
            keras3(file)
            file.create_dataset("optimizer/vars/1", HUGE, np.float32, chunks=(1, 1 << 20))
            file["optimizer/itself"] = file["optimizer"]
            file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
            file["nowhere"] = h5py.SoftLink("/nowhere")
            file.create_group("/".join(["deep"] * 1000))

        assert same(neutral.weights(hdf5(write), expected()), RIGHT)

    @pytest.mark.slow
    def test_a_large_file_is_read_within_its_memory(self, neutral: NeutralWorker) -> None:
        """A network of eight million numbers, beside two copies of them by Adam."""
        shape = (1 << 13, 1 << 10)

        def write(file: Any) -> None:
            for name in ("layers/dense/vars/0", "optimizer/vars/1", "optimizer/vars/2"):
                file.create_dataset(name, data=np.ones(shape, np.float32))

        got = neutral.weights(hdf5(write), [{"layer": "dense", "container": "dense", "shapes": [list(shape)]}])

        assert got[0].sum() == 1 << 23

    def test_a_network_without_weights_needs_none(self, neutral: NeutralWorker) -> None:
        assert neutral.weights(hdf5(keras3), []) == []


class TestOtherNetworks:
    @pytest.mark.parametrize(
        ("file", "what"),
        [
            (put_array(np.ones((5, 5, 1, 4))), f"{AN_ARRAY} (5, 5, 1, 4), the network's has (3, 3, 1, 4)"),
            (put_array(np.float32(1)), f"{AN_ARRAY} (), the network's has (3, 3, 1, 4)"),
            (put_array(FIRST, at="layers/conv2d/vars/1"), f"{AN_ARRAY} (3, 3, 1, 4), the network's has (4,)"),
            (put(lambda parent, name: None), "The file has 1 arrays for first, the network has another number"),
            (put(lambda parent, name: None, at="layers/dense"), "The file has no weights for answer"),
            (put(lambda parent, name: parent.create_group(name)), "The file has no weights for first"),
            (put(lambda parent, name: None, at="layers/batch_normalization/vars"), "The file has no weights for norm"),
        ],
    )  # fmt: skip
    def test_the_first_difference_is_named(self, neutral: NeutralWorker, file: bytes, what: str) -> None:
        assert fault_of(neutral, file) == what

    def test_an_older_file_of_another_network_is_told_by_its_layers(self, neutral: NeutralWorker) -> None:
        def write(file: Any) -> None:
            whole_model(file)
            names = file["model_weights"].attrs["layer_names"]
            file["model_weights"].attrs["layer_names"] = names[:-1]

        assert fault_of(neutral, hdf5(write)) == "The file has weights for 3 layers, the network has 4 with weights"

    def test_without_a_config_more_layers_are_too_many(self, neutral: NeutralWorker) -> None:
        def write(file: Any) -> None:
            keras3(file)
            file["layers/dense_1/vars/0"] = np.ones((10, 10), np.float32)

        what = fault_of(neutral, hdf5(write), containers=False)
        assert what == "The file has weights for 5 layers, the network has 4 with weights"

    def test_an_older_file_is_told_by_its_shapes(self, neutral: NeutralWorker) -> None:
        def write(file: Any) -> None:
            whole_model(file)
            del file["model_weights/answer/answer/kernel:0"]
            file["model_weights/answer/answer/kernel:0"] = np.ones((8, 3), np.float32)

        assert fault_of(neutral, hdf5(write)) == "An array of answer has shape (8, 3), the network's has (8, 10)"

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
    def test_a_diverged_training_is_named(self, neutral: NeutralWorker, value: float) -> None:
        broken = FIRST.astype(np.float64)
        broken[1, 2, 0, 3] = value

        what = fault_of(neutral, put_array(broken))
        assert what == "The weights of first hold NaN or infinity: the training diverged"


def _virtual(parent: Any, name: str) -> None:
    layout = h5py.VirtualLayout(SHAPES[0][0], np.float32)
    layout[...] = h5py.VirtualSource("/etc/passwd", "data", SHAPES[0][0])
    parent.create_virtual_dataset(name, layout)


def _lzf(parent: Any, name: str) -> None:
    parent.create_dataset(name, data=FIRST, compression="lzf")


def _unknown_filter(parent: Any, name: str) -> None:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((3, 3, 1, 4))
    properties.set_filter(31999, h5py.h5z.FLAG_OPTIONAL)
    space = h5py.h5s.create_simple(SHAPES[0][0])
    h5py.h5d.create(parent.id, name.encode(), h5py.h5t.NATIVE_FLOAT, space, properties)


HOSTILE = {
    "external link": (put(lambda parent, name: parent.__setitem__(name, h5py.ExternalLink("/etc/x", "/"))), "link"),
    "soft link": (put(lambda parent, name: parent.__setitem__(name, h5py.SoftLink("/layers/conv2d_1/vars/0"))), "link"),
    "linked group": (put(lambda parent, name: parent.__setitem__(name, h5py.SoftLink("/")), at="layers/dense"), "link"),
    "linked folder": (
        put(lambda parent, name: parent.__setitem__(name, h5py.ExternalLink("x", "/")), at="layers/conv2d/vars"),
        "link",
    ),
    "virtual": (put(_virtual), "link"),
    "external storage": (
        put(lambda parent, name: parent.create_dataset(name, SHAPES[0][0], "f4", external=[("/etc/passwd", 0, 144)])),
        "link",
    ),
    "terabytes": (put(lambda parent, name: parent.create_dataset(name, HUGE, "f4", chunks=(1, 1 << 20))), "shape"),
    "a huge chunk": (
        put(
            lambda parent, name: parent.create_dataset(
                name, SHAPES[0][0], "f4", chunks=(512, 512, 64, 32), maxshape=(None,) * 4
            )
        ),
        "packed",
    ),
    "lzf": (put(_lzf), "packed"),
    "unknown filter": (put(_unknown_filter), "packed"),
    "whole numbers": (put_array(np.ones(SHAPES[0][0], np.int32)), "floats"),
    "complex": (put_array(np.ones(SHAPES[0][0], np.complex64)), "floats"),
    "records": (put_array(np.zeros(SHAPES[0][0], [("a", "f4"), ("b", "i4")])), "floats"),
    "texts": (put_array(np.full(SHAPES[0][0], "1.0", object), dtype=h5py.string_dtype()), "floats"),
    "references": (
        put(lambda parent, name: parent.create_dataset(name, SHAPES[0][0], h5py.ref_dtype)),
        "floats",
    ),
    "rows of any length": (
        put(lambda parent, name: parent.create_dataset(name, SHAPES[0][0], h5py.vlen_dtype(np.float32))),
        "floats",
    ),
    "nothing": (put_array(h5py.Empty("f4")), "cannot be read"),
    "a data type": (put(lambda parent, name: parent.__setitem__(name, np.dtype("f4"))), "no weights for first"),
}  # fmt: skip
SENTENCES = {
    "link": "The file takes its weights from another place, or another file",
    "packed": "The weights of first are packed in a way that Keras does not use",
    "floats": "The weights of first are no real numbers",
    "shape": "An array of first has shape (1048576, 1048576), the network's has (3, 3, 1, 4)",
}


class TestHostileFiles:
    @pytest.mark.parametrize("trick", HOSTILE)
    def test_a_trick_is_refused(self, neutral: NeutralWorker, trick: str) -> None:
        file, what = HOSTILE[trick]

        assert SENTENCES.get(what, what) in fault_of(neutral, file)

    def test_a_deflate_bomb_is_stopped_by_the_memory_limit(self, neutral: NeutralWorker) -> None:
        file = deflate_bomb((512, 1024), megabytes=600)
        assert len(file) < 1 << 20

        with pytest.raises(ModelFault, match="The weights cannot be read"):
            neutral.weights(file, [{"layer": "dense", "container": "dense", "shapes": [[512, 1024]]}])

    def test_a_parser_that_reads_past_its_memory_takes_nobody_with_it(self, neutral: NeutralWorker) -> None:
        """A chunk that unpacks to half of what it should: some versions of HDF5 crash, some read what lies behind."""
        asked = [{"layer": "dense", "container": "dense", "shapes": [[512, 1024]]}]

        with contextlib.suppress(ModelFault):
            assert neutral.weights(deflate_bomb((512, 1024), megabytes=1), asked)[0].shape == (512, 1024)
        assert same(neutral.weights(hdf5(keras3), expected()), RIGHT)

    def test_a_bomb_of_bombs_is_stopped_too(self, neutral: NeutralWorker) -> None:
        def make(parent: Any, name: str) -> None:
            properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            properties.set_chunk((3, 3, 1, 4))
            for _ in range(2):
                properties.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
            h5py.h5d.create(
                parent.id, name.encode(), h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple(SHAPES[0][0]), properties
            )

        assert fault_of(neutral, put(make)) == SENTENCES["packed"]

    @pytest.mark.parametrize(
        "names",
        [
            np.zeros((2, 2), "S4"),
            np.arange(4),
            np.bytes_(b"first"),
            np.array([b"x" * 60] * 1000),
            np.array([b"\xff\xfe"] * 4),
            np.array([b"../first", b"/", b".", b""]),
        ],
    )
    def test_a_list_of_layers_that_is_none_is_refused(self, neutral: NeutralWorker, names: Any) -> None:
        def write(file: Any) -> None:
            whole_model(file)
            file["model_weights"].attrs["layer_names"] = names

        assert fault_of(neutral, hdf5(write)).startswith(("The weights cannot be read", "The file has weights for 0"))

    def test_a_name_from_a_file_is_not_repeated(self, neutral: NeutralWorker) -> None:
        asked = [{"layer": "\x1b[31m you passed", "container": "nowhere", "shapes": [[1]]}]

        with pytest.raises(ModelFault) as caught:
            neutral.weights(hdf5(keras3), asked)

        assert caught.value.what == "The file has no weights for layer 1 of those with weights"

    @pytest.mark.parametrize("file", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(5000)])
    def test_what_is_no_hdf5_is_damaged(self, neutral: NeutralWorker, file: bytes) -> None:
        assert fault_of(neutral, file) == "The weights cannot be read: the file is damaged, or Keras did not write it"

    def test_an_hdf5_file_of_anything_else_has_no_weights(self, neutral: NeutralWorker) -> None:
        file = hdf5(lambda file: file.create_dataset("images", data=np.ones((3, 3))))

        assert fault_of(neutral, file) == "The file has no weights where Keras puts them"

    @pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
    @pytest.mark.parametrize("layout", ["Keras 3", "whole model"])
    def test_a_file_that_was_cut_off_is_damaged(self, neutral: NeutralWorker, layout: str, keep: float) -> None:
        file = hdf5(LAYOUTS[layout])

        assert fault_of(neutral, file[: int(keep * len(file))]).startswith("The weights cannot be read")

    @pytest.mark.slow
    @given(
        layout=st.sampled_from(["Keras 3", "whole model"]),
        changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20),
    )
    @settings(max_examples=40, deadline=None)
    def test_whatever_was_changed_in_a_file_there_is_an_answer(
        self, neutral: NeutralWorker, layout: str, changes: list[tuple[float, int]]
    ) -> None:
        """Arrays of the right shapes, or a fault of the file: never one of ours."""
        file = bytearray(hdf5(LAYOUTS[layout]))
        for place, byte in changes:
            file[int(place * len(file))] = byte

        try:
            got = neutral.weights(bytes(file), expected())
        except ModelFault:
            pass
        else:
            assert [each.shape for each in got] == [each.shape for each in RIGHT]

    def test_the_first_array_stands_where_the_tricks_are_played(self) -> None:
        assert KERNEL == "layers/conv2d/vars/0"
