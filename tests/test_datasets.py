"""From a name to images and one true sentence about them."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader import datasets, holdings
from grader.datasets import Dataset, fetch, load
from grader.downloads import Patience
from grader.errors import UsageError
from tests.image_data import ARRAYS, IDX, Images, cifar_bytes, coloured, grey, idx_bytes, npz_bytes, write_manifest
from tests.image_server import Manner, Server, serving
from tests.small_course import write_course

ROOT = Path(__file__).parents[1]
HURRY = Patience(silence_s=0.2, pause_s=0.0, tries=2)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_manifest(tmp_path / "course", address="http://127.0.0.1:9")  # where nobody listens


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Three places, all of them empty."""
    for name in ("mine", "home/.keras/datasets", "share/datasets"):
        (tmp_path / name).mkdir(parents=True)
    return {
        "GRADE_DATA": str(tmp_path / "mine"),
        "HOME": str(tmp_path / "home"),
        "XDG_DATA_DIRS": str(tmp_path / "share"),
    }


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serves all sets of a course in `served`."""
    files = {"grey.npz": npz_bytes(grey()), "colour.tar.gz": cifar_bytes(coloured())}
    files |= {name: idx_bytes(grey(seed=3)[key]) for name, key in zip(IDX, ARRAYS, strict=True)}
    with serving(files) as server:
        write_manifest(tmp_path / "served", address=server.url("").rstrip("/"))
        yield server


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def put_idx(folder: Path, images: Images) -> None:
    for name, key in zip(IDX, ARRAYS, strict=True):
        put(folder / name, idx_bytes(images[key]))


def holds(data: Dataset, images: Images) -> bool:
    return all(np.array_equal(getattr(data, name), images[name]) for name in ARRAYS)


class TestPlaces:
    def test_grade_data_goes_first(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        """Then the Keras cache, then what the system has."""
        put_idx(tmp_path / "share/datasets/fashion", grey(seed=3))
        assert "from system" in load("fashion", environ, root=root).source

        put_idx(tmp_path / "home/.keras/datasets/fashion", grey(seed=3))
        assert "from Keras cache" in load("fashion", environ, root=root).source

        put(tmp_path / "mine/fashion.npz", npz_bytes(grey(seed=3)))
        assert "from GRADE_DATA" in load("fashion", environ, root=root).source

    def test_keras_home_moves_the_cache(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "elsewhere/datasets/grey.npz", npz_bytes(grey()))

        found = load("grey", {**environ, "KERAS_HOME": str(tmp_path / "elsewhere")}, root=root)

        assert found.place == str(tmp_path / "elsewhere/datasets/grey.npz")

    def test_a_set_of_which_a_file_is_missing_is_not_there(
        self, root: Path, environ: dict[str, str], tmp_path: Path
    ) -> None:
        put_idx(tmp_path / "share/datasets/fashion", grey(seed=3))
        (tmp_path / "share/datasets/fashion" / IDX[2]).unlink()

        assert load("fashion", environ, root=root).variant == "generated"

    def test_without_a_home_there_is_no_cache(self, root: Path, environ: dict[str, str]) -> None:
        del environ["HOME"]

        assert load("grey", environ, root=root).variant == "generated"
        with pytest.raises(UsageError, match="no home folder"):
            fetch("grey", environ, root=root)

    def test_a_folder_that_is_not_there_is_told(self, root: Path, tmp_path: Path) -> None:
        """A typo in GRADE_DATA must not grade on other data."""
        with pytest.raises(UsageError, match="GRADE_DATA names no folder"):
            load("grey", {"GRADE_DATA": str(tmp_path / "typo")}, root=root)

    def test_a_damaged_file_is_not_skipped(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "mine/grey.npz", npz_bytes(grey())[:-100])
        put(tmp_path / "home/.keras/datasets/grey.npz", npz_bytes(grey()))

        with pytest.raises(UsageError, match="damaged") as caught:
            load("grey", environ, root=root)
        assert caught.value.where == str(tmp_path / "mine/grey.npz")

    def test_an_unknown_name_is_told(self, root: Path, environ: dict[str, str]) -> None:
        with pytest.raises(UsageError, match="no data set `gray`") as caught:
            load("gray", environ, root=root)
        assert caught.value.fix == "did you mean `grey`? there are grey, fashion, colour"


class TestVerdicts:
    def test_the_sentence_says_what_and_that_it_is_verified(
        self, root: Path, environ: dict[str, str], tmp_path: Path
    ) -> None:
        put(tmp_path / "mine/grey.npz", npz_bytes(grey()))

        found = load("grey", environ, root=root)

        assert holds(found, grey())
        assert (found.verified, found.variant) == (True, "official")
        assert found.source == ("Grey, the official images (30 training and 10 test images, from GRADE_DATA), verified")

    def test_another_packing_is_the_same_set(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        """The arrays count, not the file."""
        np.savez(tmp_path / "mine/grey.npz", **grey())  # type: ignore[arg-type]  # as in image_data

        assert load("grey", environ, root=root).verified

    def test_a_known_part_is_told_from_the_official_set(
        self, root: Path, environ: dict[str, str], tmp_path: Path
    ) -> None:
        put(tmp_path / "mine/colour.npz", npz_bytes(coloured(seed=4, train=20)))

        found = load("colour", environ, root=root)

        assert (found.verified, found.variant) == (True, "part")
        assert "not the official pixels" in found.source

    def test_a_variant_without_hashes_is_used_and_not_called_verified(
        self, root: Path, environ: dict[str, str], tmp_path: Path
    ) -> None:
        put(tmp_path / "home/.keras/datasets/colour.tar.gz", cifar_bytes(coloured()))

        found = load("colour", environ, root=root)

        assert holds(found, coloured())
        assert (found.verified, found.variant) == (False, "official")
        assert "not verified: the manifest has no hash of these arrays" in found.source

    def test_a_pinned_file_verifies_what_has_no_hashes(
        self, root: Path, environ: dict[str, str], tmp_path: Path
    ) -> None:
        archive = cifar_bytes(coloured())
        manifest = root / "datasets/manifest.toml"
        address = '/colour.tar.gz"\n'
        pin = f'sha256 = "{hashlib.sha256(archive).hexdigest()}"\n'
        manifest.write_text(manifest.read_text().replace(address, address + pin))
        put(tmp_path / "home/.keras/datasets/colour.tar.gz", archive)
        assert load("colour", environ, root=root).verified

        put(tmp_path / "home/.keras/datasets/colour.tar.gz", cifar_bytes(coloured(seed=9)))
        assert not load("colour", environ, root=root).verified

    def test_one_pixel_more_is_another_set(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        images = grey()
        images["x_test"][3, 4, 5] ^= 1
        put(tmp_path / "mine/grey.npz", npz_bytes(images))

        with pytest.raises(UsageError, match="x_test has another sha256") as caught:
            load("grey", environ, root=root)
        assert caught.value.where == str(tmp_path / "mine/grey.npz")
        assert "--fetch" in caught.value.fix

    def test_another_number_of_images_is_another_set(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "mine/grey.npz", npz_bytes(grey(train=29)))

        with pytest.raises(UsageError, match="no known variant has 29 and 10 images"):
            load("grey", environ, root=root)

    @pytest.mark.parametrize("images", [grey(train=29), grey(seed=8)], ids=["sizes", "pixels"])
    def test_a_set_of_one_s_own_is_used_where_it_is_allowed(
        self, root: Path, environ: dict[str, str], tmp_path: Path, images: Images
    ) -> None:
        """And the sentence says so."""
        put(tmp_path / "mine/grey.npz", npz_bytes(images))

        found = load("grey", environ, root=root, allow_unverified=True)

        assert holds(found, images)
        assert (found.verified, found.variant) == (False, "")
        assert "a set that the manifest does not know" in found.source

    def test_a_wrong_shape_is_never_allowed(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "mine/grey.npz", npz_bytes(coloured()))

        with pytest.raises(UsageError, match=r"`x_train` has the shape \(25, 32, 32, 3\), not \(N, 28, 28\)"):
            load("grey", environ, root=root, allow_unverified=True)


class TestGenerated:
    @pytest.mark.parametrize(("name", "image"), [("grey", (28, 28)), ("colour", (32, 32, 3))])
    def test_where_there_is_nothing_images_are_generated(
        self, root: Path, environ: dict[str, str], name: str, image: tuple[int, ...]
    ) -> None:
        """Of the right shape, and the sentence says it."""
        found = load(name, environ, root=root, seed=5)

        assert found.x_train.shape[1:] == image
        assert (found.verified, found.variant, found.place) == (False, "generated", "")
        assert found.source.startswith("generated images of ")
        assert "seed 5" in found.source
        assert found.source.endswith("was found on this machine")

    def test_without_a_network_the_sentence_says_that_too(
        self, root: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(datasets, "Patience", lambda: HURRY)
        found = load("grey", environ, root=root, fetching=True)

        assert found.variant == "generated"
        assert "none could be fetched (the server cannot be reached" in found.source


class TestFetch:
    @pytest.mark.parametrize(
        ("name", "images", "verified"),
        [("grey", grey(), True), ("fashion", grey(seed=3), True), ("colour", coloured(), False)],
    )
    @pytest.mark.usefixtures("server")
    def test_every_packing_is_fetched_into_the_cache(
        self, tmp_path: Path, environ: dict[str, str], name: str, images: Images, verified: bool
    ) -> None:
        """Nothing but the files themselves is left there, and the next load finds them."""
        found = fetch(name, environ, root=tmp_path / "served")

        assert holds(found, images)
        assert found.verified is verified
        assert load(name, environ, root=tmp_path / "served").source == found.source
        assert not [path for path in (tmp_path / "home").rglob("*") if "part" in path.name]

    def test_what_is_there_is_not_fetched_again(self, tmp_path: Path, environ: dict[str, str], server: Server) -> None:
        fetch("grey", environ, root=tmp_path / "served")
        fetch("grey", environ, root=tmp_path / "served")

        assert len(server.asked) == 1

    @pytest.mark.usefixtures("server")
    def test_a_damaged_file_is_replaced(self, tmp_path: Path, environ: dict[str, str]) -> None:
        put(tmp_path / "home/.keras/datasets/grey.npz", b"half a file")

        assert fetch("grey", environ, root=tmp_path / "served").verified

    def test_load_fetches_where_it_is_told_to(self, tmp_path: Path, environ: dict[str, str], server: Server) -> None:
        root = tmp_path / "served"

        assert load("grey", environ, root=root).variant == "generated"
        assert server.asked == []
        assert load("grey", environ, root=root, fetching=True).variant == "official"

    def test_a_broken_connection_goes_on(self, tmp_path: Path, environ: dict[str, str], server: Server) -> None:
        server.manner = Manner.BREAKS_ONCE

        assert fetch("grey", environ, root=tmp_path / "served", patience=HURRY).verified
        assert server.asked[1].startswith("bytes=")

    @pytest.mark.parametrize(
        ("name", "said"),
        [("grey", "not the file that the manifest names"), ("fashion", "not Fashion: x_train has another sha256")],
        ids=["by the file", "by the arrays"],
    )
    def test_wrong_images_never_get_the_name(
        self, tmp_path: Path, environ: dict[str, str], server: Server, name: str, said: str
    ) -> None:
        """Also where nobody pins the file's hash; what was there before stays."""
        server.files = {**server.files, "grey.npz": npz_bytes(grey(seed=6)), IDX[0]: idx_bytes(grey()["x_train"])}
        old = put(tmp_path / "home/.keras/datasets/fashion" / IDX[0], b"old")

        with pytest.raises(UsageError, match=said) as caught:
            fetch(name, environ, root=tmp_path / "served", patience=HURRY)
        assert caught.value.where.startswith("http://127.0.0.1")
        assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == [old]

    def test_a_server_that_is_gone_is_an_error_here(
        self, tmp_path: Path, environ: dict[str, str], server: Server
    ) -> None:
        """It was asked for by name."""
        server.manner = Manner.MISSING

        with pytest.raises(UsageError, match="the server answered 404") as caught:
            fetch("grey", environ, root=tmp_path / "served", patience=HURRY)
        assert caught.value.where == server.url("grey.npz")

    @pytest.mark.usefixtures("server")
    def test_a_name_that_is_taken_is_told(self, tmp_path: Path, environ: dict[str, str]) -> None:
        """By a folder that is not empty, for root too."""
        put(tmp_path / "home/.keras/datasets/grey.npz/file", b"")

        with pytest.raises(UsageError, match="the disk refuses"):
            fetch("grey", environ, root=tmp_path / "served")

    @pytest.mark.usefixtures("server")
    def test_progress_names_the_file_in_hundredths(self, tmp_path: Path, environ: dict[str, str]) -> None:
        steps: list[tuple[int, str, int]] = []

        def step(done: int, what: str, *, total: int) -> None:
            steps.append((done, what, total))

        fetch("grey", environ, root=tmp_path / "served", progress=holdings.in_steps(step))

        assert steps[-1] == (100, "grey.npz: 0.0 MB", 100)
        assert len(steps) == len(set(steps))

    def test_progress_without_a_length_counts_megabytes(self) -> None:
        steps: list[tuple[int, str]] = []
        progress = holdings.in_steps(lambda done, what, *, total: steps.append((done, what)))

        for done in (400_000, 900_000, 1_100_000, 2_500_000):
            progress("a.gz", done, None)

        assert steps == [(0, "MB of a.gz"), (1, "MB of a.gz"), (2, "MB of a.gz")]


class TestSurvey:
    def test_every_set_has_a_status(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "mine/grey.npz", npz_bytes(grey()))
        put(tmp_path / "mine/fashion.npz", b"")
        put(tmp_path / "home/.keras/datasets/colour.tar.gz", cifar_bytes(coloured()))

        found = {each.name: each for each in holdings.survey(environ, root=root)}

        assert {name: each.status for name, each in found.items()} == {
            "grey": "ok",
            "fashion": "FAIL",
            "colour": "note",
        }
        assert found["grey"].place == str(tmp_path / "mine/grey.npz")
        assert found["grey"].licence == "free"
        assert "damaged" in found["fashion"].what

    def test_a_pickled_copy_is_named_and_not_read(self, root: Path, environ: dict[str, str], tmp_path: Path) -> None:
        put(tmp_path / "home/.keras/datasets/colour-py/data_batch_1", b"cos\nsystem\n.")

        (found,) = holdings.survey(environ, root=root, only="colour")

        assert found.status == "missing"
        assert "colour-py, holds pickles" in found.what
        assert "grade data colour --fetch" in found.what


def run(*arguments: str, cwd: Path, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "no_proxy": "*", **environ}
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


class TestCommand:
    def test_data_are_fetched_and_shown(self, tmp_path: Path, environ: dict[str, str], server: Server) -> None:
        """The result on stdout, the progress on stderr."""
        root = write_manifest(write_course(tmp_path / "whole"), address=server.url("").rstrip("/"))

        before = run("data", "grey", "--plain", cwd=root, environ=environ)
        fetched = run("data", "grey", "--fetch", "--plain", cwd=root, environ=environ)

        assert before.stdout.splitlines()[1:] == [
            "missing: grey: fetch it with `grade data grey --fetch`",
            "licence: free",
        ]
        assert "ok: grey: Grey, the official images" in fetched.stdout
        assert f"at: {tmp_path / 'home/.keras/datasets/grey.npz'}" in fetched.stdout
        assert "100/100  grey.npz" in fetched.stderr
        assert (before.returncode, fetched.returncode) == (0, 0)

    def test_a_damaged_set_is_exit_code_2(self, tmp_path: Path, environ: dict[str, str]) -> None:
        root = write_manifest(write_course(tmp_path / "whole"))
        put(tmp_path / "mine/grey.npz", b"")

        done = run("data", cwd=root, environ=environ)

        assert done.returncode == 2
        assert "FAIL" in done.stdout
        assert "Traceback" not in done.stderr

    def test_fetch_takes_a_name(self, tmp_path: Path, environ: dict[str, str]) -> None:
        root = write_manifest(write_course(tmp_path / "whole"))

        done = run("data", "--fetch", cwd=root, environ=environ)

        assert done.returncode == 2
        assert "grade data NAME --fetch" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("GRADE_DATA"), reason="GRADE_DATA names no folder with the real images")
@pytest.mark.parametrize(
    ("name", "variants", "mean"),
    [
        ("mnist", {"official"}, 33.3),
        ("fashion_mnist", {"official"}, 72.9),
        ("cifar10", {"official", "official-size", "balanced-jpeg"}, 120.7),
    ],
)
def test_the_real_sets_are_the_known_ones(name: str, variants: set[str], mean: float) -> None:
    found = load(name, {"GRADE_DATA": os.environ["GRADE_DATA"]}, root=ROOT)

    assert found.variant in variants
    assert found.verified or (name, found.variant) == ("cifar10", "official-size")
    assert found.x_train.mean() == pytest.approx(mean, abs=1)
    assert sorted(set(found.y_test.reshape(-1).tolist())) == list(range(10))
