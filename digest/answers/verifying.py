"""Whether a sentence that a model wrote may be shown: it cites passages that are in the article word for word, and they bear it out. Pure.

- A citation whose words are not in the document is dropped; a sentence without one is dropped.
- Numbers and dates that are not in the passages cited: the sentence is dropped.
- Names that are not in them: the sentence is dropped, unless the article has the name elsewhere; then it is marked.
- Links, addresses, mentions and their like: the sentence is dropped, also where the article itself has them. Links are ours alone.
- That the article does not say something is said in our words, not in the model's.

Names are looked at leniently, as in ``assessment.grounding``; but here the word that opens a sentence is looked at too, because what a
sentence of an answer is about stands there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from digest.answers.ports import Citation, Sentence
from digest.answers.terms import stems
from digest.assessment.figures import months_in, uncounted, undated
from digest.assessment.grounding import Evidence, unsupported
from digest.assessment.prompt import clean
from digest.assessment.terms import COMMON_WORDS, STOP_WORDS
from digest.rendering.cleaning import is_blank, one_line
from digest.stories.commonness import commonness
from digest.stories.words import stemmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.answers.passages import Shown

#: Longer is no sentence that anybody checks.
LONGEST_SENTENCE: Final = 800
#: Each alternative begins with few characters: what comes before them does not matter, and looking for it would take long.
_LINK: Final = re.compile(
    r"\w:/|www\.|\]\s{0,9}\(|!\[|mailto:|<[!@#a-z/]|&lt;|@(?:channel|here|everyone)\b|[\w+-]@[\w-]{1,63}\.\w|"
    r"\w\.[^\W\d_]{2,12}[/?#]|\bxox[a-z]-|\bsk-[a-z]{2,9}-",
    re.IGNORECASE,
)
#: What could be read as an address, such as ``example.com``: allowed where the passages have it, as a company's name may be one.
_HOST: Final = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.){1,8}(?:[a-z]{2,12}|[A-Z]{2,12}|[^\W\d_a-zA-Z]{2,12})(?![\w-])")
_UNSAID: Final = re.compile(
    r"(?:the|these) (?:articles?|documents?|passages?) (?:does|do|did)(?: not|n['’]t) (?:say|state|mention)\b|"
    r"(?:none|neither) of (?:the|these) (?:articles?|documents?|passages?) (?:says?|states?|mentions?)\b",
    re.IGNORECASE,
)
_DECORATION: Final = re.compile(r"[*_`~]{2,3}|`|^\s*(?:#{1,6}|[-*•‣▪]|>)\s+|^\s*\d{1,2}[.)]\s+")
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_WEEKDAY: Final = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_MAY: Final = re.compile(r"\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? May|May \d{1,4}|(?:in|since|until|by|of|last|next) May)\b")
#: A word that the table does not have; see ``commonness``.
_UNKNOWN_RARITY: Final = 7.0
#: Names that are common words of this field or of the world, so that their rarity does not tell them from words.
_KNOWN_NAMES: Final = frozenset(
    "google openai chatgpt gpt claude gemini anthropic microsoft meta amazon apple nvidia copilot llama mistral deepseek xai grok perplexity "
    "facebook instagram youtube tiktok linkedin reddit whatsapp salesforce adobe hubspot shopify adwords android iphone twitter netflix "
    "spotify walmart intel ibm oracle samsung sony tesla uber europe asia africa america england britain scotland ireland france germany "
    "italy spain portugal netherlands belgium austria switzerland poland sweden norway denmark finland greece turkey russia ukraine china "
    "japan india korea taiwan singapore australia canada mexico brazil argentina israel egypt london paris berlin brussels washington "
    "california texas york tokyo beijing european american british french german italian spanish chinese japanese indian russian".split()
)


@dataclass
class Verifier:
    """Of one answer. ``citations``: what was cited so far, in order, each once. ``dropped``: how many sentences were; ``unsaid``: whether
    the model said that the articles don't say, of all or of a part."""

    documents: Sequence[Shown]
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    unsaid: bool = False

    def checked(self, text: str, cited: Sequence[tuple[int, int, int, str]]) -> Sentence | None:
        """``text`` as it may be shown, or None. ``cited``: of each citation the document's number from 0, where it begins and ends in
        it, and the words."""
        said = plain(text)
        if is_blank(said) or not any(c.isalnum() for c in said):
            return None
        found = list(dict.fromkeys(filter(None, (self._citation(*each) for each in cited))))
        if not found and _UNSAID.match(said):
            self.unsaid = True
            return None
        mark = self._mark(said, found) if found and len(said) <= LONGEST_SENTENCE else None
        if mark is None:
            self.dropped += 1
            return None
        return Sentence(said, tuple(self._number(c) for c in found), mark)

    def _citation(self, document: int, start: int, end: int, words: str) -> Citation | None:
        if not 0 <= document < len(self.documents):
            return None
        return self.documents[document].citation(start, end, words)

    def _mark(self, said: str, found: Sequence[Citation]) -> str | None:
        """Empty where ``found`` bears ``said`` out, words where a name is elsewhere, None where it does not."""
        quotes = "\n".join(one_line(c.quote) for c in found)
        if has_link(said, allowed=quotes):
            return None
        evidence = Evidence(quotes)
        if uncounted(said, evidence.numbers) or not _dated(said, quotes, evidence):
            return None
        about = {c.article_id for c in found}
        shown = [d for d in self.documents if d.passage.article_id in about]
        whole = Evidence("\n".join(f"{d.passage.title}\n{d.text}" for d in shown))
        wanting = [*unsupported(said, evidence), *_opening(said, evidence, "\n".join(d.text for d in shown))]
        if not wanting:
            return ""
        if any(_absent(name, whole) for name in wanting):
            return None
        return f"the passage doesn't name {', '.join(dict.fromkeys(wanting))}"

    def _number(self, citation: Citation) -> int:
        if citation not in self.citations:
            self.citations.append(citation)
        return self.citations.index(citation) + 1


def plain(text: str) -> str:
    """One line without markup and what no reader sees."""
    return one_line(_DECORATION.sub("", clean(text)))


def has_link(text: str, allowed: str = "") -> bool:
    """Whether something in ``text`` is, or would be taken for, a link, an address or a mention; a bare host may be one of ``allowed``."""
    looked = unicodedata.normalize("NFKC", text).replace("\u200c", "").replace("\u200d", "")
    if _LINK.search(looked):
        return True
    known = {h.lower() for h in _HOST.findall(unicodedata.normalize("NFKC", allowed))}
    return any(h.lower() not in known for h in _HOST.findall(looked))


def _dated(said: str, quotes: str, evidence: Evidence) -> bool:
    days = {d.lower() for d in _WEEKDAY.findall(said)}
    lowered = quotes.lower()
    return (
        not undated(said, months_in(quotes))
        and all(d[:3] in lowered for d in days)
        and (not _MAY.search(said) or "may" in evidence.words or "-05-" in quotes)
    )


def _opening(said: str, evidence: Evidence, text: str) -> list[str]:
    """The word that opens ``said``, where it is a name that ``evidence`` does not have: an unknown word, a known name, or what ``text``
    writes as a name inside its sentences."""
    first = _WORD.search(said)
    if first is None or not first.group()[0].isupper():
        return []
    word = re.sub(r"['’]s?$", "", first.group())
    lowered = word.lower()
    if lowered in STOP_WORDS or lowered in COMMON_WORDS or not _absent(word, evidence):
        return []
    rare = all(commonness().rarity(stemmed(part)) >= _UNKNOWN_RARITY for part in re.split("-", lowered))
    return [word] if rare or lowered in _KNOWN_NAMES or _is_name_in(word, text) else []


def _absent(word: str, evidence: Evidence) -> bool:
    """Whether neither ``word`` nor a form of it is in the text."""
    return bool(unsupported(f"It is {word}", evidence)) and not _has(word, evidence)


def _has(word: str, evidence: Evidence) -> bool:
    """Whether its stems are in the text."""
    mine, there = stems(word), stems(evidence.text)
    return bool(mine) and all(m in there for m in mine)


def _is_name_in(word: str, text: str) -> bool:
    """Whether ``text`` has it with a capital after a word without, and never without a capital: headings do not count."""
    inside = re.search(rf"\b[a-z][\w'’]*,? {re.escape(word)}\b", text)
    return inside is not None and re.search(rf"\b{re.escape(word.lower())}\b", text) is None
