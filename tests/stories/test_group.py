from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digest.model import AssessedArticle, Origin
from digest.ports import Held
from digest.stories.group import stories
from tests.builders import article, assessment


def held(
    title: str, *, same: str = "", score: float | None = 7.0, copies: tuple[AssessedArticle, ...] = (), hour: int = 9
) -> Held:
    lead = AssessedArticle(
        article(title, same_text_as=same, published=datetime(2026, 11, 22, hour, tzinfo=UTC)), assessment(score=score)
    )
    return Held(lead, copies, (Origin("kb:x", f"{title}.md", "1"),))


def test_one_text_at_two_addresses_is_one_story() -> None:
    first = held("First")
    second = held("Second", same=first.lead.article.id)
    (story,) = stories([second, first])
    assert {a.article.title for a in story.articles} == {"First", "Second"}


def test_the_lead_has_the_higher_score_and_then_the_earlier_date() -> None:
    first = held("Early", hour=8)
    (story,) = stories([first, held("Scored higher", same=first.lead.article.id, score=9.0)])
    assert story.lead.article.title == "Scored higher"
    (story,) = stories([held("Late", same=first.lead.article.id, hour=11), first])
    assert story.lead.article.title == "Early"


def test_documents_of_one_address_are_in_its_story() -> None:
    copy = AssessedArticle(article("Filed again", url="https://news.example/first"), assessment())
    (story,) = stories([held("First", copies=(copy,))])
    assert [a.article.title for a in story.also] == ["Filed again"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 23), st.sampled_from([None, 3.0, 9.0])), max_size=12), st.randoms())
def test_stories_are_a_partition_whatever_the_order(rows: list[tuple[int, int, float | None]], random: object) -> None:
    roots = [held(f"Root {g}") for g in range(6)]
    found = [
        held(f"Article {n}", same=roots[group].lead.article.id, score=score, hour=hour)
        for n, (group, hour, score) in enumerate(rows)
    ]
    made = stories(found)
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stories(shuffled) == made
    ids = [a.article.id for s in made for a in s.articles]
    assert sorted(ids) == sorted(h.lead.article.id for h in found)
