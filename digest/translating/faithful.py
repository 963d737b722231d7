"""Whether a translated sentence says no more than the one it was made of: its figures are those, and it has no address. Pure.

Figures are compared by their digits alone, because languages part thousands and decimals differently: ``1,234.5`` and ``1.234,5`` are one.
A figure may go missing ("2 of 3" can become words); none may come in.
"""

from __future__ import annotations

import re
from typing import Final

_FIGURE: Final = re.compile(r"\d+(?:[.,\u00a0\u202f'’ ]\d+)*")
_ADDRESS: Final = re.compile(r"://|www\.|\w@\w|\bmailto:", re.IGNORECASE)
#: No language needs more letters for a sentence of English than this; the longest of 12 took 1.7 times as many.
_LONGER: Final = 3
_ROOM: Final = 60


def is_faithful(said: str, of: str) -> bool:
    """Whether ``said`` may stand for ``of``."""
    if not said or len(said) > _LONGER * len(of) + _ROOM or (_ADDRESS.search(said) and not _ADDRESS.search(of)):
        return False
    there = _digits(of, apart=True)
    return all(figure in there for figure in _digits(said))


def _digits(text: str, *, apart: bool = False) -> set[str]:
    """The figures by their digits; with ``apart`` also each run of digits alone, since "in 2026 45 %" looks like one figure."""
    found = set()
    for figure in _FIGURE.findall(text):
        runs = [_plain(run) for run in re.findall(r"\d+", figure)]
        found |= {"".join(runs), *(runs if apart else ())}
    return found


def _plain(run: str) -> str:
    """With the digits of ASCII, whatever script they are in."""
    return "".join(str(int(digit)) for digit in run)
