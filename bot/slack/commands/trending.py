"""``trends [TOPIC]``: how many stories there were each day, and on which topics, as pictures or as tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.asked import Asked, Picture, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.charts import chart_blocks
from digest.rendering import pictures
from digest.rendering.charts import LIGHT, svg
from digest.rendering.cleaning import one_line, shorten
from digest.trends import counting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.services import Team
    from digest.trends.counting import Chart

_log = structlog.get_logger(__name__)


async def trends(asked: Asked, team: Team) -> Reply:
    """``trends [TOPIC]``."""
    about = shorten(one_line(asked.words), 80)
    stories = await team.parts.lookups.every(about)
    if not stories:
        return Reply(
            f"No story is on the topic “{about}”. {SLASH} topics lists them." if about else "Nothing has been collected yet."
        )
    charts = [counting.stories_a_day(stories, team.now(), asked.zone, about=about)]
    if not about:
        charts.append(counting.topics_by_week(stories, team.now(), asked.zone, weeks=5))
    drawn = [await _drawn(chart, f"chart-{n}") for n, chart in enumerate(charts) if team.settings.charts == "auto"]
    blocks = tuple(block for n, chart in enumerate(charts) for block in chart_blocks(chart, f"chart-{n}"))
    return Reply(" ".join(chart.says for chart in charts), blocks, pictures=tuple(filter(None, drawn)))


async def _drawn(chart: Chart, instead_of: str) -> Picture | None:
    """The picture of a chart; None where nothing here draws pictures."""
    if not chart.rows or not pictures.installed():
        return None
    try:
        png = await asyncio.to_thread(pictures.png, svg(chart, style=LIGHT))
    except ValueError as error:
        _log.warning("chart_not_drawn", reason=str(error))
        return None
    return Picture(png, chart.title, f"{chart.title}. {chart.says}", instead_of)


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"trends": trends}
