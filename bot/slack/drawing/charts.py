"""A chart as blocks: what is seen, and its table as text, in whose place a picture may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.drawing.elements import Json, blocks, context, header
from digest.rendering.cleaning import one_line, shorten

if TYPE_CHECKING:
    from digest.trends.counting import Chart

_NAME: Final = 28
_ROWS: Final = 31
_MOST: Final = 2_900


def chart_blocks(chart: Chart, table_id: str) -> list[Json]:
    """``table_id``: the block id of the table."""
    return blocks([header(chart.title), context(chart.says), _table(chart, table_id)])


def _table(chart: Chart, block_id: str) -> Json | None:
    """Rows of a single zero are left out: thirty days with nothing say less than the three that had something."""
    shown = [row for row in chart.rows if any(row.figures) or len(row.figures) > 1][-_ROWS:]
    if not shown:
        return None
    names = [shorten(one_line(row.name), _NAME) for row in shown]
    wide = max(map(len, (chart.head[0], *names)))
    columns = [max(len(head), *(len(str(row.figures[n])) for row in shown)) for n, head in enumerate(chart.head[1:])]
    lines = [_line(chart.head[0], chart.head[1:], wide, columns)]
    lines += [_line(name, list(map(str, row.figures)), wide, columns) for name, row in zip(names, shown, strict=True)]
    text = {"type": "text", "text": "\n".join(lines)[:_MOST]}
    return {"type": "rich_text", "block_id": block_id, "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}


def _line(name: str, cells: list[str] | tuple[str, ...], wide: int, columns: list[int]) -> str:
    return "  ".join([name.ljust(wide), *(cell.rjust(width) for cell, width in zip(cells, columns, strict=True))])
