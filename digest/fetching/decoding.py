"""Undoes an answer's compression without ever making more bytes than allowed.

One layer of gzip or deflate is undone, the two that are asked for. The decoder is fed as the bytes arrive and stops at
the limit, so a small answer that would unpack to a gibibyte costs no more memory than the limit.
"""

from __future__ import annotations

import zlib
from typing import Final, Protocol

#: What ``Accept-Encoding`` asks for, and all that is understood.
ACCEPTED: Final = "gzip, deflate"
#: A gzip file may be several in a row; servers send one. Each costs setting up, so their number is bounded too.
_MOST_MEMBERS: Final = 64
_STEP: Final = 256 * 1024


class TooLarge(Exception):
    """More bytes than the limit, before or after decompression."""


class Undecodable(Exception):
    """Not what ``Content-Encoding`` said, in words for people."""


class Decoder(Protocol):
    """Takes an answer's bytes in pieces and gives what they mean."""

    def feed(self, data: bytes) -> None:
        """Take the next piece. Raises TooLarge or Undecodable."""

    def finish(self) -> bytes:
        """The whole. Raises Undecodable where it ended early."""


def decoder(content_encoding: str, max_bytes: int) -> Decoder:
    """The decoder for a ``Content-Encoding`` header. Raises Undecodable for two layers, or one not asked for."""
    layers = [name for name in (part.strip().lower() for part in content_encoding.split(",")) if name not in ("", "identity")]
    match layers:
        case []:
            return _Plain(max_bytes)
        case ["gzip" | "x-gzip"]:
            return _Inflating(max_bytes, gzip=True)
        case ["deflate"]:
            return _Inflating(max_bytes, gzip=False)
        case [_]:
            raise Undecodable(f"it is compressed as '{layers[0][:20]}', which was not asked for")
        case _:
            raise Undecodable(f"it is compressed {len(layers)} times over")


class _Plain:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        if len(self._body) + len(data) > self._max_bytes:
            raise TooLarge
        self._body += data

    def finish(self) -> bytes:
        return bytes(self._body)


class _Inflating:
    def __init__(self, max_bytes: int, *, gzip: bool) -> None:
        self._max_bytes = max_bytes
        self._gzip = gzip
        self._taken = 0
        self._members = 0
        self._body = bytearray()
        self._held = b""
        self._ended = False
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> None:
        self._taken += len(data)
        if self._taken > self._max_bytes:  # also the packed bytes: they can be many and unpack to nothing
            raise TooLarge
        data, self._held = self._held + data, b""
        while data and not self._ended:
            inflate = self._inflate or self._begun(data)
            if inflate is None:
                return
            data = self._inflated(inflate, data)

    def finish(self) -> bytes:
        if self._inflate is not None or (self._held and not self._members):
            raise Undecodable("the compressed answer ended early")
        return bytes(self._body)

    def _begun(self, data: bytes) -> zlib._Decompress | None:
        """What unpacks the member that begins here; None where more bytes are needed, or what is left is padding."""
        if len(data) < 2:
            self._held = data
            return None
        if self._members and (not self._gzip or data[:2] != b"\x1f\x8b"):
            self._ended = True
            return None
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Undecodable(f"it is made of more than {_MOST_MEMBERS} compressed parts")
        zlib_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        self._inflate = zlib.decompressobj(31 if self._gzip else 15 if zlib_header else -15)
        return self._inflate

    def _inflated(self, inflate: zlib._Decompress, data: bytes) -> bytes:
        """Unpack ``data`` up to the end of the member; what follows it."""
        while not inflate.eof:
            step = min(_STEP, self._max_bytes + 1 - len(self._body))
            try:
                made = inflate.decompress(data, step)
            except zlib.error as error:
                raise Undecodable("it is not compressed as it says") from error
            self._body += made
            if len(self._body) > self._max_bytes:
                raise TooLarge
            data = inflate.unconsumed_tail
            if not data and len(made) < step and not inflate.eof:
                return b""
        self._inflate = None
        return inflate.unused_data
