"""Of ``benchmarks.scale``: every channel of many workspaces wants its digest at one minute, and people ask meanwhile.

The local Slack, with its rate limits, is in the process that measures; ``ainews serve`` and two ``ainews worker`` run as they are. A worker
posts nothing in its first minute, so it takes some two minutes in all.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import psutil
from slack_sdk.oauth.installation_store.models.bot import Bot

from benchmarks.synthetic import articles
from bot.local_slack.app import SlackApp
from bot.local_slack.members import Channel
from bot.local_slack.server import LocalSlack
from bot.slack.manifest import manifest
from bot.slack.oauth.installations import SealedInstallations
from bot.slack.oauth.tokens import Sealed, new_key
from digest.factory import Parts, open_parts
from digest.model import Incoming, Origin
from digest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.local_slack.team import Team

_ARTICLES: Final = 300
#: Stories of a digest; in the full layout they take some messages.
_STORIES: Final = 10
#: A worker posts nothing before.
_SETTLED_S: Final = 66
_WITHIN_S: Final = 180
#: People ask so often, in one workspace after the other.
_ASK_EVERY_S: Final = 0.5
_QUESTION: Final = "What does the newest story say about budgets?"


@dataclass
class Asked:
    """Seconds until each question was answered."""

    took_s: list[float] = field(default_factory=list)
    unanswered: int = 0


async def storm(url: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    """The figures."""
    teams, each = (4, 10) if quick else (20, 15)
    given: dict[str, Any] = {
        "redis_url": url, "workspace": "scale-storm", "data_dir": folder / "storm", "slack_client_id": "1.2", "slack_client_secret": "s",
        "token_key": new_key(), "workers": True, "meaning": "off", "assessor": "offline", "answerer": "offline", "_env_file": None,
    }  # fmt: skip
    app = SlackApp.from_manifest(manifest(Settings.load(**given)))
    async with LocalSlack(app=app, rate_limits=True) as slack, AsyncExitStack() as stack:
        settings = Settings.load(slack_signing_secret=slack.signing_secret, slack_api_url=slack.api_url, **given)
        parts = await stack.enter_async_context(open_parts(settings))
        await _filled(parts)
        made = [await _workspace(slack, parts, n, each) for n in range(teams)]
        slack.request_url = await stack.enter_async_context(_bot(settings))
        now = datetime.now(UTC)
        due = (now + timedelta(seconds=_SETTLED_S + 59)).replace(second=0, microsecond=0)
        await _subscribed(parts, made, due, now)
        before = Asked()
        await asyncio.sleep(5)
        await _ask(made, before, until=lambda: len(before.took_s) + before.unanswered >= 20)
        await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds() - 1))
        during, busy = Asked(), _processor_s()
        standing = asyncio.ensure_future(_all_stand(made, each))
        await _ask(made, during, until=standing.done)
        pieces = await standing
        busy = {name: seconds - busy.get(name, 0.0) for name, seconds in _processor_s().items()}
        last = max(float(ts) for team in made for channel in _channels(team, each) for ts in _posted(channel))
        roots = [min(float(ts) for ts in _posted(channel)) - due.timestamp() for t in made for channel in _channels(t, each)]
    late = last - due.timestamp()
    limit = float(max(pieces.values()) - 1)
    return {
        "channels": teams * each,
        "workspaces": teams,
        "messages": sum(pieces.values()),
        "messages_each": max(pieces.values()),
        "doubled": sum(1 for count in pieces.values() if count != max(pieces.values())),
        "first_message_late_s_median": round(median(roots), 2),
        "first_message_late_s_last": round(max(roots), 2),
        "last_late_s": round(late, 2),
        "limit_s": limit,
        "ratio_to_limit": round(late / limit, 2) if limit else None,
        "questions_before": len(before.took_s),
        "answer_p95_s_before": _p95(before),
        "questions": len(during.took_s),
        "answer_p95_s": _p95(during),
        "unanswered": during.unanswered,
        "processor_s": {name: round(seconds, 1) for name, seconds in busy.items()},
    }


def _processor_s() -> dict[str, float]:
    """Seconds of processor time so far: of the processes of the bot, of the server, and of this one, which is Slack and who asks."""
    found: Counter[str] = Counter()
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with suppress(psutil.Error):
            words = process.cmdline()
            name = "slack" if process.pid == os.getpid() else "valkey" if "valkey" in process.name() else next(
                (w for w in ("serve", "worker") if w in words), "others"
            )  # fmt: skip
            used = process.cpu_times()
            found[name] += used.user + used.system
    return dict(found)


async def _filled(parts: Parts) -> None:
    now = datetime.now(UTC)
    made = [
        Incoming(
            Origin("benchmark", f"{n}.md", "1"),
            replace(told.article, published=now - timedelta(minutes=10 + 5 * n)),
            told.assessment,
        )
        for n, told in enumerate(articles(_ARTICLES, seed=3))
    ]
    await parts.articles.put(made)


async def _workspace(slack: LocalSlack, parts: Parts, number: int, channels: int) -> Team:
    """One with its channels, in which the app is installed."""
    team = slack.add_team(f"T{number:03d}STORM", f"storm{number}")
    bot = team.workspace.app.bot_user_id
    for n in range(channels):
        team.workspace.add_channel(Channel(f"C{n:03d}STORM", f"news-{n}", members={"U0ADA00001", bot}))
    token = slack.install(slack.consent(team.workspace.team_id))
    installed = Bot(
        app_id=slack.app.app_id, team_id=team.workspace.team_id, bot_token=token.value, bot_id=team.workspace.app.bot_id, bot_user_id=bot,
        bot_scopes=sorted(slack.app.scopes), installed_at=0.0,
    )  # fmt: skip
    await SealedInstallations(parts.installations, Sealed(parts.settings)).async_save_bot(installed)
    return team


async def _subscribed(parts: Parts, teams: list[Team], due: datetime, now: datetime) -> None:
    for team in teams:
        own = parts.of_team(team.workspace.team_id)
        for channel in (c for c in team.workspace.channels.values() if c.id.endswith("STORM")):
            wanted = replace(
                parts.settings.subscription(channel.id),
                at=due.time(),
                stories=_STORIES,
                threshold=0.0,
                layout="full",
                per_publisher=10,
            )
            await own.subscriptions.put(wanted, "U0ADA00001", now)


@asynccontextmanager
async def _bot(settings: Settings) -> AsyncIterator[str]:
    """The processes; where the one listens to which Slack's requests go."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))}
    for name in ("redis_url", "workspace", "data_dir", "token_key", "workers", "meaning", "assessor", "answerer"):
        environment[f"AINEWS_{name.upper()}"] = _plain(getattr(settings, name))
    for name in ("slack_client_id", "slack_client_secret", "slack_signing_secret", "slack_api_url"):
        environment[name.upper()] = _plain(getattr(settings, name))
    environment["AINEWS_HTTP_PORT"] = "0"
    made, where = [], ""
    try:
        for words in (
            ("serve",),
            ("worker", "--only", "digests", "--only", "events"),
            ("worker", "--only", "digests", "--only", "events"),
        ):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *words, env=environment, stderr=asyncio.subprocess.PIPE
            )
            made.append(process)
            assert process.stderr is not None
            said = b""
            while b"Ctrl-C stops." not in said:
                line = await process.stderr.readline()
                if not line:
                    raise SystemExit(f"{words[0]} did not start: {said.decode()}")
                said += line
            if words == ("serve",):
                where = said.decode().partition("Listening at ")[2].split()[0].rstrip(".")
        yield where
    finally:
        for process in made:
            process.terminate()
        for process in made:
            await process.wait()


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value).replace("True", "true")


async def _ask(teams: list[Team], asked: Asked, until: Any) -> None:
    """One person in each workspace, one workspace after the other."""
    waiting, number = set(), 0
    while not until():
        task = asyncio.ensure_future(_one(teams[number % len(teams)], asked))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        number += 1
        await asyncio.sleep(_ASK_EVERY_S)
    if waiting:
        await asyncio.wait(waiting)


async def _one(team: Team, asked: Asked) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    said = await team.people.say("ada", "dm", _QUESTION)
    direct = team.workspace.direct("U0ADA00001")
    while loop.time() < begun + 30:
        if any(m.get("bot_id") and float(ts) > float(said["ts"]) for ts, m in direct.messages.items()):
            asked.took_s.append(loop.time() - begun)
            return
        await asyncio.sleep(0.02)
    asked.unanswered += 1


def _p95(asked: Asked) -> float | None:
    return round(quantiles(asked.took_s, n=20, method="inclusive")[-1], 3) if len(asked.took_s) > 1 else None


async def _all_stand(teams: list[Team], each: int) -> Counter[str]:
    """How many messages each channel got, once all have all of theirs."""
    places = [(t, c) for t in teams for c in _channels(t, each)]
    async with asyncio.timeout(_WITHIN_S):
        while True:
            found = Counter({f"{t.workspace.team_id}/{c.id}": len(_posted(c)) for t, c in places})
            if min(found.values()) and len(set(found.values())) == 1:
                await asyncio.sleep(3)  # nothing more comes
                if Counter({f"{t.workspace.team_id}/{c.id}": len(_posted(c)) for t, c in places}) == found:
                    return found
            await asyncio.sleep(0.25)


def _channels(team: Team, each: int) -> list[Channel]:
    return [team.workspace.channel(f"news-{n}") for n in range(each)]


def _posted(channel: Channel) -> list[str]:
    return [
        ts
        for ts, m in channel.messages.items()
        if ":20" in str((m.get("metadata") or {}).get("event_payload", {}).get("key", ""))
    ]
