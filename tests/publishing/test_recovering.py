"""Digests that stand in a channel and nobody remembers: what of them is remembered again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from redis.asyncio import Redis

from bot.slack.publishing.history import _leads
from digest.model import Incoming, Origin, Story
from digest.ports import Held
from digest.publishing.ports import Posted
from digest.publishing.publication import Name, Publication
from digest.publishing.recovering import Recovering, Standing
from digest.publishing.timing import Timing
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_editions import RedisEditions
from digest.stores.redis_ledger import RedisLedger
from tests.builders import article, assessment
from tests.publishing.stand import MESSAGE, publication

CHANNEL = "C0AINEWS01"
POSTED = datetime.now(UTC) - timedelta(hours=3)
NAME = Name(CHANNEL, POSTED.date())
EARLY, LATE = POSTED - timedelta(hours=2), POSTED + timedelta(hours=1)


@dataclass
class OneStory:
    """All articles of the store tell one event, of which "a" was collected first."""

    articles: MemoryArticles
    ids: list[str]

    async def story(self, held: Held) -> Story:
        all_of_it = [h.lead for h in await self.articles.get(self.ids) if h is not None]
        others = [a for a in all_of_it if a.article.id != held.lead.article.id]
        bare = tuple(replace(a, article=replace(a.article, body="")) for a in others)
        return Story(self.ids[0], held.lead, bare)


@dataclass
class Here:
    editions: RedisEditions
    ledger: RedisLedger
    recovering: Recovering
    ids: list[str]

    async def __call__(self, *standing: Standing) -> list[tuple[date, bool, int]]:
        async def permalink(channel: str, ts: str) -> str:
            return f"https://slack.example/{channel}/{ts}"

        done = await self.recovering.recover(list(standing), permalink)
        return [(r.edition.day, r.new, r.unknown) for r in done]


@pytest.fixture
async def here(redis_client: Redis, keys: Keys) -> Here:
    made = [
        article("Agents buy ads", url="https://a.example/1", collected=EARLY, body="Fennwick paid 3 million dollars in Oslo."),
        article(
            "Ads bought by agents", url="https://b.example/2", collected=EARLY, publisher="B", body="Agents of Fennwick buy."
        ),
        article("Agents sell too", url="https://c.example/3", collected=LATE, publisher="C", body="Oslo gives 9 million back."),
    ]
    articles = MemoryArticles()
    await articles.put([Incoming(Origin("kb:/kb", a.title, "1"), a, assessment()) for a in made])
    ids = [a.id for a in made]
    editions, ledger = RedisEditions(redis_client, keys), RedisLedger(redis_client, keys)
    stories = OneStory(articles, ids)
    return Here(editions, ledger, Recovering(editions, ledger, articles, stories, lambda: datetime.now(UTC), Timing()), ids)


def standing(
    number: int = 0, *leads: str, name: Name = NAME, after_s: float = 0, replies: int = 0, stray: bool = False
) -> Standing:
    ts = f"{POSTED.timestamp() + after_s:.6f}"
    told = tuple((lead, f"Title of {lead}") for lead in leads)
    return Standing(name, Posted(ts, number, replies, replies, stray), f"Piece {number}", ({"type": "divider"},), told)


async def test_an_edition_has_its_stories_as_they_were_then(here: Here) -> None:
    """What was collected after it is none of what it showed: the next digest may tell it as an update."""
    assert await here(standing(0, here.ids[1])) == [(NAME.day, True, 0)]
    (edition,) = await here.editions.issued(CHANNEL, 9)
    (story,) = edition.stories
    assert story.title == "Ads bought by agents"
    assert story.id == here.ids[0]
    assert set(story.articles) == set(here.ids[:2])
    assert story.publishers == 2
    assert any("3" in fact for fact in story.facts)
    assert not any("9" in fact for fact in story.facts)
    assert edition.where == f"https://slack.example/{CHANNEL}/{edition.ts}"
    assert abs(edition.issued - POSTED) < timedelta(milliseconds=1)


async def test_each_story_leads_to_the_message_that_tells_it(here: Here) -> None:
    await here(
        standing(0, here.ids[0]), standing(1, here.ids[1], "gone00000000", after_s=2), standing(2, here.ids[0], after_s=3)
    )
    (edition,) = await here.editions.issued(CHANNEL, 9)
    assert [s.ts for s in edition.stories] == [
        standing(0).posted.ts, standing(1, after_s=2).posted.ts, standing(1, after_s=2).posted.ts,
    ]  # fmt: skip
    assert edition.stories[2].title == "Title of gone00000000"


async def test_nobody_prepares_it_again(here: Here) -> None:
    await here(standing(0, here.ids[0]), standing(1, here.ids[1], after_s=2))
    held = await here.ledger.get(NAME)
    assert held is not None
    assert held.state == "verified"
    assert held.intact
    assert held.unsent is None
    assert [p.text for p in held.pieces] == ["Piece 0", "Piece 1"]
    assert await here.ledger.open() == []
    young = Name(CHANNEL, NAME.day, "weekly")
    just_now = (datetime.now(UTC) - POSTED).total_seconds() - 300
    await here(standing(0, here.ids[0], name=young, after_s=just_now))
    held = await here.ledger.get(young)
    assert held is not None
    assert (held.state, held.swept) == ("sent", 1)


async def test_of_what_stands_twice_the_one_that_people_answered_is_remembered(here: Here) -> None:
    await here(standing(0, here.ids[0]), standing(0, here.ids[0], after_s=5, replies=2))
    (edition,) = await here.editions.issued(CHANNEL, 9)
    assert edition.ts == standing(0, after_s=5).posted.ts


async def test_without_its_first_message_a_digest_is_gone(here: Here) -> None:
    assert await here(standing(1, here.ids[0])) == []
    assert await here(standing(0, here.ids[0], stray=True)) == []
    assert await here.editions.issued(CHANNEL, 9) == []


async def test_what_is_remembered_stays(here: Here) -> None:
    assert await here(standing(0, here.ids[0])) == [(NAME.day, True, 0)]
    before = await here.editions.issued(CHANNEL, 9)
    assert await here(standing(0, "gone00000000")) == [(NAME.day, False, 0)]
    assert await here.editions.issued(CHANNEL, 9) == before


async def test_what_waits_to_be_posted_finds_itself_in_the_channel(here: Here) -> None:
    waiting: Publication = await here.ledger.add(publication(MESSAGE, name=NAME))
    await here(standing(0, here.ids[0]))
    assert await here.ledger.get(NAME) == waiting


def test_ids_are_the_values_of_a_storys_buttons() -> None:
    blocks = [
        {"type": "section"},
        {"type": "actions", "elements": [
            {"action_id": "story_insights", "value": "0123456789ab"},
            {"action_id": "story_ask", "value": "0123456789ab", "accessibility_label": "Ask about Agents talk about ads"},
            {"action_id": "open_link", "value": "ba9876543210"},
        ]},
        {"type": "actions", "elements": [{"action_id": "story_save:2", "value": "cccccccccccc"}, {"action_id": "story_save", "value": "x"}, {}]},
    ]  # fmt: skip
    assert list(_leads(blocks)) == [("0123456789ab", "Agents talk about ads"), ("cccccccccccc", "")]  # type: ignore[arg-type]
