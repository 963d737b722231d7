"""Freezes a digest as a Publication: what is posted from now on, whatever becomes of the articles. Pure but for the templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from digest.errors import NotFound
from digest.publishing.publication import prepared, skipped
from digest.publishing.stored import dump_digest, load_digest
from digest.rendering.slack import render_slack, render_slow_day
from digest.stories.memory import edition_stories

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from digest.model import AssessedArticle, Digest, Subscription
    from digest.ports import ArticleStore
    from digest.publishing.publication import Name, Publication
    from digest.publishing.schedule import Owed
    from digest.rendering.templates import Templates

#: A weekly edition has twice the stories of a daily one, and looks back on seven days.
WEEKLY_STORIES: Final = 2
WEEK_H: Final = 7 * 24.0
#: What a channel gets on a day with too few stories.
SlowDay = Literal["line", "nothing"]


def freeze(
    digest: Digest, name: Name, owed: Owed, now: datetime, templates: Templates, *, least: int = 1, slow_day: SlowDay = "line"
) -> Publication:  # fmt: skip
    """With fewer stories than ``least`` it is one line, or nothing, and no story counts as shown. Raises ConfigurationError, RenderError."""
    if len(digest.chosen) >= least:
        message = render_slack(digest, templates)
        return prepared(name, owed.due, owed.until, now, message, edition_stories(digest), dump_digest(digest))
    quiet = prepared(name, owed.due, owed.until, now, render_slow_day(digest, templates), (), dump_digest(digest))
    return quiet if slow_day == "line" else skipped(quiet, "there was too little to say")


async def drawn_again(
    publication: Publication, articles: ArticleStore, templates: Templates, said: Callable[[Digest], Awaitable[Digest]]
) -> Publication:
    """The same stories, drawn from what is held of their articles now; those that are held no more stay as they were. ``said`` puts
    summaries into the channel's language. Raises ConfigurationError, RenderError, StoreError; NotFound where its content is not kept
    any more."""
    if not publication.digest:
        raise NotFound("What this digest was drawn from is not kept any more.", remedy="It is for 40 days.")
    digest = load_digest(publication.digest)
    ids = list(dict.fromkeys(a.article.id for c in digest.chosen for a in (*c.story.articles, *c.related)))
    now = {i: h.lead for i, h in zip(ids, await articles.get(ids), strict=True) if h is not None}

    def current(told: AssessedArticle) -> AssessedArticle:
        return now.get(told.article.id, told)

    chosen = tuple(
        replace(
            c, story=replace(c.story, lead=current(c.story.lead), also=tuple(map(current, c.story.also))),
            related=tuple(map(current, c.related)),
        )
        for c in digest.chosen
    )  # fmt: skip
    digest = await said(replace(digest, chosen=chosen))
    message = render_slack(digest, templates) if chosen else render_slow_day(digest, templates)
    p = publication
    return prepared(p.name, p.due, p.until, p.prepared, message, edition_stories(digest) if chosen else (), dump_digest(digest))


def of_the_week(subscription: Subscription) -> Subscription:
    """What a weekly edition is made by."""
    most = min(50, subscription.stories * WEEKLY_STORIES)
    return replace(subscription, stories=most, per_publisher=subscription.per_publisher * WEEKLY_STORIES, max_age_h=WEEK_H)
