"""Which passages a question is asked of: those of an article and its story, or of the articles that the index finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.answers.ports import Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.answers.ports import Answer, Answerer, Turn
    from digest.lookups.lookups import Lookups
    from digest.model import Article
    from digest.ports import ArticleStore, Held, SearchIndex

#: Articles that a question to the whole knowledge base is asked of.
_ASKED: Final = 8
#: Other articles of a story that are asked beside the one that was meant, and how much less their sentences count.
_OTHERS: Final = 4
_OTHERS_COUNT: Final = 0.8
#: The least that a found article counts, however far behind the first.
_LEAST: Final = 0.5
_LONGEST_QUERY: Final = 400


class Questions:
    """What people ask. ``of_…`` give the answer and, by id, the articles that it cites; they raise StoreError, and what searches raises
    SearchError."""

    def __init__(self, answerer: Answerer, store: ArticleStore, index: SearchIndex, lookups: Lookups) -> None:
        self._answerer = answerer
        self._store = store
        self._index = index
        self._lookups = lookups

    async def of_article(self, held: Held, asked: str, said: Sequence[Turn] = ()) -> tuple[Answer, dict[str, Article]]:
        """Asked of an article, and of what else tells its event. ``said``: earlier turns of the conversation, the oldest first."""
        article = held.lead.article
        story = await self._lookups.story(held)
        others = [a.article.id for a in story.articles if a.article.id != article.id][:_OTHERS]
        told = [h.lead.article for h in await self._store.get(others) if h is not None]
        articles = {a.id: a for a in (article, *told)}
        passages = [_passage(a, 1.0 if a.id == article.id else _OTHERS_COUNT) for a in articles.values()]
        return await self._answered(asked, passages, said, articles)

    async def of_everything(self, asked: str, said: Sequence[Turn] = ()) -> tuple[Answer, dict[str, Article]]:
        """Asked of the whole knowledge base."""
        await self._index.follow()
        hits = await self._index.search(asked[:_LONGEST_QUERY], limit=_ASKED)
        best = max((h.relevance for h in hits), default=0.0) or 1.0
        near = {h.article_id: max(_LEAST, min(1.0, h.relevance / best)) for h in hits}
        held = [h for h in await self._store.get(list(near)) if h is not None]
        articles = {h.lead.article.id: h.lead.article for h in held}
        passages = [_passage(a, near[a.id]) for a in articles.values()]
        return await self._answered(asked, passages, said, articles)

    async def _answered(
        self, asked: str, passages: Sequence[Passage], said: Sequence[Turn], articles: dict[str, Article]
    ) -> tuple[Answer, dict[str, Article]]:
        answer = await self._answerer.answer(asked, passages, said)
        cited = {c.article_id for c in answer.citations}
        return answer, {i: a for i, a in articles.items() if i in cited}


def text_of(article: Article) -> str:
    """The text of an article that is asked and cited: its body, or without one its title."""
    return article.body or article.title


def _passage(article: Article, relevance: float) -> Passage:
    return Passage(article.id, text_of(article), article.title, relevance)
