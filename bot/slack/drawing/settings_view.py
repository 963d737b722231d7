"""The modal of a channel's subscription: drawn from a Subscription, and read back into one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from bot.slack import ids
from bot.slack.drawing.elements import Json, actions, blocks, button, context, field, modal, option, paragraph, plain
from bot.slack.drawing.zones import known, zone_option
from digest.rendering import words
from digest.rendering.cleaning import one_line
from digest.subscribing import quiet as quiet_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from digest.model import Layout, Subscription
    from digest.stories.taste import Taste
    from digest.subscribing.ports import Change

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_WORDS: Final = 50
_LONGEST_WORD: Final = 60
_MOST_STORIES: Final = 20
_FORGET: Final = "Take back what the channel said it wants more or less of"
LANGUAGES: Final = (
    ("", "As it is written"), ("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("it", "Italiano"),
    ("ja", "日本語"), ("ko", "한국어"), ("nl", "Nederlands"), ("pl", "Polski"), ("pt", "Português"), ("zh", "中文"),
)  # fmt: skip


def settings_view(
    subscription: Subscription,
    subscribed: bool,
    changes: Sequence[Change],
    *,
    may_change: bool = True,
    model: bool = True,
    wants: Taste | None = None,
) -> Json:
    """The modal. Without ``may_change`` it shows what is set, and nothing can be saved. ``model``: whether one is configured, without
    which nothing is translated and nothing costs. ``wants``: what the channel's votes come to."""
    told = [f"{c.at:%d %b %Y %H:%M} UTC, by {_who(c.who)}: {'; '.join(c.what)}" for c in changes]
    metadata = json.dumps({"channel": subscription.channel, "of": fingerprint(subscription if subscribed else None)})
    wanted = _wanted(wants)
    if not may_change:
        made = blocks(
            [
                paragraph("Only admins of this bot may change what a channel gets."),
                *_shown(subscription),
                wanted,
                context(*told),
            ]
        )
        return modal(ids.SETTINGS_VIEW, "Daily digest", made, metadata=metadata)
    made = blocks(
        [
            None if subscribed else paragraph("This channel has no daily digest yet. Saving begins it."),
            *_fields(subscription, model),
            wanted,
            actions(
                button("Preview", ids.PREVIEW, label="Preview the digest with these settings"),
                *([button("Forget more and less", ids.FORGET_TASTE, label=_FORGET)] if wanted else []),
            ),
            context(*(told or ["Nothing was changed yet."])),
        ]
    )
    return modal(ids.SETTINGS_VIEW, "Daily digest", made, submit="Save" if subscribed else "Subscribe", metadata=metadata)


def fingerprint(subscription: Subscription | None) -> str:
    """By which it is seen that somebody changed a subscription; empty for none."""
    return hashlib.sha256(repr(subscription).encode("utf-8", "replace")).hexdigest()[:16] if subscription else ""


def _wanted(wants: Taste | None) -> Json | None:
    """What the channel's people voted for and against, in a line each."""
    strongest = wants.strongest() if wants else ()
    more, less = ([one_line(a.name) for a, points in strongest if points * sign > 0] for sign in (1, -1))
    said = [f"{way}: {', '.join(dict.fromkeys(names))}" for way, names in (("More of", more), ("Less of", less)) if names]
    return context(*said)


def _fields(s: Subscription, model: bool) -> list[Json]:
    days = [option(name, str(n)) for n, name in enumerate(_DAYS)]
    weekly = [option("None", "none"), *(option(f"On {name}", str(n)) for n, name in enumerate(_DAYS))]
    layouts = [
        option("Full", "full", "Summaries and key insights, as far as a message holds them"),
        option("Compact", "compact", "A line or two for each story, the rest in the thread"),
    ]
    day_boxes: Json = {"type": "checkboxes", "options": days}
    if chosen := [days[d] for d in sorted(set(s.days)) if 0 <= d < len(days)]:
        day_boxes["initial_options"] = chosen
    return [
        field("at", "Time", {"type": "timepicker", "initial_time": f"{s.at:%H:%M}"}),
        field(
            "zone", "Time zone",
            {"type": "external_select", "action_id": ids.ZONE, "min_query_length": 1, "initial_option": zone_option(s.time_zone),
             "placeholder": plain("A city: Berlin, New York", 150)},
            hint="Type the name of a city.",
        ),
        field("days", "Days", day_boxes),
        field(
            "weekly", "Weekly edition", {"type": "static_select", "options": weekly, "initial_option": weekly[_weekly_index(s)]},
            hint="The best of seven days once more, beside the daily digest.",
        ),
        field("weekly_at", "Time of the weekly edition", {"type": "timepicker", "initial_time": f"{s.weekly_at:%H:%M}"}),
        field(
            "quiet", "Quiet days", _input(quiet_days.shown(s.quiet), several_lines=True, placeholder="24 Dec 2026 to 1 Jan 2027"),
            hint="Dates without a digest, such as holidays; a line each.", optional=True,
        ),
        field("stories", "Stories, at most", _number(s.stories, 1, _MOST_STORIES)),
        field("threshold", "Lowest score", _number(s.threshold, 0, 10, decimals=True), hint="0 to 10. Stories below it are left out."),
        field(
            "topics", "Only about", _input(", ".join(s.topics), placeholder="agents, search advertising"),
            hint="Topics or words, separated by commas. Empty: everything.", optional=True,
        ),
        field(
            "exclude", "Never about", _input(", ".join(s.exclude), placeholder="crypto, gaming"),
            hint="Topics or words, separated by commas.", optional=True,
        ),
        field("layout", "Layout", {"type": "radio_buttons", "options": layouts, "initial_option": layouts[s.layout == "compact"]}),
        *(_of_models(s) if model else ()),
    ]  # fmt: skip


def _weekly_index(s: Subscription) -> int:
    return 0 if s.weekly is None or not 0 <= s.weekly < len(_DAYS) else s.weekly + 1


def _of_models(s: Subscription) -> list[Json]:
    languages = [option(name, code or "as-is") for code, name in LANGUAGES]
    language = next((o for o, (code, _) in zip(languages, LANGUAGES, strict=True) if code == s.language), languages[0])
    return [
        field("language", "Language of summaries", {"type": "static_select", "options": languages, "initial_option": language},
              hint="Claude translates summaries and key insights."),
        field("budget", "Dollars a day for models, at most", _number(s.budget_usd, 0, 1000, decimals=True),
              hint="For this channel. Empty: only the bot's own daily cap.", optional=True),
    ]  # fmt: skip


def read_settings(values: Mapping[str, Any], before: Subscription, today: date) -> tuple[Subscription, dict[str, str]]:
    """``before`` with what the modal's state says, and what is wrong with it by block. ``values``: ``view.state.values``; ``today``: by
    which quiet days without a year are understood."""
    problems: dict[str, str] = {}
    given = {name: _given(values, name) for name in _BLOCKS}
    quiet = before.quiet
    try:
        quiet = quiet_days.parse(given["quiet"] or "", today)
    except quiet_days.NotUnderstood as problem:
        problems["quiet"] = str(problem)
    topics, exclude = _words(given["topics"], "topics", problems), _words(given["exclude"], "exclude", problems)
    stories = _figure(given["stories"], "stories", 1, _MOST_STORIES, problems)
    threshold = _figure(given["threshold"], "threshold", 0, 10, problems)
    budget = _figure(given["budget"], "budget", 0, 1000, problems) if given["budget"] else None
    budget = budget if "budget" in values else before.budget_usd
    days = tuple(sorted(int(d) for d in given["days"] or () if d in "0123456"))
    if not days:
        problems["days"] = "Choose at least one day."
    at = _time(given["at"])
    if at is None:
        problems["at"] = "Choose a time."
    zone = given["zone"] if given["zone"] in known() else None
    if zone is None:
        problems["zone"] = "Choose a time zone."
    if problems:
        return before, problems
    layout: Layout = "compact" if given["layout"] == "compact" else "full"
    language = (given["language"] if given["language"] in dict(LANGUAGES) else "") if "language" in values else before.language
    return replace(
        before, at=at or before.at, time_zone=zone or before.time_zone, days=days, quiet=quiet, stories=int(stories or before.stories),
        threshold=before.threshold if threshold is None else threshold, topics=topics, exclude=exclude, layout=layout,
        language=language or "", budget_usd=budget, weekly=_weekly(given["weekly"], before.weekly),
        weekly_at=_time(given["weekly_at"]) or before.weekly_at,
    ), {}  # fmt: skip


_BLOCKS: Final = (
    "at", "zone", "days", "weekly", "weekly_at", "quiet", "stories", "threshold", "topics", "exclude", "layout", "language", "budget",
)  # fmt: skip


def _weekly(given: Any, before: int | None) -> int | None:
    if given == "none":
        return None
    return int(given) if given is not None and given in "0123456" else before


def _given(values: Mapping[str, Any], block: str) -> Any:
    """What was given in one block: a text, a list of values, or None."""
    held = values.get(block) or {}
    state = held.get("value") or held.get(ids.ZONE) or {}
    match state.get("type"):
        case "checkboxes":
            return [str(o.get("value")) for o in state.get("selected_options") or ()]
        case "static_select" | "external_select" | "radio_buttons":
            return str((state.get("selected_option") or {}).get("value") or "") or None
        case "timepicker":
            return state.get("selected_time")
        case _:
            return state.get("value")


def _words(given: Any, block: str, problems: dict[str, str]) -> tuple[str, ...]:
    held = tuple(dict.fromkeys(w for part in str(given or "").replace("\n", ",").split(",") if (w := one_line(part))))
    if len(held) > _MOST_WORDS:
        problems[block] = f"At most {_MOST_WORDS} topics or words."
    elif long := next((w for w in held if len(w) > _LONGEST_WORD), ""):
        problems[block] = f"“{long[:20]}…” is longer than {_LONGEST_WORD} characters."
    return held


def _figure(given: Any, block: str, least: float, most: float, problems: dict[str, str]) -> float | None:
    try:
        figure = float(str(given).strip().replace(",", "."))
        if least <= figure <= most:
            return figure
    except ValueError:
        pass
    problems[block] = f"A number from {words.number(least)} to {words.number(most)}."
    return None


def _time(given: Any) -> time | None:
    try:
        return time.fromisoformat(str(given))
    except ValueError:
        return None


def _input(initial: str, *, several_lines: bool = False, placeholder: str = "") -> Json:
    made: Json = {"type": "plain_text_input", "max_length": 3_000}
    if several_lines:
        made["multiline"] = True
    if initial := "\n".join(map(one_line, initial.split("\n"))):
        made["initial_value"] = initial[:3_000]
    if placeholder:
        made["placeholder"] = plain(placeholder, 150)
    return made


def _number(initial: float | None, least: float, most: float, *, decimals: bool = False) -> Json:
    made: Json = {"type": "number_input", "is_decimal_allowed": decimals, "min_value": f"{least:g}", "max_value": f"{most:g}"}
    if initial is not None:
        made["initial_value"] = f"{initial:g}"
    return made


def _shown(s: Subscription) -> list[Json]:
    lines = [
        f"At {s.at:%H:%M} ({s.time_zone}), {', '.join(_DAYS[d] for d in s.days)}",
        f"At most {s.stories} stories, of score {words.number(s.threshold)} and above",
        f"Only about: {', '.join(s.topics) or 'everything'}",
        f"Never about: {', '.join(s.exclude) or 'nothing'}",
    ]
    return [paragraph(line) for line in lines]


def _who(person: str) -> str:
    return person if not person.startswith(("U", "W")) else f"@{person}"
