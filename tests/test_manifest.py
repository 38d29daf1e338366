"""The manifest: what it says of the real sets, and which slips it tells."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.manifest import ARRAYS, pick, read_manifest
from tests.image_data import write_manifest

ROOT = Path(__file__).parents[1]


def test_the_course_knows_three_sets() -> None:
    sets = {item.name: item for item in read_manifest(ROOT)}

    assert list(sets) == ["mnist", "fashion_mnist", "cifar10"]
    assert [sets[name].image for name in sets] == [(28, 28), (28, 28), (32, 32, 3)]
    assert [sets[name].label for name in sets] == [(), (), (1,)]
    assert {len(item.classes) for item in sets.values()} == {10}


def test_every_real_address_is_encrypted_and_every_set_has_a_licence() -> None:
    for item in read_manifest(ROOT):
        assert item.files
        assert all(file.url.startswith("https://") for file in item.files)
        assert item.licence


def test_every_official_set_has_hashes_and_one_size_is_taken_without() -> None:
    """What is taken without is called unchecked."""
    without = [
        (item.name, variant.name)
        for item in read_manifest(ROOT)
        for variant in item.variants
        if not all(variant.arrays[name].sha256 for name in ARRAYS)
    ]

    assert without == [("cifar10", "official-size")]


@pytest.mark.parametrize("name", ["fashion_mnist", "Fashion-MNIST", "FASHION_MNIST"])
def test_a_name_as_people_write_it(name: str) -> None:
    assert pick(read_manifest(ROOT), name).name == "fashion_mnist"


@pytest.mark.parametrize(
    ("old", "new", "what", "where"),
    [
        ('title = "Grey"', 'titel = "Grey"', "unknown key `titel`", "[[datasets]] 1"),
        ('packing = "npz"', 'packing = "zip"', "unknown value 'zip'", "[[datasets]] 1, packing"),
        ('name = "grey"', 'name = "../grey"', "`../grey` is no name", "[[datasets]] 1, name"),
        ('dtype = "uint8"', 'dtype = "float32"', "images are uint8", "[[datasets]] 1, dtype"),
        ('path = "grey.npz"', 'path = "../grey.npz"', "leaves its folder", "[[datasets]] 1, [[files]] 1, path"),
        ('path = "grey.npz"', 'path = "/grey.npz"', "leaves its folder", "[[datasets]] 1, [[files]] 1, path"),
        ('url = "https:', 'url = "file:', "no web address", "[[datasets]] 1, [[files]] 1, url"),
        ('sha256 = "', 'sha256 = "X', "no SHA-256", "[[datasets]] 1, [[files]] 1, sha256"),
        ("[30, 28, 28]", "[30, 28, 0]", "does not fit", "[[datasets]] 1, [[variants]] 1, x_train"),
        ("[30]", "[31]", "does not fit", "[[datasets]] 1, [[variants]] 1, y_train"),
        ("[10, 28, 28]", "[10, 28, 29]", "does not fit", "[[datasets]] 1, [[variants]] 1, x_test"),
        ("shape = [10], sha", "shape = [10], sha256 = '' } # ", "for every array or for none", "1, y_test"),
        ('packing = "npz"', 'packing = "idx"', "idx has 4 files, not 1", "[[datasets]] 1, files"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, old: str, new: str, what: str, where: str) -> None:
    file = write_manifest(tmp_path) / "datasets" / "manifest.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CourseError) as caught:
        read_manifest(tmp_path)
    assert what in caught.value.what
    assert caught.value.where.startswith("datasets/manifest.toml")
    assert caught.value.where.endswith(where)
    assert caught.value.fix


def test_a_course_without_a_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="the file is missing"):
        read_manifest(tmp_path)


def test_the_manifest_is_read_without_numpy() -> None:
    """`grade doctor` looks for data sets where NumPy may be what is missing."""
    code = "import sys, grader.manifest; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
