from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Part, Story, Subscription
from digest.selection import choose
from digest.stories.taste import Aspect, Taste, Vote, aspects, taste
from tests.builders import MOMENT, assessed, assessment, story

if TYPE_CHECKING:
    from collections.abc import Sequence

AGENTS = story("Agents", publisher="MarTech - AI", judged=assessment(topic="Shopping agents", tags=("retail", "ai-agents")))
OTHER = story("Films", publisher="Elsewhere", judged=assessment(topic="Newsroom cameras", tags=("video",)))


def vote(on: Story, direction: Any = 1, person: str = "U1", *, days_ago: float = 0) -> Vote:
    return Vote(person, on.id, direction, aspects(on.lead), MOMENT - timedelta(days=days_ago))


def points(votes: Sequence[Vote], of: Story = AGENTS) -> float:
    part = taste(votes, MOMENT).part(of)
    return part.points if part else 0.0


def like(n: int) -> Story:
    """Another story with the aspects of AGENTS."""
    return story(f"Agents {n}", publisher="Martech", judged=AGENTS.lead.assessment)


def test_an_article_has_its_publisher_the_words_of_its_topic_and_its_tags() -> None:
    told = assessed(
        publisher="MarTech - AI", judged=assessment(topic="AI agents in the shops' aisles", tags=("Google-Ads", ""))
    )
    assert aspects(told) == (
        Aspect("publisher", "martech", "MarTech - AI"),
        Aspect("topic", "agent", "agents"),
        Aspect("topic", "shop", "shops"),
        Aspect("topic", "aisle", "aisles"),
        Aspect("tag", "google ads", "Google-Ads"),
    )


def test_what_many_articles_have_in_common_is_one_aspect_and_few_are_kept() -> None:
    assert aspects(AGENTS.lead, like(1).lead) == aspects(AGENTS.lead)
    assert len(aspects(assessed(judged=assessment(tags=tuple(map(str, range(99))))))) == 24
    assert aspects(assessed(publisher=" ", judged=assessment(topic="", tags=()))) == ()


def test_one_vote_moves_its_own_story_by_half_a_point_and_another_not_at_all() -> None:
    assert points([vote(AGENTS)]) == pytest.approx(0.5)
    assert points([vote(AGENTS, -1)]) == pytest.approx(-0.5)
    assert taste([vote(AGENTS)], MOMENT).part(OTHER) is None
    assert taste([], MOMENT).part(AGENTS) is None


def test_a_vote_is_halved_every_30_days() -> None:
    votes = [vote(AGENTS, days_ago=30)]
    v = 0.5 / 1.5
    assert points(votes) == pytest.approx(1.5 * v / (1 + v))


def test_a_later_vote_takes_the_place_of_the_persons_first_and_0_takes_it_back() -> None:
    first = vote(AGENTS, days_ago=1)
    assert points([vote(AGENTS, -1), first]) == pytest.approx(-0.5)
    assert points([first, vote(AGENTS, 0)]) == 0


def test_one_person_alone_moves_no_story_by_more_than_three_quarters_of_a_point() -> None:
    assert 0.7 < points([vote(like(n)) for n in range(500)]) < 0.75


def test_two_people_outweigh_one_however_often_that_one_votes() -> None:
    often = [vote(like(n), -1, "U1") for n in range(500)]
    assert points([*often, vote(AGENTS, 1, "U2"), vote(AGENTS, 1, "U3")]) == pytest.approx(0.0, abs=0.01)
    assert points([*often, *(vote(AGENTS, 1, f"U{n}") for n in range(2, 6))]) > 0.5


def test_why_is_said_in_words_with_the_points_of_each() -> None:
    publisher = (Aspect("publisher", "martech", "MarTech"),)
    against = [Vote(f"V{n}", "0123456789ab", -1, publisher, MOMENT) for n in range(6)]
    part = taste([vote(AGENTS, 1, "U1"), vote(AGENTS, 1, "U2"), *against], MOMENT).part(AGENTS)
    assert part is not None
    assert part.because == "the channel wants more of 'agents' (+0.15), 'shopping' (+0.15), less of MarTech - AI (−0.33)"
    assert part == Part("taste", pytest.approx(0.5 - 1 / 3), part.because)


def test_what_counts_most_is_told_strongest_first() -> None:
    told = taste([vote(AGENTS), vote(OTHER, -1), vote(OTHER, -1, "U2")], MOMENT).strongest(3)
    assert [(a.name, round(p, 2)) for a, p in told] == [("Elsewhere", -0.25), ("MarTech - AI", 0.17), ("cameras", -0.15)]


def test_what_was_voted_for_as_much_as_against_is_not_told() -> None:
    assert taste([vote(AGENTS), vote(AGENTS, -1, "U2")], MOMENT).strongest() == ()


def test_taste_orders_equals_and_never_overrules_a_clear_difference_nor_the_threshold() -> None:
    def chosen(by: Taste, scores: dict[str, float]) -> list[str]:
        told = [
            story(
                "Agents",
                publisher="MarTech",
                judged=assessment(score=scores["Agents"], topic="Shopping agents", tags=("retail",)),
            ),
            story(
                "Films",
                publisher="Elsewhere",
                judged=assessment(score=scores["Films"], topic="Newsroom cameras", tags=("video",)),
            ),
        ]
        made = choose(told, Subscription(), day=date(2026, 11, 23), until=MOMENT, taste=by)
        return [c.story.lead.article.title for c in made.chosen]

    keen = taste([v for n in range(99) for v in (vote(AGENTS, 1, f"U{n}"), vote(OTHER, -1, f"U{n}"))], MOMENT)
    assert chosen(taste([], MOMENT), {"Agents": 8, "Films": 8.1}) == ["Films", "Agents"]
    assert chosen(taste([vote(AGENTS)], MOMENT), {"Agents": 8, "Films": 8.1}) == ["Agents", "Films"]
    assert chosen(keen, {"Agents": 6, "Films": 9.1}) == ["Films", "Agents"]
    assert chosen(keen, {"Agents": 5.9, "Films": 6}) == ["Films"]


def test_why_a_story_was_chosen_says_what_the_channel_wants() -> None:
    made = choose([AGENTS], Subscription(), day=date(2026, 11, 23), until=MOMENT, taste=taste([vote(AGENTS)], MOMENT))
    assert "the channel wants more of MarTech - AI (+0.17)" in made.chosen[0].why
    assert made.chosen[0].points == pytest.approx(sum(p.points for p in made.chosen[0].parts))


names = st.sampled_from(["agents", "films", "shops", "video"]) | st.text(max_size=12)
told = st.builds(
    lambda title, topic, publisher, tags: story(title, publisher=publisher, judged=assessment(topic=topic, tags=tuple(tags))),
    names, st.lists(names, max_size=5).map(" ".join), names, st.lists(names, max_size=5),
)  # fmt: skip
cast = st.builds(
    lambda on, direction, person, days: vote(on, direction, person, days_ago=days),
    told, st.sampled_from([-1, 0, 1]), st.sampled_from(["U1", "U2", "U3"]), st.floats(-5, 400),
)  # fmt: skip


@given(st.lists(cast, max_size=12), told)
def test_whatever_is_voted_a_story_moves_by_a_point_and_a_half_at_most(votes: list[Vote], of: Story) -> None:
    assert abs(points(votes, of)) <= 1.5
    assert taste(votes, MOMENT).part(of) == taste(votes[::-1], MOMENT).part(of) or len({v.at for v in votes}) < len(votes)
    assert abs(points([v for v in votes if v.person == "U1"], of)) <= 0.75
