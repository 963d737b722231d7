"""``ainews subscriptions`` and ``ainews digest --channel`` as a person runs them; the bot's own code puts what they show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.factory import Parts, open_parts
from digest.model import Subscription
from digest.settings import Settings
from digest.stories.taste import Vote, aspects
from tests.cli.test_cli import Run, ainews

__all__ = ["ainews"]

NOW = datetime.now(UTC)
FRENCH = Subscription("C0FRENCH", 6.0, 3, time_zone="Europe/Paris", days=(0, 1, 2, 3, 4), layout="compact", topics=("agents",))
#: No day at all: nothing is ever due.
NEVER = Subscription("C0NEVER", days=())


def collected(ainews: Run, *titles: str) -> None:
    lines = [
        json.dumps(
            {"url": f"https://{n}.example/a", "title": title, "score": 7, "published": (NOW - timedelta(hours=2)).isoformat(),
             "publisher": f"Paper {n}", "topic": f"{title} in shops", "tags": [title.split()[-1].lower()]}
        )
        for n, title in enumerate(titles)
    ]  # fmt: skip
    assert ainews("collect", "--jsonl", "-", "--json", stdin="\n".join(lines)).code == 0


def within(folder: Path, work: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
    """Do ``work`` with the parts of the program that runs on ``folder``."""

    async def opened() -> None:
        async with open_parts(Settings.load(data_dir=folder / "data")) as parts:
            await work(parts)

    asyncio.run(opened())


async def subscribed(parts: Parts) -> None:
    for one in (NEVER, FRENCH):
        await parts.subscriptions.put(one, "U1", NOW)
    await parts.subscriptions.put(replace(FRENCH, threshold=6.5), "U2", NOW)


async def voted(parts: Parts) -> None:
    articles = {h.lead.article.title: h.lead for h in await parts.articles.between(NOW - timedelta(days=1), NOW)}
    for person in ("U1", "U2"):
        await parts.votes.cast("C0FRENCH", Vote(person, "0", 1, aspects(articles["Quiet robots"]), NOW))
        await parts.votes.cast("C0FRENCH", Vote(person, "1", -1, aspects(articles["Loud agents"]), NOW))


def test_subscriptions_are_listed_with_what_is_due_next_and_who_changed_them(ainews: Run, short_dir: Path) -> None:
    within(short_dir, subscribed)
    done = ainews("subscriptions")
    assert done.code == 0
    assert "C0FRENCH\n" in done.out
    assert "days              Mon–Fri" in done.out
    assert "by U2: threshold: 6 → 6.5" in done.out
    assert "next              nothing within two months" in done.out
    french, never = ainews("subscriptions", "--json").json["subscriptions"]
    assert (french["channel"], french["threshold"], french["layout"]) == ("C0FRENCH", 6.5, "compact")
    assert date.fromisoformat(french["next"]["day"]).weekday() < 5
    assert datetime.fromisoformat(french["next"]["due"]) > NOW
    assert [c["what"] for c in french["changes"]] == [["threshold: 6 → 6.5"], ["subscribed"]]
    assert never["next"] is None


def test_without_subscriptions_that_is_said(ainews: Run) -> None:
    assert ainews("subscriptions").out == "No channel has subscribed.\n"
    assert ainews("subscriptions", "--json").json == {"subscriptions": []}


def test_a_digest_can_be_tried_as_a_channel_would_get_it(ainews: Run, short_dir: Path) -> None:
    collected(ainews, "Loud agents", "Quiet robots")
    within(short_dir, subscribed)
    one = ainews("digest", "--channel", "C0FRENCH", "--json")
    made = json.loads(one.out)
    assert (made["channel"], [s["title"] for s in made["stories"]]) == ("C0FRENCH", ["Loud agents"])
    assert made["left_out"][0]["rule"] == "topic"
    assert one.err == ""
    stricter = json.loads(ainews("digest", "--channel", "C0FRENCH", "--threshold", "9", "--json").out)
    assert {o["rule"] for o in stricter["left_out"]} == {"threshold"}
    other = ainews("digest", "--channel", "C0OTHER", "--json")
    assert "C0OTHER has no subscription: this is by the settings." in other.err
    assert len(json.loads(other.out)["stories"]) == 2


def test_what_a_channel_voted_for_orders_its_digest_and_is_explained(ainews: Run, short_dir: Path) -> None:
    collected(ainews, "Loud agents", "Quiet robots")
    within(short_dir, voted)
    done = ainews("digest", "--channel", "C0FRENCH", "--explain")
    assert "the channel wants more of 'robots' (+0.35), Paper 1 (+0.25)" in done.out
    assert "the channel wants less of 'agents' (−0.35), Paper 0 (−0.25)" in done.out
    assert " taste  Quiet robots" in done.out
    stories = json.loads(ainews("digest", "--channel", "C0FRENCH", "--json").out)["stories"]
    assert [s["title"] for s in stories] == ["Quiet robots", "Loud agents"]
    assert stories[0]["parts"][-1]["name"] == "taste"
    assert "taste" not in ainews("digest", "--explain").out


def test_a_date_that_is_none_is_refused_with_and_without_a_channel(ainews: Run) -> None:
    for more in ([], ["--channel", "C1"]):
        done = ainews("digest", "--date", "soon", *more)
        assert (done.code, "'soon' is no date." in done.err) == (2, True)
