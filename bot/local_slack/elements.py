"""The schema of what stands inside blocks: texts, options, confirmations, buttons, menus and inputs.

The limits are those of docs.slack.dev/reference/block-kit, as slack_sdk 3.47's models and ``@slack/types`` 3.2 have
them.
"""

from __future__ import annotations

from typing import Any, Final

from bot.local_slack.judging import Check, any_of, array, by_type, flag, number, one_of, record, string

URL: Final = string(3_000, pattern=r"https?://\S+|mailto:\S+")
ID: Final = string(255)


def text(most: int, *kinds: str) -> Check:
    """A text object of at most ``most`` characters; without ``kinds``, plain or mrkdwn."""
    plain = record({"type": one_of("plain_text"), "text": string(most)}, {"emoji": flag})
    marked = record({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": flag})
    schemas = {"plain_text": plain, "mrkdwn": marked}
    return by_type({kind: schemas[kind] for kind in kinds or schemas})


PLAIN_75: Final = text(75, "plain_text")
CONFIRM: Final = record(
    {"title": text(100, "plain_text"), "text": text(300)},
    {"confirm": text(30, "plain_text"), "deny": text(30, "plain_text"), "style": one_of("primary", "danger")},
)
_OPTION_EXTRAS: Final = {"value": string(150), "description": PLAIN_75}
OPTION: Final = record({"text": PLAIN_75, "value": string(150)}, {"description": PLAIN_75})
OVERFLOW_OPTION: Final = record({"text": PLAIN_75}, {**_OPTION_EXTRAS, "url": URL})
CHOICE: Final = record({"text": text(75), "value": string(150)}, {"description": text(75)})
OPTION_GROUP: Final = record({"label": PLAIN_75, "options": array(OPTION, 100)})
_FILTER: Final = any_of(("include", "exclude_external_shared_channels", "exclude_bot_users"), record({}, {
    "include": array(one_of("im", "mpim", "private", "public"), 4), "exclude_external_shared_channels": flag, "exclude_bot_users": flag,
}))  # fmt: skip
_DISPATCH: Final = record({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)})
_ANY_TEXT: Final = string(3_000, least=0)


def _interactive(kind: str, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    always = {"type": one_of(kind), **(required or {})}
    return record(always, {"action_id": ID, "confirm": CONFIRM, **(optional or {})})


def _input(kind: str, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    return _interactive(kind, required, {"placeholder": text(150, "plain_text"), "focus_on_load": flag, **(optional or {})})


def _typed(kind: str, optional: dict[str, Check] | None = None, required: dict[str, Check] | None = None) -> Check:
    return _input(kind, required, {"initial_value": _ANY_TEXT, "dispatch_action_config": _DISPATCH, **(optional or {})})


def _select(kind: str, initial: dict[str, Check], *, options: bool = False) -> Check:
    many = {"max_selected_items": number(1, 10_000)} if kind.startswith("multi_") else {}
    if not options:
        return _input(kind, {}, {**initial, **many})
    offered = {"options": array(OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}
    return any_of(("options", "option_groups"), _input(kind, {}, {**offered, **initial, **many}))


BUTTON: Final = _interactive("button", {"text": PLAIN_75}, {
    "url": URL, "value": string(2_000), "style": one_of("primary", "danger"), "accessibility_label": string(75),
    "visible_to_user_ids": array(ID, 100), "agent_prompt": string(4_000), "agent_prompt_display": string(4_000),
})  # fmt: skip
IMAGE_ELEMENT: Final = any_of(("image_url", "slack_file"), record(
    {"type": one_of("image"), "alt_text": string(2_000)}, {"image_url": URL, "slack_file": record({}, {"id": ID, "url": URL})},
))  # fmt: skip
OVERFLOW: Final = _interactive("overflow", {"options": array(OVERFLOW_OPTION, 5)})
_IDS: Final = array(ID, 100)
_RESPONDS: Final = {"response_url_enabled": flag}
_TIME: Final = string(5, 5, r"([01]\d|2[0-3]):[0-5]\d")
_DATE: Final = string(10, 10, r"\d{4}-\d\d-\d\d")

#: The menus and pickers that may stand in a section, in actions, and in an input.
MENUS: Final[dict[str, Check]] = {
    "static_select": _select("static_select", {"initial_option": OPTION}, options=True),
    "multi_static_select": _select("multi_static_select", {"initial_options": array(OPTION, 100)}, options=True),
    "external_select": _select("external_select", {"initial_option": OPTION, "min_query_length": number(0)}),
    "multi_external_select": _select(
        "multi_external_select", {"initial_options": array(OPTION, 100), "min_query_length": number(0)}
    ),
    "users_select": _select("users_select", {"initial_user": ID}),
    "multi_users_select": _select("multi_users_select", {"initial_users": _IDS}),
    "conversations_select": _select("conversations_select", {
        "initial_conversation": ID, "default_to_current_conversation": flag, "filter": _FILTER, **_RESPONDS,
    }),
    "multi_conversations_select": _select("multi_conversations_select", {
        "initial_conversations": _IDS, "default_to_current_conversation": flag, "filter": _FILTER,
    }),
    "channels_select": _select("channels_select", {"initial_channel": ID, **_RESPONDS}),
    "multi_channels_select": _select("multi_channels_select", {"initial_channels": _IDS}),
    "datepicker": _input("datepicker", {}, {"initial_date": _DATE}),
    "timepicker": _input("timepicker", {}, {"initial_time": _TIME, "timezone": string(64)}),
    "checkboxes": _input("checkboxes", {"options": array(CHOICE, 10)}, {"initial_options": array(CHOICE, 10)}),
    "radio_buttons": _input("radio_buttons", {"options": array(CHOICE, 10)}, {"initial_option": CHOICE}),
}  # fmt: skip
#: What may stand in an input block only, or there and in actions.
INPUTS: Final[dict[str, Check]] = {
    **MENUS,
    "datetimepicker": _input("datetimepicker", {}, {"initial_date_time": number(0)}),
    "plain_text_input": _typed(
        "plain_text_input", {"multiline": flag, "min_length": number(0, 3_000), "max_length": number(1, 3_000)}
    ),
    "email_text_input": _typed("email_text_input"),
    "url_text_input": _typed("url_text_input"),
    "number_input": _typed("number_input", {"min_value": _ANY_TEXT, "max_value": _ANY_TEXT}, {"is_decimal_allowed": flag}),
    "rich_text_input": _input(
        "rich_text_input", {}, {"initial_value": lambda *_: iter(()), "dispatch_action_config": _DISPATCH}
    ),
    "file_input": _interactive("file_input", {}, {"filetypes": array(string(20), 100), "max_files": number(1, 10)}),
}
ACTIONS: Final[dict[str, Check]] = {
    **MENUS,
    "datetimepicker": INPUTS["datetimepicker"],
    "button": BUTTON,
    "overflow": OVERFLOW,
}
ACCESSORIES: Final[dict[str, Check]] = {**MENUS, "button": BUTTON, "overflow": OVERFLOW, "image": IMAGE_ELEMENT}

_FEEDBACK: Final = record({"text": PLAIN_75, "value": string(2_000)}, {"accessibility_label": string(75)})
CONTEXT_ACTIONS: Final[dict[str, Check]] = {
    "feedback_buttons": record(
        {"type": one_of("feedback_buttons"), "positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ID}
    ),
    "icon_button": _interactive("icon_button", {"icon": one_of("trash"), "text": PLAIN_75}, {
        "value": string(2_000), "accessibility_label": string(75), "visible_to_user_ids": array(ID, 100),
    }),
}  # fmt: skip


def interactive(element: Any) -> bool:
    """Whether a person can use ``element``, so that it has an ``action_id``."""
    return isinstance(element, dict) and element.get("type") in {*INPUTS, *ACTIONS, *CONTEXT_ACTIONS}
