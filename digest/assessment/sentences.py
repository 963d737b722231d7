"""A text in sentences, each verbatim, with what is needed to tell sentences for a reader from headings, crumbs and boilerplate.

It knows punctuation, not meaning: which sentences matter is for ``summary.py``. Work is bounded whatever the text: only its
first ``MAX_CHARS`` characters and ``MAX_SENTENCES`` sentences are looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from digest.assessment.terms import count_words

#: About 10,000 words. The longest of 175 sample documents has 2,900; what is beyond is a book, a log or an attack.
MAX_CHARS: Final = 60_000
MAX_SENTENCES: Final = 400
#: Longer than this is a list or a page without punctuation, not a sentence; the longest real one in the sample has 470.
MAX_SENTENCE_CHARS: Final = 600
#: The beginning of a sentence that tells whether it is furniture.
FURNITURE_CHARS: Final = 300
#: Around a full stop that is looked at to tell whether it ends a sentence.
NEAR_CHARS: Final = 80
#: A quotation of several sentences is kept whole if no more than this is left of it.
QUOTED_CHARS: Final = 200
#: Share of the marks of programs from which a line is taken for one. Prose of the sample has under 0.03.
CODE_SHARE: Final = 0.06
#: Without a full stop, up to this many words are taken for a heading or an entry of a list.
HEADING_WORDS: Final = 11


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its ``text`` on one line and how many ``words`` it has.

    ``whole``: it ends as a sentence does. ``cut``: the publisher cut it off ("… […]"); the mark of that is not in ``text``.
    """

    text: str
    words: int
    whole: bool
    cut: bool = False


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of ``text`` in order, headings and entries of lists among them; nothing for text without letters."""
    found: list[Sentence] = []
    for paragraph in _PARAGRAPH.split(text[:MAX_CHARS]):
        for piece in _split(" ".join(paragraph.split())):
            if len(found) == MAX_SENTENCES:
                return tuple(found)
            if has_letters(piece):
                found.append(_sentence(piece))
    return tuple(found)


def spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of ``text`` begin and end in it, so that each can be quoted word for word."""
    found: list[tuple[int, int]] = []
    start = 0
    for gap in (*_PARAGRAPH.finditer(text[:MAX_CHARS]), None):
        paragraph = text[start : gap.start() if gap else MAX_CHARS]
        # Characters that are not space are the same in a line and in its paragraph, in order.
        places = [start + n for n, c in enumerate(paragraph) if not c.isspace()]
        at = 0
        for piece in _split(" ".join(paragraph.split())):
            length = sum(not c.isspace() for c in piece)
            if len(found) == MAX_SENTENCES:
                return found
            if has_letters(piece):
                found.append((places[at], places[at + length - 1] + 1))
            at += length
        start = gap.end() if gap else start
    return found


def has_letters(text: str) -> bool:
    """Whether there is anything to read in ``text``: an address alone says nothing."""
    return bool(_LETTER.search(_ADDRESS.sub(" ", text) if "://" in text else text))


def is_heading(sentence: Sentence) -> bool:
    """Whether it reads like a heading, a label or an entry of a list rather than a statement."""
    return not sentence.whole and not sentence.cut and sentence.words <= HEADING_WORDS


def is_boilerplate(sentence: Sentence) -> bool:
    """Whether it is the page's furniture: credits, sign-ups, cookie notices, calls to click or to share."""
    beginning = sentence.text[:FURNITURE_CHARS]
    lowered = beginning.lower()
    return bool(_FURNITURE.match(beginning)) or any(w in lowered and notice.search(lowered) for w, notice in _NOTICES)


def is_code(sentence: Sentence) -> bool:
    """Whether it reads like a line of a program rather than of prose."""
    beginning = sentence.text[:FURNITURE_CHARS]
    return len(_CODE.findall(beginning)) > CODE_SHARE * len(beginning)


_CODE: Final = re.compile(r"[{}\[\]=;<>|\\`_]|\w\(")
_PARAGRAPH: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•▪‣–]|\d{1,2}[.)])\s)|\r\n|[\u2028\u2029]")
_ADDRESS: Final = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")

_CLOSING: Final = "\"'”’»)\\]›」』"
#: A possible end: marks, closing quotes, then a space; or a full stop of a script that puts no space behind it.
#: Possessive and anchored at the first mark of a run: a megabyte of full stops takes one pass.
_END: Final = re.compile(rf"(?<![.!?…؟۔।॥])[.!?…؟۔।॥]++[{_CLOSING}]*+(?=\s)|[。！？｡]++[{_CLOSING}]*+")
_OPENING: Final = "\"'“‘«([‹「『¿¡-–—•*"
#: After these a full stop ends nothing. Compared in lower case, without it.
_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms dr prof sr jr st vs etc inc ltd co corp no nos vol fig eq approx dept est al cf ca e.g i.e eg ie u.s u.k u.n e.u "
    "a.m p.m ph.d b.a m.a gen gov sen rep rev hon capt col lt sgt jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed "
    "thu fri sat sun bzw z.b d.h u.a usw ggf nr str mio mrd bspw p.ex mme mlle sig sra".split()
)
#: These end a sentence as often as not: they do where a capital follows that is not a name's part.
_OFTEN_LAST: Final = frozenset({"etc", "inc", "ltd", "co", "corp", "u.s", "u.k", "e.u", "a.m", "p.m", "jr", "sr", "usw"})
_STARTERS: Final = frozenset(
    "the a an this that these those it its he she they we i you in on at for but and or so if when while as by to with from "
    "after before however meanwhile although there here what why how who now still yet then both each most some many".split()
)
_CUT: Final = re.compile(r"(?:\[ ?(?:…|\.{3}) ?\]|\( ?(?:…|\.{3}) ?\))$")
_WHOLE: Final = frozenset(".!?。！？｡؟۔।॥")
_MARK: Final = re.compile(r"^(?:[-*•▪‣–—>#]+|\d{1,2}[.)])\s+")
#: How furniture begins: credits, calls to click, share and join, labels. What may also begin a statement ("Copyright law
#: changes", "Learn why brands spend more on search") must have more of furniture than its first word.
_FURNITURE: Final = re.compile(
    r"\W*(?:submitted by|(?:image|photo|picture|featured image|video|header)\s*(?:credits?\b|source\b|courtesy\b|:|by (?-i:[A-Z])).{0,100}$"
    r"|(?:read|learn|find out|see|view|discover|watch|listen|click|tap|download|register|sign up|subscribe|join|follow)\b"
    r"(?=.{0,60}\b(?:more(?: about\b.{0,60}| (?:at|in|on|from) (?:our|the|this|my)\b.{0,40})?|here|the full (?:story|article|report|post)|now|newsletters?"
    r"|podcast|us on \w+|below|link|inbox|for free|channel|webinar)\W*$)"
    r"|(?:register|sign up|subscribe|join)\b.{0,60}\btoday\W*$|(?:read|see) (?:more|also|next)\s*[:|–—-]"
    r"|(?:continue|keep) reading|share (?:this|on)\b.{0,40}$|related\s*(?::|articles?|posts?|stories|reading)"
    r"|(?:this|the) (?:post|article|story|content|piece) (?:was |has been |is )?(?:originally |first )?"
    r"(?:appeared|published|sponsored|written by)"
    r"|advertisement\W*$|(?:sponsored (?:by|content|post)|presented by)\b.{0,60}$"
    r"|(?:disclosure|disclaimer|editor[’']s note|edit(?:ed)?)\s*:|copyright\s*(?:©|\(c\)|\d{4})|©"
    r"|thanks?(?: you)?\b(?! to\b)(?=.{0,40}(?:advance|reading|everyone|all\b|\W*$))"
    r"|all rights reserved|table of contents|skip to (?:main|content|nav)|loading\W*$|comments?$|(?:author|tags?|source)\s*:.{0,80}$"
    r"|by\s+\w+\s+\w+$|(?:https?://|www\.)\S+$|tl;?dr\s*$)",
    re.IGNORECASE,
)
#: What makes furniture of a sentence wherever it stands, each with a word that must occur for it to be looked for.
_NOTICES: Final = tuple(
    (word, re.compile(pattern, re.IGNORECASE))
    for word, pattern in (
        ("cookie", r"\b(?:we|site|website|partners) uses? cookies\b|\bcookie (?:policy|settings|preferences)\b|\baccept (?:all )?cookies\b"),
        ("privacy policy", r"\bprivacy policy\b.{0,40}(?:\bapply\b|$)|\bterms of (?:service|use)\b"),
        ("javascript", r"\benable javascript\b"),
        ("subscribe", r"\bsubscribe (?:to|for) (?:our|the|my|a)\b.{0,40}\b(?:newsletters?|updates|emails?|list)\b|\bunsubscribe\b"),
        ("sign up", r"\bsign up (?:to|for) (?:our|the|my|a)\b.{0,40}\b(?:newsletters?|updates|emails?|list)\b"),
        ("get the", r"\bget the (?:latest|best) .{0,60}\b(?:inbox|newsletter)\b"),
        ("appeared first", r"\bthe post .{1,200} appeared first\b"),
    )
)  # fmt: skip


def _split(line: str) -> list[str]:
    pieces, start = [], 0
    for end in _END.finditer(line):
        if _ends_here(line, start, end) and not _inside_quotation(line, start, end.end()):
            pieces.append(line[start : end.end()])
            start = end.end()
    pieces.append(line[start:])
    return [p.strip() for p in pieces if p.strip()]


def _ends_here(line: str, start: int, end: re.Match[str]) -> bool:
    """Whether a sentence that began at ``start`` ends at ``end``."""
    mark = end.group()
    if mark[0] in "。！？｡":
        return True
    following = line[end.end() : end.end() + NEAR_CHARS].lstrip()
    first = following.lstrip(_OPENING)[:1]
    if first.islower():
        return False
    if mark[0] in "…" or mark.startswith(".."):
        return bool(first) and not following.startswith(("[", "("))
    if mark[0] != ".":
        return True
    before = line[max(start, end.start() - NEAR_CHARS) : end.start()].rsplit(" ", 1)[-1].lstrip(_OPENING)
    return _stops(before, following)


def _inside_quotation(line: str, start: int, end: int) -> bool:
    """Whether the sentence from ``start`` to ``end`` opens a quotation that is closed soon after: it is shown whole."""
    said, rest = line[start:end], line[end : end + QUOTED_CHARS]
    if said.count("“") > said.count("”"):
        return "”" in rest and "“" not in rest[: rest.index("”")]
    return said.count('"') % 2 == 1 and '"' in rest


def _stops(word: str, following: str) -> bool:
    """Whether a full stop behind ``word`` ends a sentence, given what follows it."""
    folded = word.lower()
    if len(word) == 1 and re.match(r"\w\.", following):  # "J. K. Rowling", "z. B."
        return False
    if re.fullmatch(r"(?:[a-z]\.)*[a-z]", folded) and folded not in ("i", "a") and (word[:1].isupper() or "." in word):
        return "." in folded and _starts(following)  # an initial ("J. Smith"), or letters such as U.S.
    if folded in _ABBREVIATIONS:
        return folded in _OFTEN_LAST and _starts(following)
    return not (word.isdigit() and len(word) <= 2 and not following[:1].isupper())


def _starts(following: str) -> bool:
    first = re.match(r"\W*(\w+)", following)
    return bool(first) and first[1].lower() in _STARTERS if first else False


def _sentence(piece: str) -> Sentence:
    text = _MARK.sub("", piece)
    cut = True
    if mark := _CUT.search(text, max(0, len(text) - 8)):
        text = text[: mark.start()].rstrip("…. ")
    elif text.endswith(("…", "...")):
        text = text.rstrip("…. ")
    else:
        cut = False
    whole = not cut and text.rstrip(_CLOSING)[-1:] in _WHOLE
    return Sentence(text or piece, count_words(text), whole, cut)
