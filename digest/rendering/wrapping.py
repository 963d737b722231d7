"""Wraps plain text at a number of terminal columns, counting a wide character as two."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, chop_cells

COLUMNS: Final = 78


def wrap(text: str, first: str = "", rest: str | None = None, columns: int = COLUMNS) -> str:
    """``text`` on lines of at most ``columns``, the first after ``first``, the others after ``rest`` (default: as wide,
    blank).

    A word too wide for a line is cut, except an address, which stays whole so that it can be followed.
    """
    rest = " " * cell_len(first) if rest is None else rest
    lines: list[str] = []
    line, empty = first, True
    for word in _words(text, columns - max(cell_len(first), cell_len(rest))):
        if not empty and cell_len(line) + 1 + cell_len(word) > columns:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    return "\n".join([*lines, line.rstrip()])


def _words(text: str, columns: int) -> list[str]:
    words: list[str] = []
    for word in text.split():
        whole = cell_len(word) <= columns or "://" in word
        words += [word] if whole else chop_cells(word, columns)
    return words
