"""The rubric: for whom articles are judged, by which criteria, and which topics there are. One YAML file is one profile.

It owns reading and checking such a file; how a text is held against it is the assessors' business. A file is somebody else's
writing: bounded in size, plain YAML without tags, anchors, aliases or merges, and every problem of it is reported together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from digest.errors import ConfigurationError

#: What ships with the program, and is used where no other profile is named.
DEFAULT_PROFILE: Final = Path(__file__).parent.parent / "profiles" / "marketing.yaml"
MAX_BYTES: Final = 64 * 1024
#: A profile has a mapping of lists of mappings of lists; what is deeper is no profile.
MAX_DEPTH: Final = 8
#: Problems that are told at once: more than a screen of them is another file, not a profile with mistakes.
MOST_PROBLEMS: Final = 12

#: The bands of the score, 0 to 10, that the three groups of criteria stand for: lowest and highest score of each.
BANDS: Final = {"high": (8, 10), "medium": (5, 7), "low": (0, 4)}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic articles may be about: its ``name`` for people, and the words and phrases by which it is recognised."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A rubric. ``high``, ``medium`` and ``low`` are criteria, one sentence each, for the scores of ``BANDS``.

    ``instructions`` are added to what a model is told. ``weights`` is a file with learned term weights for the offline
    assessor, or None.
    """

    name: str
    audience: str
    high: tuple[str, ...]
    medium: tuple[str, ...]
    low: tuple[str, ...]
    topics: tuple[Topic, ...]
    instructions: str = ""
    weights: Path | None = None

    def rubric(self) -> str:
        """The rubric as text for a model's prompt: the same text for the same profile, ended by a newline."""
        parts = [f"Profile: {self.name}", f"Audience: {self.audience}"]
        for band, (lowest, highest) in BANDS.items():
            criteria = getattr(self, band)
            parts.append(f"{band.capitalize()} relevance ({lowest}-{highest}):\n" + "\n".join(f"- {c}" for c in criteria))
        if self.topics:
            lines = "\n".join(f"- {t.name}: {', '.join(t.words)}" for t in self.topics)
            parts.append(f"Topics, each with words that point to it:\n{lines}")
        if self.instructions:
            parts.append(self.instructions)
        return "\n\n".join(parts) + "\n"


def load_profile(path: Path | None = None) -> Profile:
    """The profile in the file ``path``; the one for marketing, advertising and business where that is None.

    Raises ConfigurationError naming every problem of the file.
    """
    file = DEFAULT_PROFILE if path is None else path
    try:
        checked = _ProfileFile.model_validate(_read(file))
    except ValidationError as error:
        raise _wrong(file, problems_of(error)) from None
    weights = file.parent / checked.weights if checked.weights else None
    if weights is not None and not weights.is_file():
        raise _wrong(file, f"weights: there is no file {weights.name} beside it")
    return Profile(
        name=checked.name,
        audience=checked.audience,
        high=checked.high,
        medium=checked.medium,
        low=checked.low,
        topics=tuple(Topic(t.name, t.words) for t in checked.topics),
        instructions=checked.instructions,
        weights=weights,
    )


def problems_of(error: ValidationError) -> str:
    """What is wrong, each with its field: the first ``MOST_PROBLEMS``, and how many more there are.

    That a list is too short is no news where its entries are wrong.
    """
    errors = error.errors(include_input=False, include_url=False)
    inner = {e["loc"][:-1] for e in errors if e["loc"]}
    told = [_problem(e) for e in errors if not (e["type"] == "too_short" and e["loc"] in inner)]
    more = len(told) - MOST_PROBLEMS
    return "; ".join(told[:MOST_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"\w")]
_Criteria = Annotated[tuple[_Text, ...], Field(min_length=1, max_length=50)]


class _TopicFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: _Word
    words: Annotated[tuple[_Word, ...], Field(min_length=1, max_length=100)]


class _ProfileFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: _Word
    audience: _Text
    high: _Criteria
    medium: _Criteria
    low: _Criteria
    topics: Annotated[tuple[_TopicFile, ...], Field(min_length=1, max_length=100)]
    instructions: Annotated[str, StringConstraints(strip_whitespace=True, max_length=8_000)] = ""
    weights: Annotated[str, StringConstraints(pattern=r"^[\w-][\w.-]*\.json$", max_length=100)] | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> _ProfileFile:
        names = [t.name.casefold() for t in self.topics]
        if doubled := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"topics: named more than once: {', '.join(doubled)}")
        return self


def _read(file: Path) -> Any:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise _wrong(file, f"it cannot be read: {error.strerror or type(error).__name__}") from error
    if len(data) > MAX_BYTES:
        raise _wrong(file, f"it is larger than {MAX_BYTES // 1024} KB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(file, "it is not UTF-8 text") from error
    try:
        _refuse_what_is_not_plain(text)
        content = yaml.load(text, _PlainLoader)  # noqa: S506 derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        at = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise _wrong(file, f"{at}it is not plain YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise _wrong(file, f"it is not plain YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise _wrong(file, "it has no fields: name, audience, high, medium, low, topics")
    return content


class _PlainLoader(yaml.SafeLoader):
    """YAML's plain types, where a key that is given twice is an error, not a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _refuse_what_is_not_plain(text: str) -> None:
    """Walk the events, which build nothing: aliases could blow up, tags could ask for more than text, depth could recurse."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _not_plain(event, "anchors and aliases are not taken")
        if getattr(event, "tag", None):
            raise _not_plain(event, "tags are not taken")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<":
            raise _not_plain(event, "merges are not taken")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _not_plain(event, "it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _not_plain(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    mark: Any = event.start_mark  # one of two classes, by whether libyaml is there
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _problem(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    return f"{place}: {message[:1].lower()}{message[1:]}" if place else message


def _wrong(file: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"the profile {file} is not usable: {problem}",
        remedy="Compare it with the profile that ships with the program, digest/profiles/marketing.yaml.",
    )
