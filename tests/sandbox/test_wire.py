"""What crosses comes back equal; what is forged, deep or huge ends as one error, in bounded memory and time."""

import math
import re
import resource
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox import plain, wire
from grader.sandbox.boxes import read_reply

ROOT = Path(__file__).parents[2]

quick = settings(deadline=None, max_examples=150)

numbers = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 4095), 1 << 4095),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=40),
    st.binary(max_size=40),
)
keys = st.one_of(st.text(max_size=8), st.integers(-(1 << 63), (1 << 63) - 1), st.booleans(), st.none())
arrays = st.builds(
    lambda dtype, shape, seed: (
        np.frombuffer(
            np.random.default_rng(seed).bytes(math.prod(shape) * np.dtype(dtype).itemsize),
            "uint8" if dtype == "bool" else dtype,
        )
        .astype(dtype)
        .reshape(shape)
    ),
    st.sampled_from(sorted(plain.DTYPES)),
    st.lists(st.integers(0, 4), max_size=4).map(tuple),
    st.integers(0, 1 << 32),
)
values = st.recursive(
    numbers | arrays,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=20,
)


def there_and_back(value: Any) -> Any:
    """Encode, pack, take apart, decode: as a reply goes."""
    blobs = plain.Blobs(1 << 24)
    frame = wire.pack(wire.Reply(value=plain.encode_value(value, blobs)), blobs)
    length, _ = wire.HEADER.unpack_from(frame)
    head = frame[wire.HEADER.size : wire.HEADER.size + length]
    return plain.decode_value(wire.decode(head, wire.Reply).value, memoryview(frame)[wire.HEADER.size + length :])


def same(left: Any, right: Any) -> bool:
    """Equal in type, shape, dtype and bits: NaN is itself, 0.0 is not -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray | np.generic):
        return bool(left.dtype == right.dtype) and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, float):
        return struct.pack("d", left) == struct.pack("d", right) or (math.isnan(left) and math.isnan(right))
    if isinstance(left, complex):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(map(repr, left)) == list(map(repr, right)) and all(map(same, left.values(), right.values()))
    return bool(left == right)


class TestRoundTrip:
    @quick
    @given(values)
    def test_a_value_comes_back(self, value: Any) -> None:
        assert same(there_and_back(value), value)

    @pytest.mark.parametrize("dtype", sorted(plain.DTYPES))
    def test_every_dtype_of_the_list_crosses(self, dtype: str) -> None:
        array = np.arange(6).reshape(2, 3).astype(dtype)

        assert same(there_and_back(array), array)
        assert same(there_and_back(array[1, 2]), array[1, 2])
        assert same(there_and_back(np.array(1, dtype)), np.array(1, dtype))

    @pytest.mark.parametrize(
        "array",
        [
            np.asfortranarray(np.arange(6.0).reshape(2, 3)),
            np.arange(24.0).reshape(2, 3, 4)[::-1, ::2, 1:3],
            np.broadcast_to(np.float32(3), (2, 5)),
            np.arange(6, dtype=">f8"),
            np.arange(6, dtype=">i2").reshape(3, 2),
            np.array([True, False])[::-1],
        ],
        ids=["Fortran", "strided", "broadcast", "big-endian", "big-endian int", "reversed"],
    )
    def test_the_layout_in_memory_does_not_cross(self, array: np.ndarray) -> None:
        """C order and the machine's own byte order come out."""
        back = there_and_back(array)

        assert np.array_equal(back, array)
        assert back.flags.c_contiguous
        assert back.flags.writeable
        assert back.dtype.isnative

    @pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), (2, 0, 5)])
    def test_an_empty_array_keeps_its_shape(self, shape: tuple[int, ...]) -> None:
        assert there_and_back(np.zeros(shape, np.float32)).shape == shape

    def test_bits_of_nan_and_of_negative_zero_cross(self) -> None:
        array = np.array([np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324])

        assert there_and_back(array).tobytes() == array.tobytes()

    @pytest.mark.parametrize("value", [-(1 << 63), (1 << 64) - 1, 1 << 64, -(1 << 4000)])
    def test_integers_of_any_sane_size_cross(self, value: int) -> None:
        assert there_and_back(value) == value

    def test_an_argument_of_numpy_s_keys_crosses(self) -> None:
        assert there_and_back({np.int64(3): 1}) == {3: 1}


class Lies(np.ndarray):
    """An array that says that it is equal to all, and of another type and shape."""

    def __eq__(self, other: object) -> Any:
        return True

    __hash__ = None

    @property
    def dtype(self) -> Any:
        return np.dtype("float64")

    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.zeros(3)


class TestOpaque:
    @pytest.mark.parametrize(
        ("value", "what"),
        [
            (object(), "object"),
            ({1, 2}, "set"),
            (np.array([object()]), "an array of dtype object"),
            (np.array(["a"]), "an array of dtype <U1"),
            (np.array(1, "datetime64[s]"), "an array of dtype datetime64[s]"),
            (np.ma.masked_array([1.0], [True]), "numpy.ma.MaskedArray"),
            (np.longdouble(1), "numpy.longdouble"),
            ("\ud800", "a text that is too long, or not Unicode"),
            ("x" * 70000, "a text that is too long, or not Unicode"),
            (1 << 5000, "an integer of over 4096 bits"),
            ({(1, 2): 3}, "a dict with a key that is no text or number"),
            ({1 << 70: 3}, "a dict with a key that is no text or number"),
            (dict.fromkeys(range(5000)), "a dict of over 4096 keys"),
            (np.broadcast_to(np.zeros(1), (1 << 20, 1 << 20)), "an array that is too large"),
            ((n for n in range(3)), "generator"),
            (float.__add__, "wrapper_descriptor"),
        ],
        ids=lambda value: re.sub(" at 0x[0-9a-f]+", "", repr(value)),  # an address differs in every process
    )
    def test_what_does_not_cross_is_named(self, value: Any, what: str) -> None:
        back = there_and_back(value)

        if isinstance(value, np.ma.MaskedArray):
            assert back.what.startswith("numpy.ma.")
        else:
            assert back == plain.Opaque(what)

    def test_a_nesting_that_is_too_deep_is_cut(self) -> None:
        value: Any = 1
        for _ in range(40):
            value = [value]

        back = there_and_back(value)
        while isinstance(back, list):
            back = back[0]
        assert back == plain.Opaque("a value nested more than 16 deep")

    def test_a_list_that_holds_itself_ends(self) -> None:
        """Ten times itself at each of 16 levels: counted, not walked."""
        value: list[Any] = []
        value.extend([value] * 10)
        begin = time.perf_counter()

        with pytest.raises(plain.WireError, match="too many items"):
            plain.encode_value(value, plain.Blobs(1 << 20))
        assert time.perf_counter() - begin < 60

    def test_a_subclass_that_lies_crosses_as_what_it_holds(self) -> None:
        array = np.arange(3, dtype=np.int8).view(Lies)

        assert same(there_and_back(array), np.arange(3, dtype=np.int8))

    def test_subclasses_of_numbers_do_not_pass_for_them(self) -> None:
        class Number(float):
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = float.__hash__

        assert isinstance(there_and_back(Number(1.0)), plain.Opaque)


def refused(value: Any, blob: bytes = b"") -> str:
    """Decode a forged value, as the grader does; return why it is refused."""
    head = msgspec.msgpack.encode({"value": value})
    with pytest.raises(plain.WireError) as caught:
        plain.decode_value(wire.decode(head, wire.Reply).value, memoryview(blob))
    return str(caught.value)


class TestForgedValues:
    @pytest.mark.parametrize(
        "value",
        [
            [],
            ["unknown", 1],
            [1, 2],
            [["list", []]],
            ["list"],
            ["list", 3],
            ["list", [], []],
            ["dict", ["a"], []],
            ["dict", [["list", []]], [1]],
            ["dict", [["opaque", "x"]], [1]],
            ["dict", [["int", hex(1 << 70)]], [1]],
            ["dict", list(range(5000)), list(range(5000))],
            ["int", "7" * 2000],
            ["int", "0xzz"],
            ["bytes", "0"],
            ["bytes", "zz"],
            ["complex", 1, 2],
            ["scalar", "float64", "00"],
            ["scalar", "object", "0000000000000000"],
            ["scalar", "float64", "00 000000000000"],
            ["opaque", 3],
            "x" * 70000,
            ["opaque", "x" * 70000],
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_a_value_that_no_worker_sends_is_refused(self, value: Any) -> None:
        assert refused(value)

    @pytest.mark.parametrize(
        ("dtype", "shape", "offset", "blob"),
        [
            ("float64", [1], 0, 7),
            ("float64", [2], 8, 16),
            ("float64", [1], -8, 16),
            ("float64", [1], True, 16),
            ("object", [1], 0, 8),
            ("O", [1], 0, 8),
            ("float64,float64", [1], 0, 16),
            ("float128", [1], 0, 16),
            ("U4", [1], 0, 16),
            ("V8", [1], 0, 16),
            ("float64", [-1], 0, 16),
            ("float64", [1.0], 0, 16),
            ("float64", [True], 0, 16),
            ("float64", [1 << 31, 1 << 31, 1 << 31], 0, 16),
            ("float64", [1 << 62], 0, 16),
            ("float64", [1] * 17, 0, 16),
            ("float64", [0, (1 << 40) - 1, (1 << 40) - 1], 0, 16),
            ("float64", [[1]], 0, 16),
        ],
    )
    def test_an_array_that_does_not_fit_its_bytes_is_refused(
        self, dtype: str, shape: list[Any], offset: Any, blob: int
    ) -> None:
        assert refused(["array", dtype, shape, offset], bytes(blob))

    def test_arrays_that_share_bytes_are_refused(self) -> None:
        """Or a frame of a megabyte would become a terabyte."""
        blob = bytes(1 << 20)
        item = ["array", "uint8", [1 << 20], 0]

        assert refused(["list", [item, item]], blob) == "an array that is larger than its bytes"

    def test_a_bool_that_is_two_becomes_true(self) -> None:
        array = plain.decode_value(["array", "bool", [3], 0], memoryview(b"\x00\x01\x02"))

        assert array.tobytes() == b"\x00\x01\x01"

    @pytest.mark.parametrize(
        "head",
        [
            b"",
            b"\xc1",
            b"\x81\xa5value" + b"\x91" * 500_000,
            b"\x81\xa5value\x81\x91\x01\x02",
            b"\x81\xa5value\xd6\xff\x00\x00\x00\x00",
            b"\x81\xa5value\xc4\x01x",
            b"\x81\xa5value\xa1\xff",
            b"\x81\xa5value\xdd\xff\xff\xff\xff",
            b"\x81\xa5value\x01\x01",
            b"\x81\xa5score\x64",
            b"\x91\x01",
            b"\x81\xa7missing\x01",
        ],
        ids=lambda head: repr(head)[:30],
    )
    def test_a_head_that_is_no_reply_is_refused(self, head: bytes) -> None:
        """Deep nesting, a map with a tuple as its key, a date, bytes, bad UTF-8, truncation, unknown keys."""
        with pytest.raises(plain.WireError):
            wire.decode(head, wire.Reply)

    @quick
    @given(st.binary(max_size=300))
    def test_garbage_is_refused_or_decoded_and_nothing_else(self, head: bytes) -> None:
        try:
            reply = wire.decode(b"\x81\xa5value" + head, wire.Reply)
            plain.decode_value(reply.value, memoryview(b"x" * 64))
        except plain.WireError:
            pass

    @quick
    @given(values, st.data())
    def test_a_reply_with_changed_bytes_is_refused_or_decoded(self, value: Any, data: st.DataObject) -> None:
        blobs = plain.Blobs(1 << 20)
        head = bytearray(msgspec.msgpack.encode(wire.Reply(value=plain.encode_value(value, blobs))))
        for _ in range(data.draw(st.integers(1, 4))):
            head[data.draw(st.integers(0, len(head) - 1))] = data.draw(st.integers(0, 255))
        try:
            decoded = wire.decode(bytes(head), wire.Reply)
            read_reply(decoded, memoryview(b"".join(blobs.chunks)))
        except plain.WireError:
            pass

    def test_a_full_head_of_the_smallest_items_stays_small(self) -> None:
        """Two megabytes of empty lists; the grader may grow by some hundred, and refuses them in a moment."""
        count = 2 * wire.MAX_HEAD - 100
        head = b"\x81\xa5value\x92\xa4list\xdd" + struct.pack(">I", count) + b"\x90" * count
        begin = time.perf_counter()

        with pytest.raises(plain.WireError):
            read_reply(wire.decode(head, wire.Reply), memoryview(b""))
        assert time.perf_counter() - begin < 60
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 << 20  # kB


def test_the_wire_knows_nothing_of_ours() -> None:
    """A worker imports it: it must lead to no test and no answer."""
    code = "import sys; import grader.sandbox.wire; print([name for name in sys.modules if name.startswith('grader')])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['grader', 'grader.sandbox', 'grader.sandbox.plain', 'grader.sandbox.wire']"
