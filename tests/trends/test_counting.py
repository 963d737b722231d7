from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.charts import LIGHT, ceiling, svg
from digest.trends import counting
from digest.trends.counting import Chart, Row
from tests.builders import assessed, assessment, story, unscored

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def told(days_ago: float, title: str = "A story", **fields: object):  # type: ignore[no-untyped-def]
    return story(f"{title} {days_ago}", published=NOW - timedelta(days=days_ago), **fields)


def test_every_day_has_a_row_and_the_last_is_today_where_the_team_is() -> None:
    chart = counting.stories_a_day([told(0), told(0.1), told(2)], NOW, ZONE, days=4)
    assert [(row.name, row.figures) for row in chart.rows] == [
        ("19 Nov 2026", (0,)), ("20 Nov 2026", (1,)), ("21 Nov 2026", (0,)), ("22 Nov 2026", (2,)),
    ]  # fmt: skip
    assert chart.says == "3 stories in 4 days, most on 22 Nov 2026: 2."
    late = counting.stories_a_day([told(0)], NOW.replace(hour=23), ZoneInfo("Asia/Tokyo"), days=1)
    assert late.rows[0].name == "23 Nov 2026"


def test_weeks_begin_on_monday_and_a_topic_counts_a_story_once_however_it_is_written() -> None:
    also = assessed("Told again", judged=assessment(topic="ai  agents", tags=("AI-Agents",)))
    both = story("Agents", also=(also,), judged=assessment(topic="AI agents", tags=()), published=NOW)
    before = told(7, judged=assessment(topic="AI agents", tags=()))
    chart = counting.topics_by_week([both, before], NOW, ZONE, weeks=3)
    assert chart.head == ("Topic", "2 Nov", "9 Nov", "16 Nov")
    assert [row.figures for row in chart.rows] == [(0, 1, 1)]


def test_publishers_are_counted_once_for_each_story() -> None:
    also = assessed("Told again", publisher="Other", url="https://other.example/1")
    again = assessed("And again", publisher="The Example - AI", url="https://news.example/again")
    chart = counting.publishers([story("One", also=(also, again)), story("Two")])
    assert [(row.name, row.figures[0]) for row in chart.rows] == [("The Example", 2), ("Other", 1)]
    assert chart.says == "2 publishers told 2 stories, most of them The Example: 2."


def test_what_has_no_score_stands_by_itself_and_a_ten_belongs_to_the_highest() -> None:
    chart = counting.scores([
        story("a", judged=assessment(score=10.0)), story("b", judged=assessment(score=0.0)), story("c", judged=unscored()),
    ])  # fmt: skip
    figures = {row.name: row.figures[0] for row in chart.rows}
    assert (figures["9 to 10"], figures["0 to 1"], figures["unscored"]) == (1, 1, 1)
    assert sum(figures.values()) == 3


def test_nothing_held_makes_charts_that_say_so() -> None:
    for chart in (
        counting.stories_a_day([], NOW, ZONE), counting.topics_by_week([], NOW, ZONE), counting.publishers([]), counting.scores([]),
    ):  # fmt: skip
        assert chart.says.endswith(".")
        assert svg(chart).startswith("<svg ")


@given(st.integers(0, 10**9))
def test_the_axis_ends_at_a_round_number_that_is_not_far_above(most: int) -> None:
    top = ceiling(most)
    assert most <= top <= max(2, 2.5 * most)


@given(
    st.sampled_from(["columns", "bars", "grid"]),
    st.lists(st.tuples(st.text(max_size=60), st.integers(0, 10**6)), max_size=40),
)
def test_any_name_and_figure_makes_well_formed_svg_without_script(shape, cells) -> None:  # type: ignore[no-untyped-def]
    from xml.etree import ElementTree

    chart = Chart("<script>alert(1)</script>", '"><b>', ("Name", "Figure"), tuple(Row(n, (v,)) for n, v in cells), shape)
    for drawn in (svg(chart), svg(chart, style=LIGHT)):
        root = ElementTree.fromstring(drawn)
        kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert kinds <= {"svg", "style", "rect", "line", "text"}
        bars = [e for e in root.iter() if e.get("class") == "bar"]
        assert all(float(bar.get("width", "-1")) >= 0 <= float(bar.get("height", "-1")) for bar in bars)
        assert root.get("aria-label", "").startswith("<script>")
