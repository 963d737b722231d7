"""Cuts rich text that is too long for one block into several, so that put together again they hold the very same text.

Lists are cut between items, sections between elements, and a text only where it alone is too long: after a space if
there is one in its second half, and never inside an emoji or before a combining mark. Blocks of other kinds are not
cut: our templates put nothing long in them, and what an operator's put there is for the check to refuse.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from digest.rendering.slack_limits import RICH_TEXT, weigh, weigh_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.rendering.slack_limits import Json

#: A block and its weight.
Weighed = tuple[dict[str, Any], int]


def split_blocks(blocks: Sequence[Json], most: int = RICH_TEXT) -> list[Weighed]:
    """``blocks`` with their weights, each rich_text heavier than ``most`` as several; an address may come on top."""
    weighed = [(block, weigh([block])) for block in blocks]
    if all(weight <= most for _, weight in weighed):
        return weighed
    return [piece for block, weight in weighed for piece in _split_block(block, weight, most)]


def split_text(text: str, most: int) -> list[str]:
    """``text`` in pieces of a weight of at most ``most`` (at least 64); joined they are ``text``."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = _cut(text, start, most)
        pieces.append(text[start:end])
        start = end
    return pieces


def _split_block(block: Json, weight: int, most: int) -> Iterator[Weighed]:
    if weight <= most or not isinstance(block, dict) or block.get("type") != "rich_text":
        yield block, weight
        return
    parts = [piece for part in _elements(block) for piece in _split_part(part, most)]
    for group in _packed(parts, most):
        yield {**block, "elements": group}, weigh(group)


def _split_part(part: Json, most: int) -> Iterator[Json]:
    if not isinstance(part, dict) or weigh(part) <= most:
        yield part
        return
    cut: Callable[[Json, int], Iterable[Json]] = _split_part if part.get("type") == "rich_text_list" else _split_leaf
    pieces = [piece for element in _elements(part) for piece in cut(element, most)]
    for group in _packed(pieces, most):
        yield {**part, "elements": group}


def _split_leaf(leaf: Json, most: int) -> list[Json]:
    text = leaf.get("text") if isinstance(leaf, dict) else None
    if not isinstance(text, str) or weigh_text(text) <= most:
        return [leaf]
    return [{**leaf, "text": piece} for piece in split_text(text, most)]


def _packed(nodes: Sequence[Json], most: int) -> Iterator[list[Json]]:
    """``nodes`` in order in groups of at most ``most``; one that is heavier stands alone."""
    group: list[Json] = []
    weight = 0
    for node in nodes:
        heavier = weigh(node)
        if group and weight + heavier > most:
            yield group
            group, weight = [], 0
        group.append(node)
        weight += heavier
    if group:
        yield group


def _elements(node: Json) -> list[Any]:
    elements = node.get("elements")
    return elements if isinstance(elements, list) else []


def _cut(text: str, start: int, most: int) -> int:
    """Where the piece that begins at ``start`` ends."""
    end = min(len(text), start + most)
    while (weight := weigh_text(text[start:end])) > most:
        end = start + max(1, (end - start) * most // weight)
    if end == len(text):
        return end
    space = text.rfind(" ", start + (end - start) // 2, end)
    if space >= 0:
        return space + 1
    whole = next((e for e in range(end, max(start, end - 32), -1) if not _continues(text, e)), end)
    return max(whole, start + 1)


def _continues(text: str, at: int) -> bool:
    """Whether the character at ``at`` belongs to the one before: combining marks, joined emoji, skin tones, flags."""
    after, before = text[at], text[at - 1]
    return (
        unicodedata.category(after).startswith("M")
        or "\u200d" in (after, before)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
    )
