"""Tells whether somebody is still writing a file.

Linux knows: a read lease is refused while the file is open for writing anywhere on the machine (fcntl(2), F_SETLEASE). Where
leases are not to be had (another system, a network file system, somebody else's file) a file counts as being written until it
has rested for a second.
"""

from __future__ import annotations

import errno
import fcntl
import time
from typing import Final

#: Seconds a file must have rested where the system cannot say whether it is open for writing.
REST_S: Final = 1.0

#: A file at rest for this long is taken without asking: a writer that pauses for longer is told by the file's time.
_SETTLED_S: Final = 60.0


def open_for_writing(handle: int, modified: float) -> bool:
    """Whether the file open for reading at ``handle``, last changed at ``modified`` (seconds since 1970), is being written."""
    age_s = time.time() - modified
    if age_s > _SETTLED_S:
        return False
    setlease = getattr(fcntl, "F_SETLEASE", None)
    if setlease is None:
        return 0 <= age_s < REST_S
    try:
        fcntl.fcntl(handle, setlease, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN or 0 <= age_s < REST_S
    fcntl.fcntl(handle, setlease, fcntl.F_UNLCK)
    return False
