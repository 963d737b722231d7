from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digest.model import AssessedArticle, Origin
from digest.ports import Held
from digest.stories.group import stories
from digest.stories.publishers import by_publisher, independent
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


def told(
    title: str, *, publisher: str, collected: int = 10, score: float | None = 7.0, judge: str = "source", **fields: object
) -> Held:
    url = f"https://{publisher.lower()}.test/{title.lower().replace(' ', '-')}"
    moment = datetime(2026, 11, 22, collected, tzinfo=UTC)
    found = article(title, url=url, publisher=publisher, collected=moment, **fields)
    return Held(AssessedArticle(found, assessment(judge, score=score)), (), (Origin("kb:x", f"{title}.md", "1"),))  # type: ignore[arg-type]


def ids(*found: Held) -> list[str]:
    return [h.lead.article.id for h in found]


def lead(*found: Held) -> str:
    (story,) = stories(found, [ids(*found)])
    return story.lead.article.title


def test_articles_of_one_event_are_one_story_and_a_copy_comes_with_its_original() -> None:
    a, b, c = told("A", publisher="P"), told("B", publisher="Q"), told("C", publisher="R")
    copy = told("Copy", publisher="S", same_text_as=a.lead.article.id)
    made = stories([copy, c, b, a], [ids(b, a)])
    assert sorted(sorted(x.article.title for x in s.articles) for s in made) == [["A", "B", "Copy"], ["C"]]


def test_a_story_keeps_its_id_while_it_grows_and_its_lead_changes() -> None:
    first, better = told("First", publisher="P", collected=8), told("Better", publisher="Q", collected=11, score=9.0)
    (before,), (after,) = stories([first], [ids(first)]), stories([better, first], [ids(first, better)])
    assert (before.lead.article.title, after.lead.article.title) == ("First", "Better")
    assert before.id == after.id == first.lead.article.id


def test_of_about_equally_relevant_articles_the_original_leads_then_the_whole_text_then_the_first_hand() -> None:
    original = told("Original", publisher="P", score=7.0)
    copy = told("Copy", publisher="Q", score=8.0, same_text_as=original.lead.article.id)
    excerpt = told("Excerpt", publisher="R", score=8.0, excerpt_only="robots.txt does not allow it")
    own = told("First hand", publisher="S", score=7.0, tier=1)
    repeated = told("Repeated", publisher="T", score=8.0, tier=3)
    assert lead(copy, original) == "Original"
    assert lead(excerpt, original) == "Original"
    assert lead(repeated, original, own) == "First hand"


def test_a_much_less_relevant_article_never_leads() -> None:
    own = told("First hand", publisher="S", score=5.0, tier=1)
    assert lead(own, told("Relevant", publisher="P", score=8.0)) == "Relevant"


def test_a_score_that_came_with_the_article_goes_before_an_assessors() -> None:
    assert (
        lead(told("Offline", publisher="P", score=9.0, judge="offline"), told("Source", publisher="Q", score=6.0)) == "Source"
    )


def test_events_that_nobody_found_are_passed_over() -> None:
    a = told("A", publisher="P")
    assert [s.id for s in stories([a], [["unknown", a.lead.article.id], []])] == ids(a)


def test_copies_and_sections_of_one_publisher_are_not_independent() -> None:
    root = told("A", publisher="The Paper")
    section = told("B", publisher="The Paper - AI")
    copy = told("C", publisher="Other", same_text_as=root.lead.article.id)
    own = told("D", publisher="Third")
    (story,) = stories([root, section, copy, own], [ids(root, section, copy, own)])
    assert len(by_publisher(story)) == 3
    assert len(independent(story)) == 2


def test_the_copy_of_a_copy_is_a_copy_of_the_first() -> None:
    a = told("A", publisher="P")
    b = told("B", publisher="Q", same_text_as=a.lead.article.id)
    c = told("C", publisher="R", same_text_as=b.lead.article.id)
    (story,) = stories([c, b, a])
    assert len(story.articles) == 3
    assert len(independent(story)) == 1
