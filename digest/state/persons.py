"""What is held on one person, as values, and as a document that the person can read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.stories.taste import Vote
    from digest.subscribing.ports import Change

#: Who did what somebody did that was erased.
ERASED: Final = "erased"
#: What is no answer to what is held on somebody, and why.
NOT_BY_PERSON: Final = (
    "Questions and answers lie by thread, without a name, and go a day after the last one.",
    "Messages in Slack, and who wrote them, are Slack's.",
)


@dataclass(frozen=True, slots=True)
class Held:
    """In one workspace of Slack (``team``; empty: the installation's own). ``saved``: ids of articles, and when each was saved, in
    milliseconds since 1970. ``votes`` and ``changes`` come with their channel. ``asked``: questions to a model, by UTC date. ``waiting``: events of theirs
    that were taken and are not carried out, as JSON of Slack's."""

    team: str
    saved: tuple[tuple[str, int], ...] = ()
    votes: tuple[tuple[str, Vote], ...] = ()
    changes: tuple[tuple[str, Change], ...] = ()
    asked: tuple[tuple[str, int], ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {
            "saved articles": len(self.saved), "votes": len(self.votes), "changes of subscriptions": len(self.changes),
            "counts of questions": len(self.asked), "events that wait": len(self.waiting),
        }  # fmt: skip


def document(
    person: str, workspace: str, held: list[Held], titles: Mapping[str, tuple[str, str]], at: datetime
) -> dict[str, Any]:
    """All of it. ``titles``: title and address of the articles that are still held, by id."""
    return {
        "what": "ainews person", "person": person, "workspace": workspace, "at": at,
        "held": [_described(h, titles) for h in held], "not_kept_by_person": NOT_BY_PERSON,
    }  # fmt: skip


def _described(held: Held, titles: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "team": held.team or None,
        "saved_articles": [{**_article(i, titles), "saved": datetime.fromtimestamp(ms / 1000, UTC)} for i, ms in held.saved],
        "votes": [
            {
                **_article(v.article_id, titles), "channel": channel, "vote": "more" if v.direction > 0 else "less", "at": v.at,
                "about": [f"{a.kind}: {a.name}" for a in v.aspects],
            }
            for channel, v in held.votes
        ],
        "changes_of_subscriptions": [{"channel": channel, "at": c.at, "what": c.what} for channel, c in held.changes],
        "questions_asked": [{"day": day, "questions": count} for day, count in held.asked],
        "events_that_wait": held.waiting,
    }  # fmt: skip


def _article(article_id: str, titles: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    title, url = titles.get(article_id, ("", ""))
    return {"article": article_id, "title": title or None, "url": url or None}
