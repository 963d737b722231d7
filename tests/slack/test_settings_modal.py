"""The settings of a channel's digest, as a person fills them in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.slack.drawing.settings_view import read_settings
from digest.model import Subscription
from tests.slack.conftest import ADA, GRACE, NEWS, Bot, Starts
from tests.slack_judges import texts


async def opened(bot: Bot, user: str = ADA) -> dict[str, Any]:
    """The modal that ``/ainews settings`` opens."""
    answer = await bot.slack.people.command(user, NEWS, "/ainews settings")
    assert answer.error is None
    views = bot.slack.workspace.views.open
    who = bot.slack.workspace.user(user).id
    await bot.slack.until(lambda _: bool(views.get(who)))
    return views[who][-1]


async def test_saving_subscribes_the_channel_and_tells_what_was_set(bot: Bot) -> None:
    view = await opened(bot)
    assert view["submit"]["text"] == "Subscribe"
    offered = await bot.slack.people.suggest(ADA, view, "zone", "new y")
    assert [o["value"] for o in offered] == ["America/New_York"]
    await bot.slack.people.submit(
        ADA,
        {"at": "07:45", "zone": offered[0], "days": ["0", "2", "4"], "stories": "3", "threshold": "7.5", "topics": "agents, search",
         "exclude": "crypto", "layout": "compact", "quiet": "2026-12-24, 2026-12-25", "weekly": "4", "weekly_at": "15:30"},
    )  # fmt: skip
    channel = bot.slack.workspace.channel(NEWS).id
    await bot.slack.until(
        lambda _: "Saved" in "".join(texts(bot.slack.workspace.views.open[bot.slack.workspace.user(ADA).id][-1]))
    )
    held = await bot.parts.subscriptions.get(channel)
    assert held is not None
    assert (f"{held.at:%H:%M}", held.time_zone, held.days, held.stories) == ("07:45", "America/New_York", (0, 2, 4), 3)
    assert (held.threshold, held.topics, held.exclude, held.layout) == (7.5, ("agents", "search"), ("crypto",), "compact")
    assert [d.isoformat() for d in held.quiet] == ["2026-12-24", "2026-12-25"]
    assert (held.weekly, f"{held.weekly_at:%H:%M}") == (4, "15:30")


async def test_what_was_set_is_there_when_it_is_opened_again_with_who_changed_it(bot: Bot) -> None:
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, {"stories": "7", "topics": "agents"})
    assert answer.errors == {}
    await bot.slack.until(
        lambda _: "Saved" in "".join(texts(bot.slack.workspace.views.open[bot.slack.workspace.user(ADA).id][-1]))
    )
    again = await opened(bot, GRACE)
    by_block = {b["block_id"]: b["element"] for b in again["blocks"] if b["type"] == "input"}
    assert by_block["stories"]["initial_value"] == "7"
    assert by_block["topics"]["initial_value"] == "agents"
    assert again["submit"]["text"] == "Save"
    assert bot.slack.workspace.user(ADA).id in "\n".join(texts(again["blocks"]))


async def test_what_is_wrong_is_said_under_its_field_and_nothing_is_saved(bot: Bot) -> None:
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, {"quiet": "the day after tomorrow or so", "topics": "x" * 100})
    assert set(answer.errors) == {"quiet", "topics"}
    assert await bot.parts.subscriptions.get(bot.slack.workspace.channel(NEWS).id) is None


async def test_preview_shows_the_digest_with_what_is_filled_in(bot: Bot) -> None:
    view = await opened(bot)
    await bot.slack.people.click(ADA, view, "preview_settings")
    who = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: len(bot.slack.workspace.views.open[who]) == 2)
    assert "This is what the digest would be now" in "\n".join(texts(bot.slack.workspace.views.open[who][-1]["blocks"]))


async def test_only_admins_change_settings_where_the_operator_says_so(start: Starts) -> None:
    bot = await start(settings_by="admins", admins="U0ADA00001")
    view = await opened(bot, GRACE)
    assert not view["submit"]
    assert "Only admins" in "\n".join(texts(view["blocks"]))
    answer = await bot.command("unsubscribe", user=GRACE)
    assert "Only admins" in answer["text"]
    assert (await opened(bot, ADA))["submit"]["text"] == "Subscribe"


async def test_of_two_who_save_at_once_the_second_is_told_and_takes_nothing_back(bot: Bot) -> None:
    channel = bot.slack.workspace.channel(NEWS).id
    await opened(bot, ADA)
    await opened(bot, GRACE)
    for user, values in ((ADA, {"stories": "3"}), (GRACE, {"threshold": "7"})):
        await bot.slack.people.submit(user, values)
    who = bot.slack.workspace.user(GRACE).id
    await bot.slack.until(lambda _: "Nothing was saved" in "".join(texts(bot.slack.workspace.views.open[who][-1])))
    held = await bot.parts.subscriptions.get(channel)
    assert held is not None
    assert (held.stories, held.threshold) == (3, 6.0)
    bot.slack.workspace.views.open[who].clear()
    assert (await opened(bot, GRACE))["submit"]["text"] == "Save"
    await bot.slack.people.submit(GRACE, {"threshold": "7"})
    held = await bot.parts.subscriptions.get(channel)
    assert held is not None
    assert (held.stories, held.threshold) == (3, 7.0)


async def test_a_zone_by_an_old_name_stays_when_something_else_is_changed(bot: Bot) -> None:
    await bot.command("subscribe 9:00 US/Eastern")
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, {"stories": "3"})
    assert answer.errors == {}
    held = await bot.parts.subscriptions.get(bot.slack.workspace.channel(NEWS).id)
    assert held is not None
    assert (held.time_zone, held.stories) == ("US/Eastern", 3)


async def test_who_may_not_change_settings_cannot_by_handing_in_a_modal_either(start: Starts) -> None:
    bot = await start(settings_by="admins", admins="U0ADA00001")
    view = await opened(bot, ADA)
    forged = {**view, "id": "V0FORGED01"}
    who = bot.slack.workspace.user(GRACE).id
    bot.slack.workspace.views.open[who] = [forged]
    await bot.slack.people.submit(GRACE, {"stories": "3"})
    await bot.slack.until(lambda _: "Only admins" in "".join(texts(bot.slack.workspace.views.open[who][-1])))
    assert await bot.parts.subscriptions.get(bot.slack.workspace.channel(NEWS).id) is None


VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "no day": ({"days": {"type": "checkboxes", "selected_options": []}}, "days"),
    "a day that is none": ({"days": {"type": "checkboxes", "selected_options": [{"value": "9"}]}}, "days"),
    "a time that is none": ({"at": {"type": "timepicker", "selected_time": "25:99"}}, "at"),
    "no time": ({"at": {"type": "timepicker", "selected_time": None}}, "at"),
    "a zone that is none": ({"zone": {"type": "external_select", "selected_option": {"value": "../../etc/passwd"}}}, "zone"),
    "too many stories": ({"stories": {"type": "number_input", "value": "21"}}, "stories"),
    "no story": ({"stories": {"type": "number_input", "value": "0"}}, "stories"),
    "a score over ten": ({"threshold": {"type": "number_input", "value": "10.1"}}, "threshold"),
    "a score that is none": ({"threshold": {"type": "number_input", "value": "nan"}}, "threshold"),
    "a huge figure": ({"threshold": {"type": "number_input", "value": "1e400"}}, "threshold"),
    "a budget below nothing": ({"budget": {"type": "number_input", "value": "-1"}}, "budget"),
    "too many topics": ({"topics": {"type": "plain_text_input", "value": ",".join(f"t{n}" for n in range(60))}}, "topics"),
    "a topic too long": ({"exclude": {"type": "plain_text_input", "value": "x" * 61}}, "exclude"),
    "too many quiet days": ({"quiet": {"type": "plain_text_input", "value": "1 Jan 2027 to 31 Dec 2027"}}, "quiet"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_out_of_range_is_told_under_its_field(name: str) -> None:
    values, wrong = VALUES[name]
    given = {block: {"value": state} for block, state in {**SOUND, **values}.items()}
    same, problems = read_settings(given, Subscription("C1"), date(2026, 11, 23))
    assert set(problems) == {wrong}
    assert same == Subscription("C1")


SOUND: dict[str, dict[str, Any]] = {
    "at": {"type": "timepicker", "selected_time": "08:00"}, "days": {"type": "checkboxes", "selected_options": [{"value": "0"}]},
    "zone": {"type": "external_select", "selected_option": {"value": "Europe/Berlin"}}, "quiet": {"type": "plain_text_input", "value": None},
    "stories": {"type": "number_input", "value": "5"}, "threshold": {"type": "number_input", "value": "6,5"},
    "topics": {"type": "plain_text_input", "value": "Größe, 東京\n🚀, <!channel>"},
    "exclude": {"type": "plain_text_input", "value": None}, "layout": {"type": "radio_buttons", "selected_option": {"value": "full"}},
    "language": {"type": "static_select", "selected_option": {"value": "as-is"}}, "budget": {"type": "number_input", "value": None},
}  # fmt: skip


def test_sound_values_of_every_script_are_taken_as_they_are() -> None:
    given = {block: {"value": state} for block, state in SOUND.items()}
    made, problems = read_settings(given, Subscription("C1", language="de", budget_usd=1.0), date(2026, 11, 23))
    assert problems == {}
    assert made.topics == ("Größe", "東京", "🚀", "<!channel>")
    assert (made.threshold, made.language, made.budget_usd) == (6.5, "", None)
