"""Which passages a question is asked of: those of an article and its story, or of the articles that the index finds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from digest import measures
from digest.answers.offline import OfflineAnswerer, with_turns
from digest.answers.ports import THE_ARTICLE_DOES_NOT_SAY, Passage
from digest.answers.terms import question
from digest.context import workspace
from digest.errors import AinewsError, StoreError
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.answers.answering import Answering
    from digest.answers.ports import Answer, Asker, Follow, Turn
    from digest.lookups.lookups import Lookups
    from digest.model import Article
    from digest.ports import ArticleStore, Held, SearchIndex
    from digest.watching.ports import Activity

#: Articles that a question to the whole knowledge base is asked of.
_ASKED: Final = 8
#: Other articles of a story that are asked beside the one that was meant, and how much less their sentences count.
_OTHERS: Final = 4
_OTHERS_COUNT: Final = 0.8
#: The least that a found article counts, however far behind the first.
_LEAST: Final = 0.5
_LONGEST_QUERY: Final = 400
_UNQUOTED: Final = str.maketrans(dict.fromkeys('"“”„‟«»＂「」『』', " "))
#: Words that a question must have to be asked of articles that it was not asked of.
_TELLING: Final = 2
#: Most articles of several stories that are asked together.
_TOGETHER: Final = 12

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    said: Sequence[Turn]
    who: Asker | None
    follow: Follow | None


class Questions:
    """What people ask. ``of_…`` give the answer and, by id, the articles that it cites; they raise StoreError, and what searches raises
    SearchError. ``said``: earlier turns of the conversation, the oldest first; ``who`` asks, for the quotas; ``follow`` is told each
    sentence while the answer is written."""

    def __init__(
        self, answering: Answering, store: ArticleStore, index: SearchIndex, lookups: Lookups, activity: Activity | None = None
    ) -> None:
        self._answering = answering
        self._store = store
        self._index = index
        self._lookups = lookups
        self._activity = activity
        self._offline = OfflineAnswerer()

    @property
    def streams(self) -> bool:
        """Whether an answer may take a while and come sentence by sentence."""
        return self._answering.streams

    async def of_article(
        self, held: Held, asked: str, said: Sequence[Turn] = (), *, who: Asker | None = None, follow: Follow | None = None
    ) -> tuple[Answer, dict[str, Article]]:
        """Asked of an article, and of what else tells its event."""
        return await self.of_articles([held], asked, said, who=who, follow=follow)

    async def of_articles(
        self,
        held: Sequence[Held],
        asked: str,
        said: Sequence[Turn] = (),
        *,
        who: Asker | None = None,
        follow: Follow | None = None,
    ) -> tuple[Answer, dict[str, Article]]:
        """The same of several stories together."""
        counts = await self._counts(held)
        leads = {h.lead.article.id: h.lead.article for h in held}
        told = [h.lead.article for h in await self._store.get([i for i in counts if i not in leads]) if h is not None]
        articles = dict([*leads.items(), *((a.id, a) for a in told)][:_TOGETHER])
        passages = [_passage(a, counts.get(a.id, _OTHERS_COUNT)) for a in articles.values()]
        answer, cited = await self._answered(passages, _Asked(asked, said, who, follow), articles)
        one_story = answer.abstained and len(held) == 1
        return (replace(answer, text=THE_ARTICLE_DOES_NOT_SAY) if one_story else answer), cited

    async def elsewhere(self, held: Sequence[Held], asked: str, said: Sequence[Turn] = ()) -> tuple[Answer, dict[str, Article]]:
        """What the rest of the knowledge base has on a question that these articles don't answer: quoted offline, which costs nothing.
        Whatever fails is no answer; nor is one looked for to a question of hardly any words, which means these articles."""
        if len(question(asked).terms) < _TELLING:
            return await self._offline.answer("", []), {}
        text = with_turns(asked, said)
        try:
            but = await self._counts(held)
            near = {i: n for i, n in (await self._found(text)).items() if i not in but}
            articles = await self._articles(near)
        except AinewsError as error:
            _log.warning("nothing_looked_up_elsewhere", reason=str(error))
            articles, near = {}, {}
        answer = await self._offline.answer(text, [_passage(a, near[a.id]) for a in articles.values()])
        return answer, _cited(answer, articles)

    async def of_everything(
        self, asked: str, said: Sequence[Turn] = (), *, who: Asker | None = None, follow: Follow | None = None
    ) -> tuple[Answer, dict[str, Article]]:
        """Asked of the whole knowledge base, and of what the last turn of the conversation was about."""
        near = await self._found(with_turns(asked, said))
        for article_id in said[-1].about[:2] if said else ():
            near.setdefault(article_id, _LEAST)
        articles = await self._articles(near)
        passages = [_passage(a, near[a.id]) for a in articles.values()]
        return await self._answered(passages, _Asked(asked, said, who, follow), articles)

    async def _counts(self, held: Sequence[Held]) -> dict[str, float]:
        """The ids of these articles and of what else tells their events, with how much each counts."""
        counts: dict[str, float] = {}
        for each in held:
            lead = each.lead.article.id
            story = await self._lookups.story(each)
            counts[lead] = 1.0
            for other in [a.article.id for a in story.articles if a.article.id != lead][:_OTHERS]:
                counts.setdefault(other, _OTHERS_COUNT)
        return counts

    async def _answered(
        self, passages: Sequence[Passage], asked: _Asked, articles: dict[str, Article]
    ) -> tuple[Answer, dict[str, Article]]:
        began = time.monotonic()
        with span("question answer", workspace=workspace(), articles=len(articles)) as step:
            answer = await self._answering.answer(asked.text, passages, asked.said, follow=asked.follow, who=asked.who)
            by = "kept" if answer.provenance == "claude" and answer.usage is None else answer.provenance
            step.set(by=by, abstained=answer.abstained)
        measures.answered(by, time.monotonic() - began, abstained=answer.abstained)
        await self._told(by, abstained=answer.abstained)
        return answer, _cited(answer, articles)

    async def _told(self, by: str, *, abstained: bool) -> None:
        try:
            if self._activity is not None:
                await self._activity.answered(datetime.now(UTC).date(), by, abstained=abstained)
        except StoreError as error:
            _log.warning("answer_not_counted", reason=str(error))

    async def _found(self, text: str) -> dict[str, float]:
        """Ids of the articles that the index finds, with how near each is to the best."""
        await self._index.follow()
        asked = text[:_LONGEST_QUERY]
        hits = await self._index.search(asked, limit=_ASKED)
        if not hits:  # what a question quotes need not stand anywhere as it is
            hits = await self._index.search(asked.translate(_UNQUOTED), limit=_ASKED)
        best = max((h.relevance for h in hits), default=0.0) or 1.0
        return {h.article_id: max(_LEAST, min(1.0, h.relevance / best)) for h in hits}

    async def _articles(self, ids: Iterable[str]) -> dict[str, Article]:
        held = [h for h in await self._store.get(list(ids)) if h is not None]
        return {h.lead.article.id: h.lead.article for h in held}


def text_of(article: Article) -> str:
    """The text of an article that is asked and cited: its body, or without one its title."""
    return article.body or article.title


def _cited(answer: Answer, articles: dict[str, Article]) -> dict[str, Article]:
    cited = {c.article_id for c in answer.citations}
    return {i: a for i, a in articles.items() if i in cited}


def _passage(article: Article, relevance: float) -> Passage:
    dated = f"published {article.published:%d %B %Y}" if article.published else ""
    about = ", ".join(filter(None, (article.publisher, dated)))
    return Passage(article.id, text_of(article), article.title, relevance, about)
