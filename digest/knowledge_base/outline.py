"""Where the parts of a document begin and end: its headings, labels and footers.

Both dialects write them in one way, which is looked for first. People and other programs write them in more: another level of
heading, another case, a colon, bold letters, a number or a sign in front, underlined. Those are looked for where the first way finds nothing,
so that an article's own ``### Summary`` is not taken for the document's. What stands in a part is for ``document`` to read.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FULL_CONTENT: Final = re.compile(r"\n##[ \t]+Full Content[ \t]*(?=\n|\Z)")
_ANALYSIS: Final = re.compile(r"\n##[ \t]+Scoring Analysis[ \t]*(?=\n|\Z)")
_SUMMARY: Final = re.compile(r"\s*##[ \t]+Summary[ \t]*\n", re.IGNORECASE)


def _in_any_way(names: str) -> str:
    """A heading of one of ``names`` in any of the ways in which headings are written; the names are the only group."""
    return (
        rf"(?:^[ ]{{0,3}}(?:\#{{1,6}}[^\w\n]{{0,8}}(?:\d{{1,2}}[.)][ ]?)?|\*\*[ ]?|__)({names})[^\w\n]{{0,8}}$"
        rf"|^({names})[ \t]*\n(?:-{{3,}}|={{3,}})[ \t]*$)"
    )


_NAMES_OF: Final = {
    "summary": r"(?:executive |article )?summary|tl;?dr",
    "key insights": r"key (?:insights|takeaways|points|learnings)|insights|takeaways",
}
_FULL: Final = r"full (?:content|text|article)|(?:original|article) (?:content|text)|original article"
_ANY_FULL_CONTENT: Final = re.compile(_in_any_way(_FULL), re.IGNORECASE | re.MULTILINE)
_ANY_ANALYSIS: Final = re.compile(_in_any_way(r"(?:scoring|relevance) analysis"), re.IGNORECASE | re.MULTILINE)
_ANY_SUMMARY: Final = re.compile(r"\s*" + _in_any_way(_NAMES_OF["summary"]), re.IGNORECASE | re.MULTILINE)
_ANY_SECTION: Final = {name: re.compile(_in_any_way(names), re.IGNORECASE | re.MULTILINE) for name, names in _NAMES_OF.items()}
_ANY_HEADING: Final = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+\S", re.MULTILINE)
#: What only the processor writes in front matter.
_PROCESSORS: Final = frozenset(("date_added", "last_updated", "tags", "source_type"))
#: Front matter that follows a heading: then the heading is that of the file kept whole.
_FRONT_MATTER_NEXT: Final = re.compile(r"\s*(?:[`~]{3,}\w*\s*)?---[ \t]*\n[ \t]*\w[\w .-]*:")

#: A label of the lines below the heading, or of the analysis: bold as the monitor writes it, else bold or plain, in a list or not.
_META: Final = re.compile(r"\s*\*\*([A-Za-z ]{2,30})\*\*[ \t]*:[ \t]*([^\n]*)(?:\n|\Z)")
_ANY_META: Final = re.compile(
    r"\s*(?:(?:[-+*]|\d[.)])[ \t]+)?(?:\*\*([A-Za-z ]{2,30})[ \t]*:[ \t]*\*\*"
    r"|[*_]{0,2}(Source|(?:Original )?URL|Published|Relevance Score|Primary Topic)[*_]{0,2}[ \t]*:[*_]{0,2})[ \t]*([^\n]*)(?:\n|\Z)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"\n\*\*(Primary Topic|Reason)\*\*[ \t]*:[ \t]*")
_ANY_LABEL: Final = re.compile(
    r"^[ \t]*(?:(?:[-+*]|\d[.)])[ \t]+)?[*_]{0,2}(Primary Topic|Reason)(?:ing)?[*_]{0,2}[ \t]*:[*_]{0,2}[ \t]*",
    re.MULTILINE | re.IGNORECASE,
)

_RULE_BELOW: Final = re.compile(r"\n---\s*\Z")

#: What the processor and the monitor write below an article; each ends the text where it begins.
_PROCESSOR_FOOTER: Final = re.compile(r"\n(?:---[ \t]*\n\s*)?\*Processed from inbox on [^\n]*\*")
_ANY_PROCESSOR_FOOTER: Final = re.compile(
    r"\n(?:---[ \t]*\n\s*)?(?:[*_]{0,2}Processed from inbox on [^\n]*(?:\n[*_]{0,2}Original file: [^\n]*)?|[*_]{1,2}Original file: [^\n]*(?=\s*\Z))"
)
_MONITOR_FOOTER: Final = re.compile(
    r"\n(?:---[ \t]*\n\s*)?(?:[*_]{1,2}(?:Article fetched by |Full content will be processed by )[^\n]*[*_]|"
    r"(?:Article fetched by [^\n]{1,80}monitor|Full content will be processed by knowledge base system)[ \t]*(?=\n|\Z)|"
    r"\*\*Original URL(?:\*\*:|:\*\*)[^\n]*(?=\s*\Z))"
)
_ORIGINAL_URL: Final = re.compile(r"\*\*Original URL(?:\*\*[ \t]*:|:\*\*)[ \t]*(\S+)")
#: A document, or the file in it, that a program handed over as a block of code.
_WRAPPED: Final = re.compile(r"\A\s*(`{3,}|~{3,})[ \t]*\w*[ \t]*\n(?=\s*---[ \t]*\n)")


def unwrapped(text: str) -> str:
    """``text`` without the fence of a block of code around the whole of it, if its front matter is in that."""
    opening = _WRAPPED.match(text)
    if opening is None:
        return text
    closing = re.compile(rf"\n{opening[1]}[ \t]*(?=\s*\Z)").search(text, opening.end())
    return text[opening.end() : closing.start() if closing else None]


def full_content(text: str, *, processed: bool) -> re.Match[str] | None:
    """The heading of the file kept whole. Unless ``processed``, one written in another way is the article's own, if no front matter
    follows it."""
    exact = _FULL_CONTENT.search(text)
    if exact is not None:
        return exact
    loose = _ANY_FULL_CONTENT.finditer(text)
    return next((found for found in loose if processed or _FRONT_MATTER_NEXT.match(text, found.end())), None)


def analysis(text: str, at: int) -> re.Match[str] | None:
    """The last heading of the analysis: an article may itself have one of that name, the monitor's comes below it."""
    return _last(_ANALYSIS, text, at) or _last(_ANY_ANALYSIS, text, at)


def after_summary_heading(text: str, at: int) -> int:
    """Where what the monitor's ``## Summary`` heads begins, if that comes next; else ``at``."""
    exact = _SUMMARY.match(text, at)
    if exact is not None:
        return exact.end() - 1
    loose = _ANY_SUMMARY.match(text, at)
    return loose.end() if loose else at


def meta(text: str, at: int) -> tuple[dict[str, str], int]:
    """The labelled lines that come next, by their names in lower case, and where they end."""
    found: dict[str, str] = {}
    while line := _META.match(text, at):
        found[line[1].strip().lower()] = line[2].rstrip(" \t")
        at = line.end()
    while line := _ANY_META.match(text, at):
        found[(line[1] or line[2]).strip().lower()] = line[3].rstrip(" \t")
        at = line.end()
    return found, at


def labelled(text: str) -> dict[str, str]:
    """The topic and the reason within an analysis, by their names in lower case, each on one line."""
    parts = _LABEL.split("\n" + text)
    if len(parts) == 1:
        parts = _ANY_LABEL.split(text)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {name.lower(): _on_one_line(_RULE_BELOW.sub("", value) if "---" in value else value) for name, value in pairs}


def _on_one_line(text: str) -> str:
    line = text.strip()
    return line if line.isprintable() and "  " not in line else " ".join(line.split())


def sections(head: str) -> dict[str, str]:
    """What stands under each heading of the processed part, by its name in lower case."""
    parts = (part.partition("\n") for part in head.split("\n## ")[1:])
    found = {name.strip().lower(): body for name, _, body in parts}
    return found if found.keys() >= _NAMES_OF.keys() else {**found, **_sections_in_any_way(head)}


def _sections_in_any_way(head: str) -> dict[str, str]:
    starts = {name: start for name, pattern in _ANY_SECTION.items() if (start := pattern.search(head))}
    return {name: head[start.end() : _end_of(head, start, starts.values())] for name, start in starts.items()}


def _end_of(head: str, start: re.Match[str], others: Iterable[re.Match[str]]) -> int:
    heading = _ANY_HEADING.search(head, start.end())
    below = [other.start() for other in others if other.start() >= start.end()]
    return min([*below, heading.start() if heading else len(head)])


def end_of_sections(text: str) -> int | None:
    """Where the article begins in a processed document that has no heading for it: at the first heading below summary and
    insights, else at the end. None where there are no insights to tell such a document from another."""
    starts = {name: found for name, pattern in _ANY_SECTION.items() if (found := pattern.search(text))}
    if "key insights" not in starts:
        return None
    below = max(found.end() for found in starts.values())
    heading = _ANY_HEADING.search(text, below)
    return heading.start() if heading else len(text)


def without_processor_footer(text: str, at: int) -> str:
    """``text`` from ``at`` to the last footer of the processor."""
    footer = _usual_footer(text, at) or _last(_PROCESSOR_FOOTER, text, at) or _last(_ANY_PROCESSOR_FOOTER, text, at)
    return text[at : footer.start() if footer else None]


def _usual_footer(text: str, at: int) -> re.Match[str] | None:
    """The last footer of the processor, sought from the end; None where that does not find it."""
    mark = text.rfind("*Processed from inbox on ", at) - 1
    if mark < at or text[mark] != "\n":
        return None
    above = text[at:mark].rstrip()
    rule = _PROCESSOR_FOOTER.match(text, at + len(above) - 4) if above.endswith("\n---") else None
    return rule or _PROCESSOR_FOOTER.match(text, mark)


def without_monitor_footer(text: str) -> tuple[str, str]:
    """``text`` above the monitor's footer, and the URL that the footer gives; empty where it gives none."""
    footer = _MONITOR_FOOTER.search(text)
    if footer is None:
        return text, ""
    original = _ORIGINAL_URL.search(text, footer.start())
    return text[: footer.start()], original[1] if original else ""


def is_processed(fields: Mapping[str, object]) -> bool:
    """Whether front matter is that of a processed document, and not of the monitor's file."""
    return not _PROCESSORS.isdisjoint(fields)


def _last(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    found: re.Match[str] | None = None
    return reduce(lambda _, later: later, pattern.finditer(text, at), found)
