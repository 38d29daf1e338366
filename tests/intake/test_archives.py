"""Attacks on the reader of zip archives, and the archives that honest programs write."""

import io
import stat
import struct
import unicodedata
import warnings
import zipfile
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake.archives import Archive, is_zip
from grader.intake.filetree import Entry, IntakeLimits, safe_path

CODE = b"def conv2d(x):\n    return x\n"
LIMITS = IntakeLimits(files=50, unpacked_bytes=4 << 20, archive_bytes=2 << 20)


def make_zip(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return buffer.getvalue()


def make_special(name: str, target: str, mode: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (mode | 0o777) << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def raw_zip(name: bytes, data: bytes = CODE, *, flags: int = 0, size: int | None = None) -> bytes:
    """A stored or deflated file under exactly these bytes as a name; `size` is what its header says."""
    packed = zlib.compress(data, 9)[2:-4]
    method, body = (8, packed) if size is not None else (0, data)
    told = len(data) if size is None else size
    fields = (20, flags, method, 0, 0, zlib.crc32(data[:told]), len(body), told, len(name))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields, 0) + name + body
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def names(data: bytes, limits: IntakeLimits = LIMITS) -> list[str]:
    return [entry.path for entry in Archive(data, "hw1.zip", limits).entries]


def read_all(data: bytes, limits: IntakeLimits) -> None:
    archive = Archive(data, "hw1.zip", limits)
    for entry in archive.entries:
        archive.read(entry, 1 << 20)


def refusal(data: bytes, limits: IntakeLimits = LIMITS) -> SubmissionRejected:
    """What listing and reading everything is refused with."""
    with pytest.raises(SubmissionRejected) as caught:
        read_all(data, limits)
    assert caught.value.fix
    return caught.value


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            b"../convolution.py",
            b"a/../../convolution.py",
            b"..\\convolution.py",
            b"a\\..\\..\\convolution.py",
            b"/etc/convolution.py",
            b"\\\\server\\share\\convolution.py",
            b"../",
            b"C:/convolution.py",
            b"c:convolution.py",
            b"a\nb.py",
            b"a\rb.py",
            b"a\x1b[31mb.py",
            b"convolution.py\0.txt",
            b"\x7f.py",
            b"x" * 2_000 + b".py",
        ],
    )
    def test_a_name_that_no_honest_program_writes_refuses_the_archive(self, name: bytes) -> None:
        assert "name of a file" in refusal(raw_zip(name)).what

    @pytest.mark.parametrize("name", ["a\u2028b.py", "a\u2029b.py", "a\x85b.py"])
    def test_unicode_line_breaks_are_line_breaks(self, name: str) -> None:
        assert "line break" in refusal(raw_zip(name.encode(), flags=0x800)).what

    def test_a_refused_name_is_shown_without_its_control_characters(self) -> None:
        assert "\x1b" not in str(refusal(raw_zip(b"a\x1b[31mb.py")))

    def test_an_old_windows_program_separates_folders_by_backslashes(self) -> None:
        assert names(raw_zip(b"hw1\\convolution.py")) == ["hw1/convolution.py"]

    def test_a_dot_folder_is_no_folder(self) -> None:
        assert names(raw_zip(b"./hw1//convolution.py")) == ["hw1/convolution.py"]

    def test_korean_windows_writes_cp949(self) -> None:
        assert names(raw_zip("과제/합성곱.py".encode("cp949"))) == ["과제/합성곱.py"]

    def test_macos_writes_utf8_without_saying_so_and_in_nfd(self) -> None:
        name = unicodedata.normalize("NFD", "과제/합성곱.py")

        assert names(raw_zip(name.encode())) == ["과제/합성곱.py"]
        assert names(raw_zip(name.encode(), flags=0x800)) == ["과제/합성곱.py"]

    def test_a_name_in_no_encoding_is_kept_somehow(self) -> None:
        assert len(names(raw_zip(b"\xff\xfe.py"))) == 1

    def test_a_flag_that_lies_about_utf8_refuses_the_archive(self) -> None:
        assert "damaged" in refusal(raw_zip(b"\xff\xfe.py", flags=0x800)).what

    def test_what_systems_leave_behind_is_not_listed(self) -> None:
        junk = [
            "__MACOSX/._convolution.py",
            ".DS_Store",
            ".ipynb_checkpoints/convolution.ipynb",
            "Icon\r",
            "a/Thumbs.db",
        ]
        files = dict.fromkeys([*junk, "__pycache__/convolution.cpython-311.pyc", ".git/config", "convolution.py"], CODE)

        assert names(make_zip(files)) == ["convolution.py"]

    def test_two_files_of_one_name_refuse_the_archive(self) -> None:
        twice = make_zip({"a/convolution.py": CODE, "a//convolution.py": b"x = 1\n"})

        assert "same name" in refusal(twice).what

    @given(st.text(min_size=1, max_size=30) | st.text(alphabet="./\\:aC\0\n \u202e", min_size=1, max_size=12))
    @example("..")
    @example("a/..")
    @example("C:")
    @example("a\\..\\..")
    @example("\u2025/x")  # a name that becomes ".." in NFKC, which nobody applies here
    @settings(max_examples=500, deadline=None)
    def test_no_accepted_name_ever_escapes(self, name: str) -> None:
        try:
            path = safe_path(name)
        except SubmissionRejected:
            return

        assert not path.startswith(("/", "\\"))
        assert not {"..", "."} & set(path.replace("\\", "/").split("/"))
        assert path[1:2] != ":"
        assert path.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in path)
        assert safe_path(path) == path


class TestLinks:
    @pytest.mark.parametrize(
        "target", ["/etc/passwd", "../../solutions/convolution.py", "..", "C:\\x", "\\\\server\\x"]
    )
    def test_a_link_that_leaves_refuses_the_archive(self, target: str) -> None:
        assert "link" in refusal(make_special("convolution.py", target, stat.S_IFLNK)).what

    def test_a_link_that_stays_is_listed_and_never_followed(self) -> None:
        archive = Archive(make_special("a/convolution.py", "../other.py", stat.S_IFLNK), "hw1.zip", LIMITS)

        assert archive.entries[0].link
        with pytest.raises(SubmissionRejected, match="link is not followed"):
            archive.read(archive.entries[0], 1_000)

    @pytest.mark.parametrize("mode", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
    def test_special_files_are_never_read(self, mode: int) -> None:
        assert "link" in refusal(make_special("convolution.py", "x", mode)).what


class TestBombs:
    def test_a_file_over_the_ratio_is_refused_by_its_header(self) -> None:
        bomb = make_zip({"convolution.py": b" " * (3 << 20)})

        assert len(bomb) < 10_000
        assert "times its packed size" in refusal(bomb).what

    def test_a_header_that_lies_about_the_size_is_found_out(self) -> None:
        """It says 100 bytes, has a checksum for 100 bytes, and 100 MB come out: 100 are taken."""
        bomb = raw_zip(b"convolution.py", b" " * (100 << 20), size=100)
        archive = Archive(bomb, "hw1.zip", LIMITS)

        assert len(archive.read(archive.entries[0], 1 << 20)) == 100

    def test_a_header_that_lies_without_a_fitting_checksum_is_refused(self) -> None:
        bomb = bytearray(raw_zip(b"convolution.py", b" " * (10 << 20), size=100))
        crc = struct.pack("<I", zlib.crc32(b" " * 100))
        lying = bytes(bomb).replace(crc, b"abcd")

        assert "lies about the size" in refusal(lying).what

    def test_a_header_that_claims_more_than_comes_out_is_refused(self) -> None:
        data = raw_zip(b"convolution.py", b"x = 1\n" * 1_000, size=6_000)

        assert "lies about the size" in refusal(data.replace(struct.pack("<I", 6_000), struct.pack("<I", 60_000))).what

    def test_all_files_together_are_limited(self) -> None:
        noise = {f"f{number}.py": bytes(range(256)) * 3_500 for number in range(5)}

        assert "unpacks to more than" in refusal(make_zip(noise)).what

    def test_a_file_over_the_reader_s_limit_stops_while_it_is_unpacked(self) -> None:
        archive = Archive(make_zip({"a.py": b"0123456789" * 1_000}), "hw1.zip", LIMITS)

        with pytest.raises(SubmissionRejected, match="larger than 9999 bytes"):
            archive.read(archive.entries[0], 9_999)

    def test_too_many_files_are_refused(self) -> None:
        assert "51 files" in refusal(make_zip({f"f{n}.py": b"" for n in range(51)})).what

    def test_a_directory_of_a_million_headers_is_refused_before_it_is_read(self) -> None:
        header = raw_zip(b"a")[30 + 1 + len(CODE) :][: 46 + 1]

        assert header.startswith(b"PK\x01\x02")
        assert "more than 50 files" in refusal(raw_zip(b"a")[:-22] + header * 100_000).what

    def test_archives_in_archives_are_never_opened(self) -> None:
        """42.zip: 16 archives in each of 16, six levels deep, a petabyte in all."""
        inner = b" " * (4 << 20)
        for level in range(5):
            inner = make_zip({f"lib {number}.zip": inner for number in range(1 if level == 0 else 4)})
        archive = Archive(inner, "42.zip", LIMITS)

        assert [entry.suffix for entry in archive.entries] == [".zip"] * 4

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_methods_that_unpack_without_a_limit_are_refused(self, method: int) -> None:
        assert "unusual" in refusal(make_zip({"convolution.py": CODE}, method=method)).what


class TestDamage:
    def test_an_encrypted_archive_is_refused(self) -> None:
        assert "encrypted" in refusal(raw_zip(b"convolution.py", flags=1)).what

    def test_an_archive_that_was_cut_off_is_refused(self) -> None:
        data = make_zip({"convolution.py": CODE * 100})

        assert is_zip(data)
        for length in range(4, len(data) - 1):
            assert "damaged" in refusal(data[:length]).what

    def test_any_damaged_byte_ends_in_a_refusal_or_in_bounded_bytes(self) -> None:
        data = make_zip({"hw1/convolution.py": CODE * 3, "b.txt": b"text"})
        for position in range(len(data)):
            for value in (0, 0x7F, 0xFF, data[position] ^ 1):
                damaged = data[:position] + bytes([value]) + data[position + 1 :]
                try:
                    archive = Archive(damaged, "hw1.zip", LIMITS)
                    assert all(len(archive.read(entry, 1_000)) <= 1_000 for entry in archive.entries)
                except SubmissionRejected:
                    pass

    @given(st.binary(max_size=200).map(lambda data: b"PK\x03\x04" + data + b"PK\x05\x06" + b"\0" * 18))
    @settings(max_examples=200, deadline=None)
    def test_any_bytes_at_all_end_in_a_refusal(self, data: bytes) -> None:
        try:
            entries: tuple[Entry, ...] = Archive(data, "hw1.zip", LIMITS).entries
        except SubmissionRejected:
            return

        assert entries == ()


def test_a_link_in_a_folder_of_the_archive_is_measured_from_there() -> None:
    inside = Archive(make_special("a/b/convolution.py", "../../x.py", stat.S_IFLNK), "hw1.zip", LIMITS)

    assert inside.entries[0].link
    assert "leaves" in refusal(make_special("a/b/convolution.py", "../../../x.py", stat.S_IFLNK)).what
