"""A real HTTP server on this machine that behaves as badly as a test wants.

In: files by path, and a manner for each. Out: addresses. Import with `from tests.image_server import serving`.
"""

import contextlib
import enum
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Manner(enum.Enum):
    """How a server treats those who ask."""

    GOOD = "good"
    BREAKS_ONCE = "breaks off in the middle of the first reply"
    BREAKS_ALWAYS = "breaks off at the same byte, again and again"
    BREAKS_WITHOUT_RANGE = "breaks off once, and knows no Range"
    LIES_ABOUT_RANGE = "answers a Range with another part"
    SILENT_ONCE = "stops sending for a while in the first reply"
    SILENT = "accepts, and says nothing"
    NO_LENGTH = "does not say how much comes"
    ENDLESS = "does not stop"
    MISSING = "404"
    BUSY_ONCE = "503, then good"
    TO_A_FILE = "redirects to a file: address"


class Server(ThreadingHTTPServer):
    """Serves some bytes by name; remembers which ranges it was asked for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, files: Mapping[str, bytes], manner: Manner) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.manner = manner
        self.asked: list[str] = []  # the Range of each request, "" without
        self.released = threading.Event()

    def url(self, name: str) -> str:
        """Name the address of a file."""
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        asked, manner = self.headers.get("Range", ""), self.server.manner
        first = not self.server.asked
        self.server.asked.append(asked)
        whole = self.server.files[self.path.removeprefix("/")]
        if manner is Manner.MISSING or (manner is Manner.BUSY_ONCE and first):
            self.send_error(404 if manner is Manner.MISSING else 503)
        elif manner is Manner.TO_A_FILE:
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
        elif manner is Manner.SILENT:
            self.server.released.wait(5)
        else:
            with contextlib.suppress(OSError):
                self._send(whole, asked, manner, first=first)

    def _send(self, whole: bytes, asked: str, manner: Manner, *, first: bool) -> None:
        knows_range = manner not in (Manner.BREAKS_WITHOUT_RANGE, Manner.NO_LENGTH)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and knows_range else 0
        if asked and start >= len(whole):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(whole)}")
            self.end_headers()
            return
        self.send_response(206 if asked and knows_range else 200)
        if asked and knows_range:
            told = start + 1 if manner is Manner.LIES_ABOUT_RANGE else start
            self.send_header("Content-Range", f"bytes {told}-{len(whole) - 1}/{len(whole)}")
        if manner not in (Manner.NO_LENGTH, Manner.ENDLESS):
            self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        half = len(whole) // 2
        breaks_once = manner in (Manner.BREAKS_ONCE, Manner.BREAKS_WITHOUT_RANGE, Manner.LIES_ABOUT_RANGE)
        if (first and breaks_once) or manner is Manner.BREAKS_ALWAYS:
            self.wfile.write(whole[start : max(start, half)])
        elif first and manner is Manner.SILENT_ONCE:
            self.wfile.write(whole[start:half])
            self.wfile.flush()
            self.server.released.wait(0.5)
        else:
            self.wfile.write(whole[start:])
        while manner is Manner.ENDLESS:
            self.wfile.write(bytes(1 << 16))
            time.sleep(0)


@contextlib.contextmanager
def serving(files: Mapping[str, bytes], manner: Manner = Manner.GOOD) -> Iterator[Server]:
    """Serve while the block runs."""
    with Server(files, manner) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
