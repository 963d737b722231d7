"""A Status for people's scripts: the names are part of the product."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.publishing.publication import Name, Publication
    from digest.watching.publishing import PublishingStatus
    from digest.watching.status import Status


def described(status: Status) -> dict[str, Any]:
    """Everything, as values that JSON knows; instants stay datetimes, in UTC."""
    s, spent = status, status.spent
    return {
        "at": s.at,
        "version": s.version,
        "workspace": s.workspace,
        "store": s.store,
        "articles": {"held": s.articles, "newest": s.newest},
        "feeds": {
            **dict(sorted(s.feeds.by_health.items())),
            "last_success": s.feeds.succeeded,
            "problem": s.feeds.problem or None,
        },
        "waiting": {w.kind: {"count": w.count, "oldest_due": w.due} for w in s.waiting},
        "runs": {r.task: {**asdict(r), "error": r.error or None} for r in s.runs},
        "publishing": [_team(t) for t in s.publishing],
        "questions_today": dict(s.answers),
        "spending": {
            "today_usd": round(spent.dollars, 6),
            "today": {name: asdict(usage) for name, usage in spent.today.items()},
            "month_usd": round(spent.month, 6),
            "cap_usd": spent.cap,
            "forecast_day_usd": round(spent.forecast.day, 6),
            "forecast_month_usd": round(spent.forecast.month, 6),
        },
    }


def _team(team: PublishingStatus) -> dict[str, Any]:
    return {
        "workspace": team.workspace,
        "channels": team.channels,
        "open": dict(sorted(team.open.items())),
        "late": [
            {**_named(late.name), "due": late.due, "state": late.state, "reason": late.reason or None} for late in team.late
        ],
        "next": [{**_named(n.name), "due": n.due} for n in team.next],
        "newest": [_publication(p) for p in team.newest],
    }


def _publication(publication: Publication) -> dict[str, Any]:
    p = publication
    return {
        **_named(p.name),
        "state": p.state,
        "reason": p.reason or None,
        "due": p.due,
        "posted": p.posted,
        "stories": len(p.stories),
    }


def _named(name: Name) -> dict[str, Any]:
    return {"channel": name.channel, "day": name.day, "kind": name.kind}
