"""``ainews latest``, ``top``, ``topics``, ``sources``, ``why`` and searches with filters, as a person runs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.cli import main
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys

NOW = datetime.now(UTC)


def line(number: int, title: str, *, ago_h: float, **fields: Any) -> str:
    given = {
        "url": f"https://paper-{number}.example/{number}", "title": title, "publisher": f"Paper {number}", "score": 5.0, "topic": "Oceans",
        "tags": ["whales"], "summary": ["It was seen."], "published": (NOW - timedelta(hours=ago_h)).isoformat(), "body": f"{title}.",
    }  # fmt: skip
    return json.dumps({**given, **fields})


ARTICLES = "\n".join(
    (
        line(1, "Whales sing at night", ago_h=1, score=6.0),
        line(
            2,
            "[red]Owls[/red] are quiet :smile:",
            ago_h=30,
            score=9.0,
            topic="Forest birds",
            tags=[],
            publisher="The Owl - Birds",
        ),
        line(3, "Bees dance in the dark", ago_h=24 * 20, score=8.0, topic="Insects", tags=["bees"]),
        line(4, "Whales of long ago", ago_h=24 * 50, score=9.5),
    )
)


@dataclass
class Done:
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def ainews(
    valkey: EmbeddedServer, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs ``ainews`` in this process, over the tests' server: most of a process's second is starting it."""
    monkeypatch.setenv("AINEWS_REDIS_URL", valkey.url)
    monkeypatch.setenv("AINEWS_WORKSPACE", keys.workspace)
    monkeypatch.setenv("AINEWS_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: object, code: int = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["ainews", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(*capsys.readouterr())
        assert (ended.value.code or 0) == code, done.stderr
        return done

    yield run
    structlog.reset_defaults()


@pytest.fixture
def filled(ainews: Run, tmp_path: Path) -> Run:
    (tmp_path / "articles.jsonl").write_text(ARTICLES)
    ainews("collect", "--jsonl", tmp_path / "articles.jsonl")
    return ainews


def of(ainews: Run, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ainews(*arguments, "--json").stdout)
    return found


def titles(told: dict[str, Any]) -> list[str]:
    return [s["title"].partition(" ")[0] for s in told["stories"]]


def test_the_newest_and_the_best(filled: Run) -> None:
    newest = of(filled, "latest", 2)
    assert (titles(newest), newest["more"]) == (["Whales", "[red]Owls[/red]"], True)
    rest = of(filled, "latest", "2", "--offset", 2)
    assert (titles(rest), rest["more"], rest["offset"]) == (["Bees"], False, 2)
    assert "body" not in newest["stories"][0]
    assert newest["stories"][0]["publishers"] == ["Paper 1"]
    assert titles(of(filled, "top")) == ["[red]Owls[/red]", "Whales"]
    assert titles(of(filled, "top", "today")) == ["Whales"]
    best = of(filled, "top", "2", "month")
    assert (titles(best), best["total"]) == (["[red]Owls[/red]", "Bees"], 3)
    shown = filled("top", 1, "month").stdout
    assert "[red]Owls[/red] are quiet :smile:" in shown, "text from outside is no markup"
    assert "1–1 of 3; further ones: --offset 1" in shown
    assert "no more than 3 stories" in filled("top", "month", "--offset", 9).stdout


@pytest.mark.parametrize(
    "wrong", [("top", "0"), ("top", "year"), ("top", "101"), ("latest", "0"), ("latest", "x"), ("topics", "-n", "0")]
)
def test_what_cannot_be_is_wrong_usage(ainews: Run, wrong: tuple[str, ...]) -> None:
    assert ainews(*wrong, code=2).stderr


def test_topics_and_publishers_and_the_stories_of_one(filled: Run) -> None:
    topics = of(filled, "topics")
    named = {t["name"]: t["stories"] for t in topics["topics"]}
    assert {n: c for n, c in named.items() if n in ("Oceans", "whales", "Forest birds", "Insects", "bees")} == {
        "Oceans": 1,
        "whales": 1,
        "Forest birds": 1,
        "Insects": 1,
        "bees": 1,
    }
    second = of(filled, "topics", "-n", 2, "--offset", 1)
    assert (second["topics"], second["total"]) == (topics["topics"][1:3], len(named))
    assert [t["name"] for t in of(filled, "sources")["sources"]] == ["Paper 1", "The Owl - Birds", "Paper 3"]
    assert titles(of(filled, "topic", "forest", "birds")) == ["[red]Owls[/red]"]
    assert titles(of(filled, "source", "the owl")) == ["[red]Owls[/red]"]
    assert "The Owl - Birds" in filled("sources").stdout
    assert f"1–2 of {len(named)}; further ones: --offset 2" in filled("topics", "-n", 2).stdout


def test_an_empty_result_says_what_to_try(filled: Run) -> None:
    assert filled("topic", "forrest bird").stdout == (
        "No story of the last 31 days is on the topic 'forrest bird'. Try: ainews topic 'Forest birds'.\n"
    )
    assert "Try: ainews sources." in filled("source", "zzz").stdout
    assert "none of the filters" in filled("search", "whales", "score:>9.9").stdout
    assert of(filled, "topic", "zzz")["try"] == ["topics"]


def test_before_anything_is_collected(ainews: Run) -> None:
    for command in (("latest",), ("top", "month"), ("topics",), ("sources",)):
        assert "ainews collect" in ainews(*command).stdout
    assert of(ainews, "latest")["stories"] == []


def test_search_takes_filters_and_keeps_its_shape(filled: Run) -> None:
    def found(*arguments: str) -> list[str]:
        return [r["title"].partition(" ")[2] for r in of(filled, "search", *arguments)["results"]]

    assert sorted(found("whales")) == ["of long ago", "sing at night"]
    assert found("whales", "score:>7") == ["of long ago"]
    assert found("whales", "since:7d") == ["sing at night"]
    assert found("score:>7") == ["are quiet :smile:", "dance in the dark", "of long ago"], "the newest first, of any age"
    assert found("topic:forest birds") == ["are quiet :smile:"], "the shell takes quotation marks away"
    assert found("score:>7", "-n", "1", "--offset", "1") == ["dance in the dark"]
    told = of(filled, "search", "whales", "score:high")
    assert told.keys() == {"query", "results", "notes"}
    assert told["query"] == "whales score:high"
    assert len(told["results"]) == 2
    assert "no score" in told["notes"][0]
    assert "relevance" in told["results"][0]


def test_why(filled: Run) -> None:
    (story,) = of(filled, "latest", 1)["stories"]
    why = of(filled, "why", story["id"][:8])
    assert (why["id"], why["score"], why["scored_by"], why["story"]) == (story["id"], 6.0, "source", story["id"])
    assert [p["name"] for p in why["parts"]] == ["relevance", "freshness"]
    assert why["points"] == pytest.approx(sum(p["points"] for p in why["parts"]), abs=0.01)
    shown = filled("why", story["url"]).stdout
    assert "Score 6 of 10 by its source" in shown
    assert "freshness" in shown
    assert of(filled, "why", story["id"], "--channel", "C1")["parts"] == why["parts"], "a channel without votes has no taste"
    assert "No article is called" in filled("why", "ffffffff", code=1).stderr
