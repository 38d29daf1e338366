"""What a submission prints: kept up to a cap, never waited for, never parsed.

In: bytes. Out: text. Past the cap it is still read and thrown away, so that a worker never blocks on printing.
"""

import os


class Printed:
    """What a submission printed, up to a cap, handed over by whoever reads it."""

    def __init__(self, *, output_kb: int) -> None:
        self._kept = bytearray()
        self._cap = output_kb * 1024
        self._cut = False

    def add(self, data: bytes) -> None:
        """Keep it as far as there is room."""
        room = self._cap - len(self._kept)
        self._kept += data[:room]
        self._cut |= len(data) > room

    def fileno(self) -> int:
        """A descriptor to watch, or -1."""
        return -1

    def drain(self) -> bool:
        """Read what is there, without blocking; whether there was anything."""
        return False

    def close(self) -> None:
        """Stop reading."""

    def finish(self) -> str:
        """Return what was kept; bytes that are no UTF-8 are replaced."""
        text = self._kept.decode("utf-8", "replace")
        return text + f"\n(cut at {self._cap // 1024} kB)" if self._cut else text


class Output(Printed):
    """A pipe that a submission prints into: read while it runs, never waited for."""

    def __init__(self, descriptor: int, *, output_kb: int) -> None:
        super().__init__(output_kb=output_kb)
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The pipe's reading end; -1 once closed."""
        return self._descriptor

    def drain(self) -> bool:
        """Take what is there; whether there was anything."""
        if self._descriptor < 0:
            return False
        try:
            data = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            self.add(data)
        else:
            self.close()
        return bool(data)

    def finish(self) -> str:
        """Read the rest, close, and return the text."""
        for _ in range(64):  # a full pipe is 16 reads; more comes only from one that still prints
            if not self.drain():
                break
        self.close()
        return super().finish()

    def close(self) -> None:
        """Stop reading."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
