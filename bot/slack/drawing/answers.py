"""An answer to a question, as blocks: the answer, its sources as numbered quotes, and what it is based on.

Text from articles and models stands where Slack parses nothing. Links are ours alone: the article's own address, with the quoted words as
a text fragment, at which a browser opens the page. An address that is part of a quote is not shown.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote as percent

from bot.slack import ids
from bot.slack.drawing.elements import (
    Json,
    actions,
    blocks,
    button,
    context,
    link,
    modal,
    paragraph,
    quote,
    rich,
    section,
    text,
)
from digest.answers.ports import Sentence
from digest.rendering import words
from digest.rendering.cleaning import one_line, shorten
from digest.rendering.slack_limits import URL
from digest.rendering.slack_split import split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.answers.ports import Answer, Citation
    from digest.model import Article

#: Of a quote beside an answer that was written, and of one that is the answer.
_BESIDE: Final = 240
_QUOTE: Final = 2_000
#: Words at each end of a longer quote by which a browser finds it.
_FRAGMENT_WORDS: Final = 6
#: Characters around a passage that its modal shows.
_AROUND: Final = 400
_MOST_PASSAGES: Final = 12
_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]{0,15}:/{1,2}\S+|www\.\S+|mailto:\S+|[\w.+-]{1,64}@[\w-]{1,63}\.\S+|<[!@#][^<>]{0,300}>|"
    r"@(?:channel|here|everyone)\b",
    re.IGNORECASE,
)


def answer_blocks(
    question: str, answer: Answer, articles: Mapping[str, Article], *, elsewhere: Answer | None = None, asked: bool = True
) -> list[Json]:
    """``articles``: those that are cited, by id. ``elsewhere``: what others say where those that were asked don't. ``asked``: with the
    question, where it is not to be seen above."""
    above = blocks([asked_block(question) if asked else None])
    return [*above, *said_blocks(answer), *source_blocks(answer, articles, elsewhere)]


def asked_block(question: str) -> Json | None:
    """What was asked."""
    return rich(section([text("Question: ", bold=True), text(shorten(quotable(question), 300), italic=True)]))


def said_blocks(answer: Answer) -> list[Json]:
    """The answer itself, a block for each sentence as they came one by one; nothing where the quotes are the answer."""
    quoted = answer.provenance == "offline" and not answer.abstained
    made = map(sentence_block, answer.sentences or (() if quoted else (Sentence(answer.text),)))
    return [block for block, _ in split_blocks(blocks(made))]


def sentence_block(sentence: Sentence) -> Json | None:
    """A sentence with the numbers of its sources."""
    numbers = "".join(f"[{n}]" for n in sentence.sources)
    mark = f" ({sentence.mark})" if sentence.mark else ""
    return rich(
        section(
            [
                text(quotable(sentence.text)),
                text(f" {numbers}" if numbers else "", bold=True),
                text(quotable(mark) and f" {quotable(mark)}", italic=True),
            ]
        )
    )


def source_blocks(answer: Answer, articles: Mapping[str, Article], elsewhere: Answer | None = None) -> list[Json]:
    """What stands below: the quotes, what it is based on, and buttons."""
    longest = _BESIDE if answer.sentences else _QUOTE
    cited = [*answer.citations, *(elsewhere.citations if elsewhere else ())]
    made = [
        rich(*_quotes(answer.citations, articles, longest)),
        *_elsewhere(elsewhere, articles),
        context(
            _based(answer),
            "" if answer.abstained else _BY[answer.provenance],
            *_as_of(cited, articles),
            *map(quotable, answer.notes),
        ),
        actions(button("Passages", ids.PASSAGES, passages_value(cited), label="Show the passages quoted, in their article"))
        if cited
        else None,
    ]
    feedback = blocks([_feedback(cited[0].article_id) if cited else None])
    return [*(block for block, _ in split_blocks(blocks(made))), *feedback]


def quotable(said: str) -> str:
    """``said`` on one line, with what could be taken for a link or a mention left out."""
    return _ADDRESS.sub("[…]", one_line(said))


def passage_link(url: str, words_quoted: str) -> str:
    """``url`` so that a browser opens it at the words quoted (a text fragment, which others ignore)."""
    split = one_line(words_quoted).split()
    if not split or "#:~:" in url:
        return url
    ends = [split] if len(split) <= 2 * _FRAGMENT_WORDS else [split[:_FRAGMENT_WORDS], split[-_FRAGMENT_WORDS:]]
    told = ",".join(percent(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    made = f"{url}{'' if '#' in url else '#'}:~:text={told}"
    return made if len(made) <= URL else url


def _quotes(cited: Iterable[Citation], articles: Mapping[str, Article], longest: int, first: int = 1) -> list[Json | None]:
    found: list[Json | None] = []
    for number, each in enumerate(cited, start=first):
        article = articles.get(each.article_id)
        named = link(shorten(quotable(article.title), 120), passage_link(article.url, each.quote)) if article else None
        publisher = f" {quotable(article.publisher)}" if article and article.publisher else ""
        said = text(f"“{shorten(quotable(each.quote), longest)}” ")
        found.append(quote([text(f"[{number}] ", bold=True), said, named, text(publisher)]))
    return found


def _elsewhere(elsewhere: Answer | None, articles: Mapping[str, Article]) -> list[Json | None]:
    if elsewhere is None or not elsewhere.citations:
        return []
    return [
        rich(section([text("Elsewhere in the knowledge base:", bold=True)]), *_quotes(elsewhere.citations, articles, _QUOTE)),
    ]


def _based(answer: Answer) -> str:
    return f"Based on {words.count(answer.articles, 'article')}." if answer.articles > 1 else ""


def _as_of(cited: Iterable[Citation], articles: Mapping[str, Article]) -> list[str]:
    """Of texts that were read from their pages: when, since a page may say something else by now."""
    read = {a.page_read.date() for c in cited if (a := articles.get(c.article_id)) and a.page_read}
    dates = " and ".join(words.short_date(day) for day in sorted(read))
    return [f"From the web page as of {dates}."] if dates else []


def passages_value(cited: Sequence[Citation]) -> str:
    """Which passages, for a button: ids, places and a sum of the words."""
    return json.dumps(
        [[c.article_id, c.start, c.end, zlib.crc32(c.quote.encode("utf-8", "replace"))] for c in cited[:_MOST_PASSAGES]]
    )


def passages_of(value: str) -> list[tuple[str, int, int, int]]:
    """What ``passages_value`` made. Raises ValueError where it is something else."""
    made = json.loads(value)
    found = []
    for each in made if isinstance(made, list) else []:
        match each:
            case [str(article_id), int(start), int(end), int(checksum)] if 0 <= start < end:
                found.append((article_id, start, end, checksum))
            case _:
                raise ValueError("these are no passages")
    return found


def passages_view(passages: Sequence[tuple[str, int, int, int]], texts: Mapping[str, tuple[Article, str]]) -> Json:
    """The modal in which each passage stands in its article. ``texts``: the articles that are still held, each with its text."""
    made: list[Json | None] = []
    for number, (article_id, start, end, checksum) in enumerate(passages, start=1):
        article, body = texts.get(article_id, (None, ""))
        said = body[start:end]
        if article is None or zlib.crc32(said.encode("utf-8", "replace")) != checksum:
            gone = "This article is no longer held." if article is None else "This article has changed since it was quoted."
            made.append(paragraph(f"[{number}] {gone}"))
            continue
        before, after = body[max(0, start - _AROUND) : start], body[end : end + _AROUND]
        title = link(shorten(quotable(article.title), 150), passage_link(article.url, said), bold=True)
        made.append(rich(section([text(f"[{number}] ", bold=True), title])))
        lead = ("…" if start > _AROUND else "") + quotable(before) + (" " if before[-1:].isspace() else "")
        tail = (" " if after[:1].isspace() else "") + quotable(after) + ("…" if end + _AROUND < len(body) else "")
        around = [text(lead), text(quotable(said), bold=True), text(tail)]
        made.append(rich(quote(around)))
    held = [block for block, _ in split_blocks(blocks(made))][:100]
    return modal(ids.PASSAGES, "Passages", held or [paragraph("Nothing was quoted.")])


def _feedback(article_id: str) -> Json:
    """Slack's own buttons: what is pressed counts as a wish for more or less like the article that is cited first."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ids.FEEDBACK,
                "positive_button": _vote("Good answer", f"{ids.MORE}|{article_id}", "More answers and stories like this"),
                "negative_button": _vote("Bad answer", f"{ids.LESS}|{article_id}", "Fewer answers and stories like this"),
            }
        ],
    }


def _vote(words: str, value: str, label: str) -> Json:
    return {"text": {"type": "plain_text", "text": words}, "value": value, "accessibility_label": label}


_BY: Final = {"offline": "Quoted word for word, without a model.", "claude": "Written by Claude from the passages quoted."}
