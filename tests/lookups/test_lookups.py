"""What people look up: orders, pages, names that are nearly right, and filters, over Redis and over memory."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from digest.errors import NotFound
from digest.lookups import found
from digest.lookups.lookups import Lookups, Page
from digest.model import Assessment
from digest.search.index import TantivyIndex
from tests.builders import assessment, unscored
from tests.lookups.conftest import Clock, Store, put, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def lookups(store: Store, clock: Clock) -> Lookups:
    return Lookups(store, TantivyIndex(None, store), clock)


def numbers(page: Page) -> list[int]:
    return [int(s.lead.article.url.rpartition("/")[2]) for s in page.stories]


def scored(score: float, **fields: object) -> Assessment:
    return assessment(score=score, **fields)


async def test_latest_by_pages(store: Store, lookups: Lookups) -> None:
    await put(store, *(told(n, ago=n * HOUR) for n in range(12)))
    assert numbers(await lookups.latest(5)) == [0, 1, 2, 3, 4]
    last = await lookups.latest(5, 10)
    assert (numbers(last), last.offset, last.total) == ([10, 11], 10, 12)
    assert numbers(await lookups.latest(5, 12)) == []


async def test_nothing_is_held(lookups: Lookups) -> None:
    for page in (await lookups.latest(), await lookups.top(), await lookups.topic("x"), await lookups.search("x")):
        assert (page.stories, page.total) == ((), 0)
    assert await lookups.topics() == await lookups.sources() == ()
    assert await lookups.warm() == 0


async def test_the_best_of_a_period_the_newer_first_among_equals_and_the_unscored_last(store: Store, lookups: Lookups) -> None:
    await put(
        store,
        told(1, ago=23 * HOUR, judged=scored(7)), told(2, ago=22 * HOUR, judged=unscored()), told(3, ago=21 * HOUR, judged=scored(7)),
        told(4, ago=1 * DAY, judged=scored(9)), told(5, ago=3 * DAY, judged=scored(8)), told(6, ago=8 * DAY, judged=scored(10)),
        told(7, ago=30 * DAY, judged=scored(10)), told(8, ago=29 * DAY, judged=scored(0)),
    )  # fmt: skip
    assert numbers(await lookups.top(9, "today")) == [3, 1, 2]
    assert numbers(await lookups.top(9, "week")) == [4, 5, 3, 1, 2]
    assert numbers(await lookups.top(9, "month")) == [6, 4, 5, 3, 1, 8, 2]
    assert numbers(await lookups.top(2, "month", 2)) == [5, 3]


async def test_topics_and_publishers_are_counted_by_story_under_the_name_written_most(store: Store, lookups: Lookups) -> None:
    same = "Harbour pilots strike over wages in Rotterdam on Monday after talks with the port authority failed"
    agents = assessment(topic="AI agents", tags=("ai-agents", "Ports"))
    await put(
        store,
        told(1, title=same, judged=agents, publisher="MarTech - AI"),
        told(2, title=f"{same} again", judged=agents, publisher="Martech"),
        told(3, judged=assessment(topic="AI Agents", tags=()), publisher="Martech"),
        told(4, judged=assessment(topic="", tags=("Privacy",)), publisher="Other"),
    )
    topics = {t.name: (t.stories, t.articles) for t in await lookups.topics()}
    assert topics == {"ai-agents": (2, 3), "Ports": (1, 2), "Privacy": (1, 1)}
    assert {t.name: (t.stories, t.articles) for t in await lookups.sources()} == {"Martech": (2, 3), "Other": (1, 1)}
    assert (await lookups.topics())[0].name == "ai-agents"


async def test_stories_on_a_topic_or_by_a_publisher(store: Store, lookups: Lookups) -> None:
    await put(
        store,
        told(1, judged=assessment(topic="AI agents", tags=())),
        told(2, ago=HOUR, judged=assessment(topic="Privacy", tags=("agents",)), publisher="The Other Paper"),
    )
    assert numbers(await lookups.topic("agents")) == [1, 2]
    assert numbers(await lookups.topic("ai agents")) == [1]
    assert numbers(await lookups.source("the other")) == [2]
    assert numbers(await lookups.source("")) == numbers(await lookups.source("   ")) == []
    assert numbers(await lookups.topic("!!!")) == []


@pytest.mark.parametrize(
    ("said", "tried"),
    [
        ("privcy", ("topic Privacy",)),
        ("agents of change", ("topic AI agents",)),
        ("zzzz", ("topics",)),
        ("<!channel> *", ("topics",)),
        ("x" * 100_000, ("topics",)),
        ("\ud800", ("topics",)),
    ],
)
async def test_a_topic_that_is_none_suggests_the_nearest(
    store: Store, lookups: Lookups, said: str, tried: tuple[str, ...]
) -> None:
    await put(
        store, told(1, judged=assessment(topic="AI agents", tags=())), told(2, judged=assessment(topic="Privacy", tags=()))
    )
    assert (await lookups.topic(said)).try_next == tried


async def test_a_publisher_that_is_none_suggests_the_nearest(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, publisher="Search Engine Land - AI"))
    assert (await lookups.source("serch engine land")).try_next == ("source Search Engine Land - AI",)
    assert (await lookups.source("engine")).try_next == ("source Search Engine Land - AI",)
    assert (await lookups.source("zzzz")).try_next == ("sources",)


async def test_search_by_words_and_filters(store: Store, lookups: Lookups) -> None:
    await put(
        store,
        told(1, title="Whales sing at night", ago=60 * DAY, judged=scored(9)),
        told(2, title="Whales sing louder", ago=HOUR, judged=scored(5), publisher="The Other Paper"),
        told(3, title="Owls are quiet", ago=2 * HOUR, judged=scored(9)),
    )
    assert sorted(numbers(await lookups.search("whales"))) == [1, 2]
    assert numbers(await lookups.search("whales score:>7")) == [1], "what is older than a month is searched too"
    assert numbers(await lookups.search("whales since:7d")) == [2]
    assert numbers(await lookups.search("whales until:7d")) == [1]
    assert numbers(await lookups.search('whales source:"the other"')) == [2]
    assert numbers(await lookups.search('topic:"whales sing" louder')) == [2]


async def test_filters_alone_list_the_newest(store: Store, lookups: Lookups) -> None:
    await put(store, *(told(n, ago=n * DAY, judged=scored(n)) for n in range(9)))
    assert numbers(await lookups.search("score:>3 since:7d")) == [4, 5, 6, 7]
    page = await lookups.search("score:>3", count=2, offset=2)
    assert (numbers(page), page.total) == ([6, 7], 5)


async def test_days_are_those_of_the_time_zone(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, ago=9 * HOUR))  # 23:00 UTC: today in Berlin, yesterday in London
    assert numbers(await lookups.search("since:today", time_zone="Europe/Berlin")) == [1]
    assert numbers(await lookups.search("since:today", time_zone="Europe/London")) == []


async def test_an_empty_search_says_what_to_try(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, title="Whales sing", judged=scored(5, topic="Oceans", tags=())))
    assert (await lookups.search("whales score:>7")).try_next == ("search whales", "topics", "latest")
    assert (await lookups.search("oecansz")).try_next[0] == "topic Oceans"
    assert (await lookups.search("score:>9")).try_next == ("topics", "latest")
    assert (await lookups.search("")).try_next == ("topics", "latest")


async def test_a_filter_that_is_none_is_told_beside_the_answer(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, title="Whales sing"))
    page = await lookups.search("whales score:high since:someday")
    assert numbers(page) == [1]
    assert [n[:12] for n in page.notes] == ["“score:high”", "“since:somed"]


async def test_a_search_with_filters_looks_past_its_best_matches(
    store: Store, lookups: Lookups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "_TOGETHER", 3)
    monkeypatch.setattr(found, "_MOST", 9)
    await put(store, *(told(n, ago=n * HOUR, title=f"Whales {n} sing", judged=scored(9 if n == 5 else 5)) for n in range(8)))
    page = await lookups.search("whales score:9")
    assert (numbers(page), page.notes) == ([5], ())
    await put(store, *(told(n, ago=n * HOUR, title=f"Whales {n} sing", judged=scored(5)) for n in range(8, 12)))
    assert (await lookups.search("whales score:>9")).notes == ("There may be more: name something rarer.",)


async def test_a_story_is_the_same_however_it_is_looked_up(store: Store, lookups: Lookups) -> None:
    same = "Harbour pilots strike over wages in Rotterdam on Monday after talks with the port authority failed"
    await put(store, told(1, title=same), told(2, title=f"{same} again", publisher="Other", ago=HOUR), told(3))
    held = await lookups.find(told(2).article.id)
    cold, searched = await lookups.why(held), await lookups.search("rotterdam")
    shown = await lookups.around(held)
    story = next(s for s in (await lookups.latest()).stories if len(s.articles) == 2)
    warm, again = await lookups.why(held), await lookups.search("rotterdam")
    shown_again = await lookups.around(held)
    assert {s.id for s in (cold.story, warm.story, shown.story, shown_again.story, *searched.stories, *again.stories)} == {
        story.id
    }
    assert [len(s.articles) for s in (cold.story, warm.story)] == [2, 2]
    assert cold.parts == warm.parts
    assert shown.related == shown_again.related
    assert [p.name for p in warm.parts] == ["relevance", "freshness"]


async def test_a_story_is_searched_whole_though_only_one_of_its_articles_matches(store: Store, lookups: Lookups) -> None:
    same = "Harbour pilots strike over wages in Rotterdam on Monday after talks with the port authority failed"
    await put(store, told(1, title=same), told(2, title=f"{same} zeppelin", publisher="Other", ago=HOUR))
    await lookups.warm()
    (story,) = (await lookups.search("zeppelin")).stories
    assert len(story.articles) == 2


async def test_an_article_is_named_by_id_beginning_or_address(store: Store, lookups: Lookups) -> None:
    given = told(1)
    await put(store, given, told(2))
    for text in (given.article.id, given.article.id[:8], given.article.url, "news.example/1", f" {given.article.id.upper()} "):
        assert (await lookups.find(text)).lead.article.id == given.article.id
    for text in ("", "zz", "0" * 12, "https://", "x" * 5_000, "<!channel>", "\ud800"):
        with pytest.raises(NotFound) as none:
            await lookups.find(text)
        assert len(str(none.value)) < 100


async def test_a_beginning_of_several_ids_asks_which(store: Store, lookups: Lookups) -> None:
    many = [told(n, ago=n * HOUR) for n in range(800)]
    by_beginning: dict[str, list[str]] = {}
    for each in many:
        by_beginning.setdefault(each.article.id[:4], []).append(each.article.id)
    twins = next(ids for ids in by_beginning.values() if len(ids) == 2)
    await put(store, *(m for m in many if m.article.id in twins))
    with pytest.raises(NotFound) as which:
        await lookups.find(twins[0][:4])
    assert all(i in which.value.remedy for i in twins)


async def test_all_kinds_at_once_agree_with_one_after_the_other(store: Store, lookups: Lookups) -> None:
    await put(store, *(told(n, ago=n * HOUR, judged=scored(n % 10)) for n in range(12)))
    asked = [
        lookups.latest, lookups.top, lookups.topics, lookups.sources, lambda: lookups.topic("advertising"),
        lambda: lookups.source("the example"), lambda: lookups.search("whales"), lambda: lookups.search("score:>5"),
    ]  # fmt: skip
    together = await asyncio.gather(*(ask() for ask in asked for _ in range(3)))
    assert together == [answer for ask in asked for answer in [await ask()] * 3]
