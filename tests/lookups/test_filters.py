"""The filters of a search: what each means, and that any text at all is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.lookups.filters import Asked, asked
from tests.builders import assessed, assessment, story, unscored

#: A Monday, half past nine in Berlin.
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
FILTER = re.compile(r"(?:^|\s)(?:topic|source|publisher|score|since|until):", re.IGNORECASE | re.ASCII)
PIECES = st.sampled_from(
    ["topic:", "source:", "publisher:", "score:", "since:", "until:", "TOPIC:", '"', "“", "”", " ", "\u00a0", "\n", "agents", "AI", ">7", "7..9",
     "<", "..", "yesterday", "monday", "7d", "999y", "2026-11-01", "9999-12-31", "0001-01-01", "ſource:", "١", "<!channel>", "🚀", "\ud800"]
)  # fmt: skip
ANY = st.one_of(st.text(max_size=1_200), st.lists(PIECES, max_size=30).map("".join))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"])


def read(text: str, zone: str = "UTC") -> Asked:
    return asked(text, now=NOW, time_zone=zone)


def scored(score: float) -> bool:
    return read("score:>7").takes(story(judged=assessment(score=score)))


@given(ANY, ZONES)
@example("since:9999-12-31 until:9999-12-31", "Pacific/Pago_Pago")
@example("since:0001-01-01 until:0001-01-01", "Pacific/Kiritimati")
@example('topic:"x"score:>7 rest', "UTC")
@example("topic:" * 200, "UTC")
def test_any_text_is_read_and_no_filter_stays_among_the_words(text: str, zone: str) -> None:
    found = read(text, zone)
    assert not FILTER.search(found.words)
    assert found.words == " ".join(found.words.split())
    assert all(p.endswith(".") and p[0] in "“" for p in found.problems)
    assert all(len(p) < 160 for p in found.problems)
    for moment in (found.since, found.until):
        assert moment is None or moment.tzinfo is UTC
    found.takes(story())


@given(st.lists(st.text("abcdefg ", min_size=1, max_size=12), min_size=1, max_size=5))
def test_words_without_filters_are_as_they_were_typed(words: list[str]) -> None:
    text = " ".join(words)
    assert read(text) == Asked(" ".join(text.split()))


@pytest.mark.parametrize(
    ("said", "fits", "not_"),
    [
        (">7", (7.1, 10), (7, 0)),
        (">=7", (7, 10), (6.9,)),
        ("≥7", (7,), (6.9,)),
        ("7", (7, 10), (6.9,)),
        ("7+", (7, 10), (6.9,)),
        ("<5", (4.9, 0), (5,)),
        ("<=5", (5, 0), (5.1,)),
        ("=8", (8,), (7.9, 8.1)),
        ("7..9", (7, 9), (6.9, 9.1)),
        ("9-7", (7, 9), (6.9, 9.1)),
        ("7.5–8.5", (7.5, 8.5), (7, 9)),
        ("7..", (7, 10), (6.9,)),
        ("..7", (7, 0), (7.1,)),
        (">6 score:<9 score:>=8", (8, 8.9), (7.9, 9)),
    ],
)
def test_scores(said: str, fits: tuple[float, ...], not_: tuple[float, ...]) -> None:
    wanted = read(f"score:{said}")
    assert not wanted.problems
    for score in (*fits, *not_):
        assert wanted.takes(story(judged=assessment(score=float(score)))) is (score in fits), score
    assert not wanted.takes(story(judged=unscored())), "who has no score is neither above nor below"


@pytest.mark.parametrize("said", ["high", ">11", "7..12", "", ">", "..", "7,5", "-3", "1e1", "٧"])
def test_what_is_no_score_is_said_and_filters_nothing(said: str) -> None:
    wanted = read(f"agents score:{said}")
    assert len(wanted.problems) == 1
    assert (wanted.words, wanted.least, wanted.most, wanted.filtered) == ("agents", None, None, False)


@pytest.mark.parametrize(
    ("said", "zone", "moment"),
    [
        ("2026-11-01", "UTC", "2026-11-01T00:00"),
        ("2026-11-01", "Europe/Berlin", "2026-10-31T23:00"),
        ("2026-07-01", "Europe/Berlin", "2026-06-30T22:00"),
        ("today", "Europe/Berlin", "2026-11-22T23:00"),
        ("today", "America/Los_Angeles", "2026-11-23T08:00"),
        ("Yesterday", "UTC", "2026-11-22T00:00"),
        ("monday", "UTC", "2026-11-23T00:00"),
        ("sunday", "UTC", "2026-11-22T00:00"),
        ("tuesday", "UTC", "2026-11-17T00:00"),
        ("5h", "UTC", "2026-11-23T03:30"),
        ("7d", "Europe/Berlin", "2026-11-16T08:30"),
        ("2weeks", "UTC", "2026-11-09T08:30"),
        ("1m", "UTC", "2026-10-24T08:30"),
        ("week", "UTC", "2026-11-16T08:30"),
        ("month", "UTC", "2026-10-24T08:30"),
        ('"7 days"', "UTC", "2026-11-16T08:30"),
    ],
)
def test_since(said: str, zone: str, moment: str) -> None:
    wanted = read(f"since:{said}", zone)
    assert not wanted.problems
    assert wanted.since == datetime.fromisoformat(moment + "+00:00")


def test_until_takes_the_whole_of_its_day_and_no_more() -> None:
    wanted = read("until:yesterday", "Europe/Berlin")
    midnight = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert wanted.takes(story(published=midnight - timedelta(seconds=1)))
    assert not wanted.takes(story(published=midnight))
    assert read("until:7d").until == NOW - timedelta(days=7)


def test_the_day_that_clocks_change_has_its_own_length() -> None:
    change = datetime(2026, 10, 25, 12, tzinfo=UTC)  # Berlin is an hour behind what it was the day before
    wanted = asked("since:today until:today", now=change, time_zone="Europe/Berlin")
    assert wanted.since is not None
    assert wanted.until is not None
    assert wanted.until - wanted.since == timedelta(hours=25)
    assert asked("since:24h", now=change, time_zone="Europe/Berlin").since == change - timedelta(hours=24)


@pytest.mark.parametrize("said", ["someday", "", "2026-13-01", "30min", "9999-12-31x", "999999d", "-7d"])
def test_what_is_no_date_is_said_and_filters_nothing(said: str) -> None:
    wanted = read(f"since:{said}")
    assert (len(wanted.problems), wanted.since, wanted.filtered) == (1, None, False)


@pytest.mark.parametrize(
    ("text", "topics", "words"),
    [
        ("topic:agents", ("agents",), ""),
        ("news TOPIC:agents today", ("agents",), "news today"),
        ('topic:"AI agents" budget', ("AI agents",), "budget"),
        ("topic:“AI agents” budget", ("AI agents",), "budget"),
        ("topic:„AI agents“ budget", ("AI agents",), "budget"),
        ("topic: agents budget", ("agents",), "budget"),
        ('topic:"AI agents', ("AI agents",), ""),
        ("topic:a topic:b", ("a", "b"), ""),
        ('topic:"a"topic:b', ("a", "b"), ""),
        ("hot-topic:a", (), "hot-topic:a"),
        ("https://a.example/?topic:a", (), "https://a.example/?topic:a"),
    ],
)
def test_topics(text: str, topics: tuple[str, ...], words: str) -> None:
    wanted = read(text)
    assert (wanted.topics, wanted.words, wanted.problems) == (topics, words, ())


@pytest.mark.parametrize("text", ["topic:", 'topic:""', "topic:!!!", "source:", 'publisher:" "'])
def test_a_name_without_a_letter_is_said_and_filters_nothing(text: str) -> None:
    wanted = read(text)
    assert (len(wanted.problems), wanted.filtered) == (1, False)


def test_every_topic_must_be_there_and_any_publisher() -> None:
    told = story("Agents buy ads", judged=assessment(topic="AI in advertising", tags=("automation",)), publisher="MarTech - AI")
    assert read('topic:"in advertising" topic:automation').takes(told)
    assert not read("topic:automation topic:privacy").takes(told)
    assert not read("topic:advert").takes(told), "words are whole"
    assert read("source:martech").takes(told)
    assert read("publisher:mart source:other").takes(told)
    assert not read("source:tech").takes(told), "a publisher's name begins so"


def test_a_publisher_that_tells_it_too_counts() -> None:
    told = story(publisher="One", also=[assessed("Other words", publisher="Two")])
    assert read("source:two").takes(told)


def test_a_text_is_read_up_to_a_thousand_characters() -> None:
    assert len(read("a" * 5_000).words) == 1_000


def test_over_seven_is_more_than_seven() -> None:
    assert not scored(7.0)
    assert scored(7.0000001)


def test_a_name_counts_once_and_ten_of_them_at_most() -> None:
    assert read("topic:a topic:a").topics == ("a",)
    wanted = read(" ".join(f"topic:t{n}" for n in range(12)))
    assert len(wanted.topics) == 10
    assert len(wanted.problems) == 1
