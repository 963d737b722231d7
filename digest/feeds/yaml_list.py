"""A list of feeds as YAML: read with the line of everything, written, and edited so that people's comments stay.

A list is ``feeds:`` and entries of plain texts. Anchors, aliases, tags and merges are refused before anything is built. An edit
touches the lines of the entries it is about and no other; where entries do not have lines of their own, ruamel rewrites the file.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import yaml

from digest.feeds.entry import Problem, Raw, checked, interval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from digest.feeds.feed import Feed

_LIST: Final = "feeds"
#: A mapping of a list of mappings; what is deeper is no list of feeds.
_MAX_DEPTH: Final = 4
_NULL: Final = "tag:yaml.org,2002:null"


class NotPlainYaml(ValueError):
    """The text is not YAML, or more than plain YAML; the message says where and what."""


def read(text: str) -> tuple[list[Raw], list[Problem]]:
    """The entries of ``text`` with their lines, and what is no entry. Raises NotPlainYaml."""
    entries, problems = list[Raw](), list[Problem]()
    for node in _nodes(text):
        if not isinstance(node, yaml.MappingNode):
            problems.append(Problem(node.start_mark.line + 1, "this is no feed: each begins with '- name:'"))
            continue
        raw, wrong = _entry(node)
        problems += wrong
        if not wrong:
            entries.append(raw)
    return entries, problems


def written(feeds: Sequence[Feed], head: str = "") -> str:
    """A list of ``feeds`` as a new file; ``head`` are lines of comment."""
    entries = [_lines(f) for f in feeds]
    return "\n".join([f"{head}{_LIST}:", *entries, ""]) if entries else f"{head}{_LIST}: []\n"


def with_feeds(text: str, feeds: Sequence[Feed]) -> str:
    """``text``, a valid list, with ``feeds`` at its end. Raises NotPlainYaml where it cannot be edited."""
    wanted = [*_feeds(text), *feeds]
    return _edited(text, wanted, lambda: _lines_added(text, feeds), lambda listed: listed.extend(map(_mapping, feeds)))


def without(text: str, urls: Collection[str]) -> str:
    """``text``, a valid list, without the feeds listed with ``urls``. Raises NotPlainYaml where it cannot be edited."""
    kept = [f for f in _feeds(text) if f.url not in urls]
    gone = [i for i, f in enumerate(_feeds(text)) if f.url in urls]

    def remove(listed: Any) -> None:
        for position in reversed(gone):
            del listed[position]

    return _edited(text, kept, lambda: _lines_removed(text, gone), remove)


def _edited(text: str, wanted: list[Feed], by_line: Callable[[], str], in_list: Callable[[Any], None]) -> str:
    """``text`` edited line by line; through ruamel where that gives another list than ``wanted``."""
    try:
        edited = by_line()
        if _feeds(edited) == wanted:
            return edited
    except ValueError:
        pass
    return _rewritten(text, in_list)


def _feeds(text: str) -> list[Feed]:
    listed = checked(*read(text))
    if listed.problems:
        raise ValueError(str(listed.problems[0]))
    return list(listed.feeds)


def _lines_added(text: str, feeds: Sequence[Feed]) -> str:
    lines, nodes = text.splitlines(keepends=True), _mappings(text)
    if nodes:
        after = _extent(nodes[-1])[1]
        indent = " " * lines[nodes[-1].start_mark.line].index("-")
    else:
        after = next(i for i, line in enumerate(lines) if line.startswith(f"{_LIST}:")) + 1
        indent = "  "
    end = "\r\n" if "\r\n" in text else "\n"
    if not lines[after - 1].endswith(("\n", "\r")):
        lines[after - 1] += end
    added = [_lines(f, indent).replace("\n", end) + end for f in feeds]
    return "".join([*lines[:after], *added, *lines[after:]])


def _lines_removed(text: str, positions: Sequence[int]) -> str:
    lines, nodes = text.splitlines(keepends=True), _mappings(text)
    for position in reversed(positions):
        first, after = _extent(nodes[position])
        if lines[first][: nodes[position].start_mark.column].strip() != "-":
            raise ValueError("the entry does not begin on a line of its own")
        del lines[first:after]
    return "".join(lines)


def _extent(node: yaml.MappingNode) -> tuple[int, int]:
    """The first line of an entry, from 0, and the line after it. A block's own end mark lies behind the comments that follow."""
    ends = [node.end_mark] if node.flow_style else [value.end_mark for _, value in node.value]
    last = max(ends, key=lambda mark: (mark.line, mark.column))
    return node.start_mark.line, last.line + (1 if last.column else 0)


def _rewritten(text: str, change: Callable[[Any], None]) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedSeq
    from ruamel.yaml.error import YAMLError

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 10_000
    editor.indent(mapping=2, sequence=4, offset=2)
    result = io.StringIO()
    try:
        document = editor.load(text)
        if document[_LIST] is None:
            document[_LIST] = CommentedSeq()
        change(document[_LIST])
        editor.dump(document, result)
    except YAMLError as error:
        raise NotPlainYaml(f"it cannot be edited: {' '.join(str(error).split())[:200]}") from error
    return result.getvalue()


def _nodes(text: str) -> list[yaml.Node]:
    """The entries as YAML sees them. Raises NotPlainYaml."""
    try:
        _refuse_what_is_not_plain(text)
        root = yaml.compose(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        at = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise NotPlainYaml(f"{at}it is not plain YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlainYaml(f"it is not plain YAML: {' '.join(str(error).split())}") from error
    if not isinstance(root, yaml.MappingNode) or [k.value for k, _ in root.value] != [_LIST]:
        raise NotPlainYaml(f"it should hold '{_LIST}:' and a list below it, and nothing else")
    value = root.value[0][1]
    if value.tag == _NULL:
        return []
    if not isinstance(value, yaml.SequenceNode):
        raise NotPlainYaml(f"line {value.start_mark.line + 1}: below '{_LIST}:' there should be a list")
    return list(value.value)


def _mappings(text: str) -> list[yaml.MappingNode]:
    return [node for node in _nodes(text) if isinstance(node, yaml.MappingNode)]


def _refuse_what_is_not_plain(text: str) -> None:
    """Walk the events, which build nothing: aliases could blow up, tags could ask for more than text, depth could recurse."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _not_plain(event, "anchors and aliases are not taken")
        if getattr(event, "tag", None):
            raise _not_plain(event, "tags are not taken")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise _not_plain(event, "it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _not_plain(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def _entry(node: yaml.MappingNode) -> tuple[Raw, list[Problem]]:
    """An entry's texts as they are written: ``yes`` is a name, not a truth."""
    fields, lines, problems = dict[str, str](), dict[str, int](), list[Problem]()
    for key, value in node.value:
        line, name = key.start_mark.line + 1, str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if not name or not isinstance(value, yaml.ScalarNode):
            problems.append(Problem(line, f"'{name[:60]}' should be one text" if name else "a key should be one word"))
        elif name in fields:
            problems.append(Problem(line, f"'{name[:60]}' is given twice"))
        else:
            fields[name], lines[name] = "" if value.tag == _NULL else value.value, line
    wanted = {k: v for k, v in fields.items() if v or k in ("name", "url")}
    return Raw(wanted, node.start_mark.line + 1, lines), problems


def _mapping(feed: Feed) -> dict[str, str | int]:
    """The keys of ``feed`` that say something, in the order people read them."""
    found: dict[str, str | int] = {"name": feed.name, "url": feed.url}
    if feed.category:
        found["category"] = feed.category
    found["tier"] = feed.tier
    if feed.interval_s is not None:
        found["interval"] = interval(feed.interval_s)
    return found


def _lines(feed: Feed, indent: str = "  ") -> str:
    lines = [f"{key}: {_scalar(value)}" for key, value in _mapping(feed).items()]
    return "\n".join([f"{indent}- {lines[0]}", *(f"{indent}  {line}" for line in lines[1:])])


def _scalar(value: str | int) -> str:
    return yaml.safe_dump([value], allow_unicode=True, width=10**9, default_flow_style=False)[2:].rstrip("\n")
