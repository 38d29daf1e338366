"""Files of images, whole, damaged and hostile."""

import gzip
import io
import os
import struct
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import UsageError
from grader.imagefiles import read_cifar, read_idx, read_npz
from grader.manifest import DataSet, read_manifest
from tests.image_data import ARRAYS, Images, cifar_bytes, coloured, grey, idx_bytes, npz_bytes, write_manifest


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataSet, ...]:
    return read_manifest(write_manifest(tmp_path_factory.mktemp("course")))


@pytest.fixture
def mnist_like(sets: tuple[DataSet, ...]) -> DataSet:
    return sets[0]


@pytest.fixture
def cifar_like(sets: tuple[DataSet, ...]) -> DataSet:
    return sets[2]


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def same(got: Images, expected: Images) -> bool:
    return all(np.array_equal(got[name], expected[name]) and got[name].flags.c_contiguous for name in ARRAYS)


class TestNpz:
    def test_arrays_come_by_their_keras_names(self, tmp_path: Path, mnist_like: DataSet) -> None:
        assert same(read_npz(put(tmp_path / "a.npz", npz_bytes(grey())), mnist_like), grey())

    def test_fortran_order_and_further_arrays_are_no_matter(self, tmp_path: Path, mnist_like: DataSet) -> None:
        images: Images = {name: np.asfortranarray(array) for name, array in grey().items()}
        images["classes"] = np.array([object()])

        assert same(read_npz(put(tmp_path / "a.npz", npz_bytes(images)), mnist_like), grey())

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"y_train": np.zeros(30, np.int64)}, "`y_train` is int64, not uint8"),
            ({"x_test": np.zeros((10, 28, 28), np.float32)}, "`x_test` is float32, not uint8"),
            ({"x_train": np.array([{}] * 30)}, "`x_train` is pickled objects, which are never read"),
            (
                {"x_train": np.zeros((30, 28, 28, 1), np.uint8)},
                "`x_train` has the shape (30, 28, 28, 1), not (N, 28, 28)",
            ),
            ({"y_test": np.zeros((10, 1), np.uint8)}, "`y_test` has the shape (10, 1), not (N,)"),
            ({"y_test": np.zeros(9, np.uint8)}, "`x_test` has 10 images, `y_test` 9 labels"),
            ({"y_test": np.full(10, 10, np.uint8)}, "`y_test` has a label 10; the classes are 0 to 9"),
            ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "`x_test` has 0 entries"),
        ],
    )
    def test_what_is_not_such_a_set_is_told(
        self, tmp_path: Path, mnist_like: DataSet, change: Images, said: str
    ) -> None:
        """With the file and a remedy."""
        path = put(tmp_path / "a.npz", npz_bytes({**grey(), **change}))

        with pytest.raises(UsageError) as caught:
            read_npz(path, mnist_like)
        assert said in caught.value.what
        assert caught.value.where == str(path)
        assert caught.value.fix

    def test_a_missing_array_is_named(self, tmp_path: Path, mnist_like: DataSet) -> None:
        images = grey()
        images["labels"] = images.pop("y_train")

        with pytest.raises(UsageError, match="there is no array `y_train`; the file has labels, x_test"):
            read_npz(put(tmp_path / "a.npz", npz_bytes(images)), mnist_like)

    def test_an_array_that_is_there_twice_is_refused(self, tmp_path: Path, mnist_like: DataSet) -> None:
        path = put(tmp_path / "a.npz", npz_bytes(grey()))
        with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x_train.npy", b"")

        with pytest.raises(UsageError, match="`x_train` is there twice"):
            read_npz(path, mnist_like)

    def test_a_bomb_is_not_unpacked(self, tmp_path: Path, mnist_like: DataSet) -> None:
        """A hundred megabytes of zeros, packed into a hundred kilobytes."""
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (30, 28, 28)})
        path = tmp_path / "a.npz"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("x_train.npy", "w") as stream:
                stream.write(header.getvalue())
                for _ in range(100):
                    stream.write(bytes(1 << 20))
            for name in ARRAYS[1:]:
                archive.writestr(f"{name}.npy", b"")

        with pytest.raises(UsageError, match="`x_train` unpacks to more than"):
            read_npz(path, mnist_like)

    def test_a_header_that_promises_too_much_takes_no_memory(self, tmp_path: Path, mnist_like: DataSet) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 28, 28)}
        )
        path = tmp_path / "a.npz"
        with zipfile.ZipFile(path, "w") as archive:
            for name in ARRAYS:
                archive.writestr(f"{name}.npy", header.getvalue())

        with pytest.raises(UsageError, match="`x_train` has 1000000000000 entries"):
            read_npz(path, mnist_like)

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_only_deflate_is_unpacked(self, tmp_path: Path, mnist_like: DataSet, method: int) -> None:
        path = tmp_path / "a.npz"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name in ARRAYS:
                archive.writestr(f"{name}.npy", b"")

        with pytest.raises(UsageError, match="damaged"):
            read_npz(path, mnist_like)

    def test_damage_anywhere_is_told(self, tmp_path: Path, mnist_like: DataSet) -> None:
        """Or it changes nothing that is read: a date, say."""
        whole = npz_bytes(grey(train=3, test=2))
        told = 0
        for at in [*range(90), *range(90, len(whole), 397), *range(len(whole) - 300, len(whole))]:
            broken = bytearray(whole)
            broken[at] ^= 0xFF
            try:
                got = read_npz(put(tmp_path / "a.npz", bytes(broken)), mnist_like)
            except UsageError as error:
                told += bool(error.fix)
            else:
                assert same(got, grey(train=3, test=2))
        assert told > 100

    @pytest.mark.parametrize("content", [b"", b"PK", b"<html>not found</html>", gzip.compress(b"x", mtime=0)])
    def test_what_is_no_archive_is_told(self, tmp_path: Path, mnist_like: DataSet, content: bytes) -> None:
        with pytest.raises(UsageError, match="damaged or incomplete"):
            read_npz(put(tmp_path / "a.npz", content), mnist_like)

    def test_a_folder_or_a_missing_file_is_told(self, tmp_path: Path, mnist_like: DataSet) -> None:
        with pytest.raises(UsageError, match="this is not a file"):
            read_npz(tmp_path, mnist_like)
        with pytest.raises(UsageError, match="cannot be read"):
            read_npz(tmp_path / "none.npz", mnist_like)

    @pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path, mnist_like: DataSet) -> None:
        os.mkfifo(tmp_path / "a.npz")

        with pytest.raises(UsageError, match="this is not a file"):
            read_npz(tmp_path / "a.npz", mnist_like)

    def test_a_huge_file_is_not_even_opened(self, tmp_path: Path, mnist_like: DataSet) -> None:
        """A sparse one of a terabyte."""
        with (tmp_path / "a.npz").open("wb") as stream:
            stream.truncate(1 << 40)

        with pytest.raises(UsageError, match="too many"):
            read_npz(tmp_path / "a.npz", mnist_like)


class TestIdx:
    def write(self, folder: Path, images: Images, **change: bytes) -> list[Path]:
        contents = {name: change.get(name, idx_bytes(images[name])) for name in ARRAYS}
        return [put(folder / f"{name}.gz", content) for name, content in contents.items()]

    def test_four_files_are_four_arrays(self, tmp_path: Path, mnist_like: DataSet) -> None:
        assert same(read_idx(self.write(tmp_path, grey()), mnist_like), grey())

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x1f\x8b",
            idx_bytes(grey()["x_train"])[:-9],
            idx_bytes(grey()["y_train"]),
            gzip.compress(struct.pack(">4I", 0x803, 30, 28, 28)),
            gzip.compress(struct.pack(">4I", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1) + bytes(100)),
            gzip.compress(struct.pack(">4I", 0xD03, 30, 28, 28) + bytes(30 * 784)),
            gzip.compress(bytes(50 << 20)),
        ],
        ids=["empty", "cut at once", "cut at the end", "labels", "no pixels", "a lie", "floats", "a bomb"],
    )
    def test_what_is_no_such_file_is_told(self, tmp_path: Path, mnist_like: DataSet, content: bytes) -> None:
        with pytest.raises(UsageError, match="damaged or incomplete") as caught:
            read_idx(self.write(tmp_path, grey(), x_train=content), mnist_like)
        assert caught.value.where == str(tmp_path / "x_train.gz")

    def test_another_size_of_images_is_told(self, tmp_path: Path, mnist_like: DataSet) -> None:
        with pytest.raises(UsageError, match=r"has the shape \(30, 14, 56\)"):
            read_idx(self.write(tmp_path, grey(), x_train=idx_bytes(np.zeros((30, 14, 56), np.uint8))), mnist_like)


class TestCifar:
    def test_planes_become_pixels(self, tmp_path: Path, cifar_like: DataSet) -> None:
        """Red, green and blue planes to (N, 32, 32, 3), labels to (N, 1), batches in their order."""
        got = read_cifar(put(tmp_path / "a", cifar_bytes(coloured(), **{"readme.html": b"x"})), cifar_like)

        assert same(got, coloured())

    def damaged(self) -> dict[str, bytes]:
        whole = cifar_bytes(coloured())
        twice = io.BytesIO()
        with tarfile.open(fileobj=twice, mode="w:gz") as archive:
            for folder in "ab":
                archive.addfile(tarfile.TarInfo(f"{folder}/test_batch.bin"))
        lie = tarfile.TarInfo("a/data_batch_1.bin")
        lie.size = 1 << 40
        return {
            "cut": whole[: len(whole) // 2],
            "cut at the end": whole[:-4],
            "no tar": gzip.compress(b"hello"),
            "without gzip": b"hello",
            "a batch too few": self.without_the_last(),
            "a row too short": cifar_bytes({**coloured(), "x_test": coloured()["x_test"][:, :31]}),
            "twice": twice.getvalue(),
            "a lie": gzip.compress(lie.tobuf()),
            "a bomb": cifar_bytes(coloured(), zeros=bytes(60 << 20)),
        }

    def without_the_last(self) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("a/data_batch_1.bin"))
        return buffer.getvalue()

    @pytest.mark.parametrize(
        "kind",
        [
            "cut",
            "cut at the end",
            "no tar",
            "without gzip",
            "a batch too few",
            "a row too short",
            "twice",
            "a lie",
            "a bomb",
        ],
    )
    def test_what_is_no_such_archive_is_told(self, tmp_path: Path, cifar_like: DataSet, kind: str) -> None:
        with pytest.raises(UsageError, match="damaged or incomplete"):
            read_cifar(put(tmp_path / "a.tar.gz", self.damaged()[kind]), cifar_like)

    def test_a_pickle_with_a_batch_s_name_is_only_bytes(self, tmp_path: Path, cifar_like: DataSet) -> None:
        """Nothing in it runs."""
        opcodes: Any = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
                member = tarfile.TarInfo(name)
                member.size = len(opcodes)
                archive.addfile(member, io.BytesIO(opcodes))

        with pytest.raises(UsageError, match="damaged"):
            read_cifar(put(tmp_path / "a.tar.gz", buffer.getvalue()), cifar_like)
        assert not (tmp_path / "ran").exists()
