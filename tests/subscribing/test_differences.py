from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time

import orjson
import pytest

from digest.model import Subscription
from digest.subscribing.differences import days, described, differences
from digest.subscribing.stored import dump_subscription, load_subscription

OLD = Subscription("C1")
NEW = Subscription(
    "C1", 7.5, 3, 1, 24.0, ("agents", "search"), ("crypto",), time(16, 30), "Europe/Paris", (0, 1, 2, 3, 4),
    (date(2026, 12, 24), date(2026, 12, 25)), "compact", "fr", 0.5, 4, time(15, 0),
)  # fmt: skip


def test_every_thing_that_changed_is_told_in_words() -> None:
    assert differences(OLD, NEW) == (
        "time: 09:00 → 16:30",
        "time zone: UTC → Europe/Paris",
        "days: every day → Mon–Fri",
        "weekly edition: none → Fri",
        "weekly time: 16:00 → 15:00",
        "quiet days: none → 24–25 Dec 2026",
        "topics: none → agents, search",
        "left out: none → crypto",
        "threshold: 6 → 7.5",
        "stories: 5 → 3",
        "of one publisher: 2 → 1",
        "looks back: 3 days → 24 hours",
        "layout: full → compact",
        "language: as written → fr",
        "budget: none of its own → $0.50 a day",
    )


def test_a_change_of_any_field_is_told() -> None:
    for field in fields(Subscription):
        changed = replace(OLD, **{field.name: getattr(NEW, field.name)})
        assert len(differences(OLD, changed)) == (field.name not in ("channel", "since"))
    assert len(described(OLD)) == len(fields(Subscription)) - 2


def test_no_change_is_told_as_nothing_and_the_first_and_last_in_a_word() -> None:
    assert differences(NEW, NEW) == differences(None, None) == ()
    assert differences(None, NEW) == ("subscribed",)
    assert differences(NEW, None) == ("unsubscribed",)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [(range(7), "every day"), ((0, 1, 2, 3, 4), "Mon–Fri"), ((5, 6, 0, 2), "Mon, Wed, Sat–Sun"), ((), "never"), ((6,), "Sun")],
)
def test_days_are_told_as_runs(chosen: tuple[int, ...], words: str) -> None:
    assert days(chosen) == words


def test_a_subscription_of_another_version_has_defaults_for_what_is_not_in_it() -> None:
    assert load_subscription(dump_subscription(NEW)) == NEW
    assert load_subscription(b'{"channel":"C1","threshold":7}') == Subscription("C1", 7.0)
    newer = {
        **orjson.loads(dump_subscription(NEW)),
        "layout": "dense",
        "days": ["Mon"],
        "mood": "sunny",
        "time_zone": "Mars/Base",
        "stories": None,
    }
    assert load_subscription(orjson.dumps(newer)) == replace(
        NEW, time_zone="UTC", layout="full", days=OLD.days, stories=OLD.stories
    )
