"""What a channel was shown stays out, until there is something new; and what is new is told in a line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.model import AssessedArticle, Edition, Story
from digest.stories.memory import Memory, edition_stories, update
from tests.builders import assessed, assessment, digest

DAY, NEXT = date(2026, 11, 22), date(2026, 11, 23)
FIRST = (
    "The European Commission opened a case against Google over its ad auctions on Friday.\n\nThe company has three months to answer,"
    " and said that 4,200 advertisers had been asked. Shares fell by 2 percent."
)


def told(title: str, body: str = "", *, publisher: str = "The Paper", **fields: object) -> AssessedArticle:
    slug = "-".join(title.lower().split())
    url = f"https://{publisher.lower().replace(' ', '')}.test/{slug}"
    return assessed(title, judged=assessment(summary=(), key_insights=()), body=body, publisher=publisher, url=url, **fields)


def story(*articles: AssessedArticle) -> Story:
    return Story(articles[0].article.id, articles[0], articles[1:])


OPENED = told("Brussels opens a case against Google over ad auctions", FIRST)


def edition(*stories: Story, day: date = DAY, where: str = "https://team.slack.test/p1") -> Edition:
    issued = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return Edition("C1", day, issued, where, edition_stories(digest(list(stories))))


def again(*since: AssessedArticle, shown: Story | None = None) -> tuple[Story, object] | None:
    """What becomes of the story once ``since`` are told too."""
    before = shown or story(OPENED)
    now = story(*before.articles, *since)
    memory = Memory([edition(before)], NEXT).shown(now)
    assert memory is not None
    return update(now, memory)


def test_a_story_that_nobody_was_shown_is_new() -> None:
    assert Memory([edition(story(OPENED))], NEXT).shown(story(told("Another thing"))) is None


def test_the_same_articles_again_are_nothing_new() -> None:
    assert again() is None


@pytest.mark.parametrize(
    "since",
    [
        told(
            "Google faces Brussels case on ad auctions",
            "Google must answer the European Commission within three months.",
            publisher="B",
        ),
        told("EU case against Google", FIRST, publisher="B"),
        told("Commission opens Google case", "Some 4,200 advertisers were asked. Shares fell 2%.", publisher="C"),
    ],
)
def test_the_same_news_by_another_outlet_is_nothing_new(since: AssessedArticle) -> None:
    assert again(since) is None


def test_a_copy_of_what_was_shown_is_nothing_new() -> None:
    copy = told("Google fined €900 million", "Something else.", publisher="B", same_text_as=OPENED.article.id)
    assert again(copy) is None


@pytest.mark.parametrize(
    ("title", "fact"),
    [
        ("Google faces a fine of €900 million in ad auction case", "€900 million"),
        ("Google asks for time until 14 March in ad auction case", "14 March"),
        ("Google and Mozilla answer Brussels on ad auctions", "Mozilla"),
        ("Google settles the case over its ad auctions", "settles"),
    ],
)
def test_a_new_amount_date_name_or_act_in_a_headline_makes_an_update(title: str, fact: str) -> None:
    made = again(told(title, f"{title}, it said on Monday. More follows.", publisher="B"))
    assert made is not None
    shown, what = made
    assert fact in what.facts  # type: ignore[attr-defined]
    assert shown.lead.article.title == title
    assert shown.id == OPENED.article.id
    assert (what.day, what.where) == (DAY, "https://team.slack.test/p1")  # type: ignore[attr-defined]


def test_a_detail_that_one_outlet_tells_in_passing_is_no_update() -> None:
    since = told(
        "Brussels and Google: the ad auctions case",
        "Google was asked by Mozilla to open its books. More follows.",
        publisher="B",
    )
    assert again(since) is None


def test_a_detail_that_two_publishers_tell_is() -> None:
    body = "The case against Google now has Mozilla as a party. More follows."
    made = again(
        told("Brussels case, day two", body, publisher="B"), told("More on the Google case", body + " Yes.", publisher="C")
    )
    assert made is not None


def test_the_line_is_the_sentence_that_tells_most_of_the_news() -> None:
    body = "It was a busy day. The Commission fined Google €900 million on Monday, payable by 14 March. Shares fell."
    made = again(told("Google is fined over ad auctions", body, publisher="B"))
    assert made is not None
    assert made[1].line == "The Commission fined Google €900 million on Monday, payable by 14 March."  # type: ignore[attr-defined]


def test_three_more_independent_publishers_make_an_update_and_two_do_not() -> None:
    plain = "Google must answer the European Commission."
    more = [told(f"The case against Google ({n})", plain, publisher=n) for n in ("B", "C", "D")]
    assert again(*more[:2]) is None
    made = again(*more)
    assert made is not None
    assert made[1].line == "Now told by B, C and D too."  # type: ignore[attr-defined]


def test_copies_are_not_independent_publishers() -> None:
    plain = "Google must answer the European Commission."
    first = told("The case against Google (B)", plain, publisher="B")
    copies = [
        told(f"The case against Google ({n})", plain, publisher=n, same_text_as=first.article.id) for n in ("C", "D", "E")
    ]
    assert again(first, *copies) is None


def test_what_an_update_told_is_known_from_then_on() -> None:
    fined = told("Google faces a fine of €900 million in ad auction case", "It was told on Monday.", publisher="B")
    memory = Memory([edition(story(OPENED)), edition(story(OPENED, fined), day=NEXT)], date(2026, 11, 24))
    late = told("Ad auctions: Google to pay 0.9 billion euros", "So the Commission decided.", publisher="C")
    now = story(OPENED, fined, late)
    shown = memory.shown(now)
    assert shown is not None
    assert shown.newest.day == NEXT
    assert update(now, shown) is None


def test_facts_are_known_even_when_the_articles_are_no_longer_held() -> None:
    memory = Memory([edition(story(OPENED))], NEXT)
    later = told("Google: 4,200 advertisers were asked", "So the Commission said.", publisher="B")
    now = Story(OPENED.article.id, later, ())
    shown = memory.shown(Story(OPENED.article.id, OPENED, (later,)))
    assert shown is not None
    assert update(now, shown) is None


def test_the_days_own_edition_and_later_ones_do_not_count() -> None:
    memory = Memory([edition(story(OPENED), day=NEXT), edition(story(OPENED), day=date(2026, 11, 25))], NEXT)
    assert memory.shown(story(OPENED)) is None


def test_two_shown_stories_that_join_are_known_by_either() -> None:
    other = told("Ad auctions under scrutiny", "A case was opened against Google.", publisher="B")
    memory = Memory([edition(story(OPENED), day=date(2026, 11, 21)), edition(story(other))], NEXT)
    shown = memory.shown(story(OPENED, other))
    assert shown is not None
    assert shown.articles == {OPENED.article.id, other.article.id}
    assert shown.newest.day == DAY
