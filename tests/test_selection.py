from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Digest, Story, Subscription
from digest.selection import choose, order_parts
from tests.builders import MOMENT, assessed, assessment, story


def chosen(given: list[Story], **wanted: object) -> Digest:
    return choose(given, Subscription(**wanted), day=date(2026, 11, 23), until=MOMENT)  # type: ignore[arg-type]


def rules(digest: Digest) -> dict[str, str]:
    return {o.story.lead.article.title: o.rule for o in digest.left_out}


def scored(title: str, score: float | None, *, hours: float = 5, **fields: object) -> Story:
    return story(title, judged=assessment(score=score), published=MOMENT - timedelta(hours=hours), **fields)


def test_the_more_relevant_story_comes_first_however_old() -> None:
    digest = chosen([scored("Fresh", 7, hours=0), scored("Relevant", 8.01, hours=70)])
    assert [c.story.lead.article.title for c in digest.chosen] == ["Relevant", "Fresh"]


def test_among_equals_the_newer_comes_first() -> None:
    digest = chosen([scored("Older", 8, hours=30), scored("Newer", 8, hours=2)])
    assert [c.story.lead.article.title for c in digest.chosen] == ["Newer", "Older"]


def test_coverage_by_other_publishers_counts_and_its_own_second_feed_does_not() -> None:
    other = assessed("Same event", publisher="Other", url="https://other.example/x")
    again = assessed("Same event", publisher="The Example - AI", url="https://news.example/y")
    parts = {p.name: p.points for p in order_parts(scored("Event", 8, also=[other]), MOMENT)}
    assert parts["coverage"] == pytest.approx(0.5)
    assert "coverage" not in {p.name for p in order_parts(scored("Event", 8, also=[again]), MOMENT)}


def test_every_rule_leaves_out_what_it_should() -> None:
    digest = chosen(
        [scored("Good", 9), scored("Poor", 3), scored("No score", None), scored("About robots", 9),
         scored("Second of one publisher", 8), scored("Third of one publisher", 7)],
        exclude=("robots",), per_publisher=2,
    )  # fmt: skip
    assert [c.story.lead.article.title for c in digest.chosen] == ["Good", "Second of one publisher"]
    assert rules(digest) == {
        "Poor": "threshold", "No score": "unscored", "About robots": "excluded", "Third of one publisher": "publisher",
    }  # fmt: skip


def test_topics_match_whole_words_in_title_topic_tags_and_category() -> None:
    by_tag = story("Tagged", judged=assessment(tags=("search-ads",)))
    by_title = story("New search ads for shops", judged=assessment(tags=()))
    partly = story("Research ads", judged=assessment(tags=(), topic="x", category=""))
    digest = chosen([by_tag, by_title, partly], topics=("search ads",))
    assert {c.story.lead.article.title for c in digest.chosen} == {"Tagged", "New search ads for shops"}
    assert rules(digest) == {"Research ads": "topic"}


def test_what_is_over_the_number_of_stories_is_told_as_such() -> None:
    digest = chosen([scored(f"Story {n}", 9, publisher=f"P{n}") for n in range(4)], stories=3)
    assert [c.rank for c in digest.chosen] == [1, 2, 3]
    assert list(rules(digest).values()) == ["full"]


def test_why_names_every_part_of_the_order() -> None:
    other = assessed("Same event", publisher="Other", url="https://other.example/x")
    (only,) = chosen([scored("Event", 8.5, hours=30, also=[other])]).chosen
    assert only.why == "Scored 8.5 of 10, published 30 hours ago, told by 2 independent publishers."
    assert only.points == pytest.approx(8.5 + 0.5 ** (30 / 24) + 0.5)


def test_an_article_without_a_date_is_said_to_be_collected_not_published() -> None:
    undated = story("Undated", published=None, collected=MOMENT - timedelta(hours=1))
    assert chosen([undated]).chosen[0].why == "Scored 8 of 10, collected 1 hour ago."


def test_a_note_on_how_a_story_was_assessed_is_shown_once_with_its_count() -> None:
    noted = [story(t, judged=assessment("offline", note="Claude did not answer"), publisher=t) for t in ("A", "B")]
    assert chosen(noted).notes == ("Claude did not answer (2 stories)",)


_stories = st.lists(
    st.builds(
        lambda n, score, hours, publisher: scored(f"Story {n}", score, hours=hours, publisher=publisher),
        st.integers(0, 10_000), st.none() | st.floats(0, 10), st.floats(-5, 200), st.sampled_from("ABCD"),
    ),
    max_size=15, unique_by=lambda s: s.id,
)  # fmt: skip


@given(_stories, st.randoms())
def test_every_story_is_chosen_or_left_out_whatever_the_order(stories: list[Story], random: object) -> None:
    digest = chosen(stories)
    shuffled = list(stories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert chosen(shuffled) == digest
    assert sorted([c.story.id for c in digest.chosen] + [o.story.id for o in digest.left_out]) == sorted(s.id for s in stories)
    points = [c.points for c in digest.chosen]
    assert points == sorted(points, reverse=True)


def test_a_moment_before_the_article_does_not_make_it_fresher_than_fresh() -> None:
    parts = {p.name: p.points for p in order_parts(scored("Ahead", 8, hours=-3), MOMENT)}
    assert parts["freshness"] == 1.0
