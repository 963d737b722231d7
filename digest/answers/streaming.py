"""A model's answer as it comes: its text in pieces with what each cites, its sentences as soon as each is whole, what it used and why it
stopped. Events are believed no further than their types go: the SDK does not check them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from digest.answers.passages import LONGEST_CITED
from digest.assessment.sentences import spans
from digest.errors import AssessmentError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Of one citation: the document's number, where it begins and ends in it, and the words.
Cited = tuple[int, int, int, str]
#: Most characters of an answer that are read, over what any model may write.
_MOST: Final = 60_000
_CHARS_PER_TOKEN: Final = 3


@dataclass
class Reported:
    """What a call used, by the SDK's names, as far as it was told; output that was not counted yet by its length."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0

    def take(self, usage: object) -> None:
        """Counts only grow."""
        for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
            count = getattr(usage, name, 0)
            if isinstance(count, int) and count > getattr(self, name):
                setattr(self, name, count)


@dataclass
class Reading:
    """One streamed message. ``stop``: why it ended, empty while it has not."""

    events: AsyncIterator[Any]
    reported: Reported = field(default_factory=Reported)
    stop: str = ""
    begun: bool = False
    _length: int = 0

    async def pieces(self) -> AsyncIterator[tuple[str, tuple[Cited, ...]]]:
        """Its text, block by block, with what each block cites. Raises AssessmentError where it ends in the middle, and what the
        transport raises."""
        text, cited = "", list[Cited]()
        async for event in self.events:
            kind = getattr(event, "type", "")
            if kind == "message_start":
                self.begun = True
                self.reported.take(getattr(getattr(event, "message", None), "usage", None))
            elif kind == "content_block_start":
                text, cited = _text(getattr(event, "content_block", None)), _cited(getattr(event, "content_block", None))
            elif kind == "content_block_delta":
                delta = getattr(event, "delta", None)
                text += _text(delta)
                cited += _cited(delta)
                self._count(len(_text(delta)))
            elif kind == "content_block_stop":
                if text:
                    yield text, tuple(cited)
                text, cited = "", []
            elif kind == "message_delta":
                self.stop = str(getattr(getattr(event, "delta", None), "stop_reason", None) or self.stop)
                self.reported.take(getattr(event, "usage", None))
            elif kind == "message_stop":
                return
        if not self.stop:
            raise AssessmentError("Claude broke off in the middle of its answer", kind="connection")

    def _count(self, characters: int) -> None:
        self._length += characters
        if self._length > _MOST:
            raise AssessmentError("Claude's answer did not end", kind="invalid")
        self.reported.output_tokens = max(self.reported.output_tokens, self._length // _CHARS_PER_TOKEN)


def _text(of: object) -> str:
    text = getattr(of, "text", None) if getattr(of, "type", "") in ("text", "text_delta") else None
    return text if isinstance(text, str) else ""


def _cited(of: object) -> list[Cited]:
    """The citations of a block, or of a delta."""
    if getattr(of, "type", "") == "citations_delta":
        found: Any = [getattr(of, "citation", None)]
    else:
        found = getattr(of, "citations", None) or []
    made = []
    for each in found if isinstance(found, list) else []:
        place = [getattr(each, name, None) for name in ("document_index", "start_char_index", "end_char_index")]
        words = getattr(each, "cited_text", None)
        if all(isinstance(p, int) for p in place) and isinstance(words, str) and len(words) <= 2 * LONGEST_CITED:
            made.append((place[0], place[1], place[2], words))
    return made  # type: ignore[return-value]


@dataclass
class Sentences:
    """Puts pieces together and gives whole sentences, each with what the pieces it is made of cite."""

    _text: str = ""
    _done: int = 0
    _marks: list[tuple[int, int, tuple[Cited, ...]]] = field(default_factory=list)

    def add(self, text: str, cited: tuple[Cited, ...]) -> list[tuple[str, tuple[Cited, ...]]]:
        """The sentences that are whole now that ``text`` was added: all but the last, which may go on."""
        start = len(self._text)
        self._text += text
        self._marks.append((start, len(self._text), cited))
        return self._whole(last=False)

    def end(self) -> list[tuple[str, tuple[Cited, ...]]]:
        """What is left."""
        return self._whole(last=True)

    def _whole(self, *, last: bool) -> list[tuple[str, tuple[Cited, ...]]]:
        found: list[tuple[int, int]] = []
        at = self._done
        for line in self._text[self._done :].split("\n"):
            ends = [(at + a, at + b) for a, b in spans(line)]
            found += ends
            at += len(line) + 1
        open_line = not self._text.endswith("\n")
        if not last and found and open_line and found[-1][1] >= self._text.rfind("\n") + 1:
            found.pop()
        made = []
        for start, end in found:
            cited = dict.fromkeys(c for a, b, cs in self._marks if a < end and b > start for c in cs)
            made.append((self._text[start:end], tuple(cited)))
            self._done = end
        return made
