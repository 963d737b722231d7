"""A chart as SVG: for a page, whose style says the colours by class, and for a picture, whose colours are within."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from digest.rendering.cleaning import one_line, shorten

if TYPE_CHECKING:
    from digest.trends.counting import Chart

WIDTH: Final = 720
_NAMES: Final = 230
_ROW: Final = 28
_GRID_ROW: Final = 52
_LABELS: Final = 9
#: For a picture, which stands on a ground of its own.
LIGHT: Final = (
    "svg{background:#fff}text{font:13px 'DejaVu Sans',Arial,sans-serif;fill:#1c2126}.soft{fill:#59636c}.bar{fill:#0f766e}"
    ".line{stroke:#dfe3e6;stroke-width:1}.title{font-size:18px;font-weight:bold}"
)
_TITLE: Final = 44


def svg(chart: Chart, *, style: str = "") -> str:
    """``chart`` as one SVG element. With ``style`` it is a picture by itself: its title is in it, on a white ground."""
    top = _TITLE if style else 0
    height, drawn = {"columns": _columns, "bars": _bars, "grid": _grid}[chart.shape](chart, top + 8)
    own = ""
    if style:
        title = f'<text class="title" x="12" y="28">{_text(chart.title, 70)}</text>'
        own = f'<style>{style}</style><rect width="{WIDTH}" height="{height}" fill="#fff"/>{title}'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{_text(f"{chart.title}. {chart.says}", 600)}">{own}{drawn}</svg>'
    )


def _columns(chart: Chart, top: int) -> tuple[int, str]:
    left, right, high = 40, WIDTH - 12, 190
    bottom = top + high + 10
    most = ceiling(max((row.figures[0] for row in chart.rows), default=0))
    step = (right - left) / max(1, len(chart.rows))
    parts = []
    for tick in sorted({0, most // 2 if most % 2 == 0 else 0, most}):
        y = bottom - high * tick / most
        parts.append(f'<line class="line" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>')
    every = math.ceil(len(chart.rows) / _LABELS)
    for n, row in enumerate(chart.rows):
        x, value = left + n * step, row.figures[0]
        tall = high * value / most
        parts.append(_bar(x + step * 0.12, bottom - tall, step * 0.76, tall))
        if len(chart.rows) <= 16 and value:
            parts.append(f'<text x="{x + step / 2:.1f}" y="{bottom - tall - 5:.1f}" text-anchor="middle">{value}</text>')
        if (len(chart.rows) - 1 - n) % every == 0:
            label = row.name.rsplit(" ", 1)[0] if len(chart.rows) > 16 else row.name
            anchor = "end" if n == len(chart.rows) - 1 and every > 1 else "middle"
            parts.append(
                f'<text class="soft" x="{x + step * (1 if anchor == "end" else 0.5):.1f}" y="{bottom + 20}" text-anchor="{anchor}">{_text(label, 12)}</text>'
            )
    return bottom + 32, "".join(parts)


def _bars(chart: Chart, top: int) -> tuple[int, str]:
    most = max((row.figures[0] for row in chart.rows), default=0) or 1
    parts = []
    for n, row in enumerate(chart.rows):
        y, long = top + n * _ROW, (WIDTH - _NAMES - 60) * row.figures[0] / most
        parts.append(f'<text x="{_NAMES - 10}" y="{y + 18}" text-anchor="end">{_text(row.name, 30)}</text>')
        parts.append(_bar(_NAMES, y + 4, long, _ROW - 9))
        parts.append(f'<text class="soft" x="{_NAMES + long + 8:.1f}" y="{y + 18}">{row.figures[0]}</text>')
    return top + max(1, len(chart.rows)) * _ROW + 8, "".join(parts)


def _grid(chart: Chart, top: int) -> tuple[int, str]:
    most = max((value for row in chart.rows for value in row.figures), default=0) or 1
    step = (WIDTH - _NAMES - 12) / max(1, len(chart.head) - 1)
    parts = []
    for n, row in enumerate(chart.rows):
        bottom = top + (n + 1) * _GRID_ROW - 6
        parts.append(f'<text x="{_NAMES - 10}" y="{bottom - 4}" text-anchor="end">{_text(row.name, 30)}</text>')
        parts.append(f'<line class="line" x1="{_NAMES}" x2="{WIDTH - 12}" y1="{bottom}" y2="{bottom}"/>')
        for week, value in enumerate(row.figures):
            x, tall = _NAMES + week * step, (_GRID_ROW - 24) * value / most
            if value:
                parts.append(_bar(x + step * 0.2, bottom - tall, step * 0.6, tall))
                parts.append(
                    f'<text class="soft" x="{x + step / 2:.1f}" y="{bottom - tall - 4:.1f}" text-anchor="middle">{value}</text>'
                )
    height = top + max(1, len(chart.rows)) * _GRID_ROW
    for week, label in enumerate(chart.head[1:]):
        parts.append(
            f'<text class="soft" x="{_NAMES + (week + 0.5) * step:.1f}" y="{height + 16}" text-anchor="middle">{_text(label, 12)}</text>'
        )
    return height + 28, "".join(parts)


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" rx="2"/>'


def ceiling(most: int) -> int:
    """The least of 2, 4, 10, 20, 40, 100 and so on that is not below ``most``."""
    for power in range(12):
        for step in (2, 4, 10):
            if step * 10**power >= most:
                return int(step * 10**power)
    return most


def _text(words: str, length: int) -> str:
    return escape(shorten(one_line(words), length))
