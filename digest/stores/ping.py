"""Whether anybody answers on a Unix socket, asked without a client library: in a millisecond, before there is an event
loop.
"""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``silent``: somebody listens and says nothing. ``pid``: the process that listens; 0 is
    unknown.
    """

    kind: Literal["ready", "loading", "silent", "nobody"]
    pid: int = 0


def ping(path: Path, *, timeout_s: float = 5.0) -> Answer:
    """Ask the server at ``path``. Raises OSError only where the path cannot be one of a socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(os.fsencode(path))
        except TimeoutError:
            return Answer("silent")
        except (ConnectionError, FileNotFoundError):
            return Answer("nobody")
        try:
            connection.sendall(b"PING\r\n")
            said = connection.recv(64)
        except TimeoutError:
            return Answer("silent", _listener(connection))
        except OSError:
            return Answer("nobody")
    return Answer("loading" if said.startswith(b"-LOADING") else "ready" if said.startswith(b"+PONG") else "nobody")


def _listener(connection: socket.socket) -> int:
    option = getattr(socket, "SO_PEERCRED", None)  # Linux
    if option is None:
        return 0
    pid: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))[0]
    return pid
