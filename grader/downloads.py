"""Owns one download: a web address becomes a whole, checked file beside its final name.

In: an address, the name of a partial file, a SHA-256 or none, a limit in bytes. Out: None, or why the server could not
be used; a disk that refuses and a wrong file are exceptions.
The rule: the final name belongs to the caller, who moves the file there in one step when it is content. What arrived
stays in the partial file, so that the next try asks for the rest alone (HTTP Range); a server that does not know Range
sends everything again. Only http and https are spoken, after a redirect too.
"""

import contextlib
import hashlib
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import NoReturn

from grader.errors import UsageError
from grader.text import one_line

Progress = Callable[[int, int | None], None]  # bytes that are here, bytes in all if the server says so

_CHUNK = 1 << 16
_TRIES = 5  # in a row that bring nothing new
_TOLD_S = 0.1  # between two reports of progress
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a server."""

    silence_s: float = 20.0  # for its next bytes
    pause_s: float = 1.0  # before the next try
    tries: int = _TRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The server could not be used: there may be no network here at all."""

    what: str
    url: str

    def error(self) -> UsageError:
        """The same, to be raised where there is no other way."""
        return UsageError(
            self.what, where=self.url, fix="try again: what has arrived is kept, and only the rest is fetched"
        )


def download(
    url: str,
    partial: Path,
    *,
    most: int,
    sha256: str = "",
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Unreachable | None:
    """Fetch a file, going on where an earlier try ended.

    Args:
        url: http or https.
        partial: where the bytes go; its folder is made. After success it is whole, on the disk, and checked.
        most: bytes that the file may have.
        sha256: of the whole file; "" where it is not known.
        progress: called now and then, and at the end.
        patience: how long to wait, how often to try.

    Returns:
        None, or why the server could not be used; then what has arrived is still there.

    Raises:
        UsageError: the disk refuses, another download of the same file runs, or the file is not the one wanted; in
            the last case the partial file is gone.
    """
    patience = patience or Patience()
    with _partial(partial) as stream:
        failed = _fetch_all(url, _Target(stream=stream, path=partial, most=most, progress=progress), patience)
        if failed:
            return Unreachable(what=failed, url=url)
        found = _flushed_hash(stream, partial)
    if sha256 and found != sha256:
        partial.unlink(missing_ok=True)
        raise UsageError(
            f"the download is not the file that the manifest names: its sha256 is {found}, not {sha256}",
            where=url,
            fix="try again; if it stays so, the server has another file now: tell the course's staff",
        )
    return None


class _Target:
    """The partial file while it grows."""

    def __init__(self, *, stream: FileIO, path: Path, most: int, progress: Progress | None) -> None:
        self._stream = stream
        self._path = path
        self._most = most
        self._progress = progress
        self._told = 0.0
        self.size = os.fstat(stream.fileno()).st_size

    def restart(self) -> None:
        """Forget what has arrived."""
        if self.size:
            with _disk(self._path):
                self._stream.truncate(0)
            self.size = 0

    def expect(self, total: int | None) -> None:
        """Refuse a file that says it is too large."""
        if total is not None and total > self._most:
            self._too_large()

    def append(self, chunk: bytes, total: int | None) -> None:
        """Write what came, and tell of it."""
        with _disk(self._path):
            rest = memoryview(chunk)
            while rest:  # an unbuffered file may take less than it is given
                rest = rest[self._stream.write(rest) :]
        self.size += len(chunk)
        if self.size > self._most:
            self._too_large()
        now = time.monotonic()
        if self._progress and (self.size == total or now - self._told >= _TOLD_S):
            self._told = now
            self._progress(self.size, total)

    def _too_large(self) -> NoReturn:
        self.restart()
        raise UsageError(
            f"the server sends more than {self._most} bytes",
            where=str(self._path),
            fix="it has another file now: tell the course's staff",
        )


def _fetch_all(url: str, target: _Target, patience: Patience) -> str:
    """Try until the file is whole; why not, if it is not."""
    best, idle = target.size, 0
    while True:
        try:
            if _fetch(url, target, patience.silence_s):
                return ""
            failed = "the connection broke"
        except urllib.error.HTTPError as error:
            error.close()
            if _is_whole(error, target):
                return ""
            failed = f"the server answered {error.code} ({one_line(str(error.reason), limit=60)})"
            if not _may_pass(error.code):
                return failed
        except TimeoutError:
            failed = f"the server was silent for {patience.silence_s:g} s"
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", "") or type(error).__name__  # urllib's URLError has one
            failed = f"the server cannot be reached: {one_line(str(reason), limit=100)}"
        # A server that breaks off at the same byte for ever is left; one that gets further each time is not.
        best, idle = (target.size, 0) if target.size > best else (best, idle + 1)
        if idle >= patience.tries:
            return failed
        time.sleep(patience.pause_s)


def _may_pass(status: int) -> bool:
    """Whether a refusal is worth another try."""
    return status >= 500 or status in (
        http.HTTPStatus.TOO_MANY_REQUESTS,
        http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    )


def _is_whole(error: urllib.error.HTTPError, target: _Target) -> bool:
    """Whether the server has nothing left to send; if what is here is no beginning of what is there, forget it."""
    if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return False
    if error.headers.get("Content-Range") == f"bytes */{target.size}":
        return True
    target.restart()
    return False


def _fetch(url: str, target: _Target, silence_s: float) -> bool:
    """Ask for the rest once; whether the file is whole now."""
    request = urllib.request.Request(url)  # noqa: S310 - the opener below speaks http and https only
    if target.size:
        request.add_header("Range", f"bytes={target.size}-")
    with _opener().open(request, timeout=silence_s) as reply:
        total = _total(reply, target)
        target.expect(total)
        while chunk := reply.read1(_CHUNK):
            target.append(chunk, total)
    return total is None or target.size == total


def _total(reply: http.client.HTTPResponse, target: _Target) -> int | None:
    """How large the whole file is; where the reply is not the rest that was asked for, begin anew."""
    if reply.status == http.HTTPStatus.PARTIAL_CONTENT:
        match = _RANGE.fullmatch(reply.headers.get("Content-Range", ""))
        if match and int(match[1]) == target.size:
            return None if match[2] == "*" else int(match[2])
        target.restart()
        raise http.client.HTTPException("not the range that was asked for")
    target.restart()
    length = reply.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _opener() -> urllib.request.OpenerDirector:
    """One without urllib's file:, ftp: and data:, wherever a redirect points."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[FileIO]:
    with _disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: a full disk is told by the write that met it, not again when the file is closed.
        stream: FileIO = path.open("ab", buffering=0)
    with stream:
        _lock(stream, path)
        yield stream


def _lock(stream: FileIO, path: Path) -> None:
    """Keep a second download of the same file from writing between these bytes."""
    try:
        import fcntl
    except ImportError:  # Windows refuses to rename a file that another process has open: that is enough
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError("another process downloads this file", where=str(path), fix="wait until it is done") from error
    except OSError:  # a file system without locks
        return


def _flushed_hash(stream: FileIO, path: Path) -> str:
    with _disk(path):
        os.fsync(stream.fileno())
        with path.open("rb") as whole:
            return hashlib.file_digest(whole, "sha256").hexdigest()


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"the disk refuses: {error.strerror}", where=str(path), fix="make room, or make the folder writable"
        ) from error
