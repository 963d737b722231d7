"""What stands in an input, in the shapes in which Slack sends it: from a person's plain value, and from a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.blocks import elements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.local_slack.wire import Json


class CannotDo(Exception):
    """What was asked of a person is nothing that Slack would let a person do."""


#: For each kind of element: the field of its value, and the field of its initial value.
_FIELDS: Final = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
}
#: Lists are empty where nothing is chosen; one thing that is not chosen is null.
_LISTS: Final = {field for field, _ in _FIELDS.values() if field.endswith("s")}


def elements(view: Json) -> Iterator[tuple[Json, Json]]:
    """Each element that holds a value, with its block."""
    for block in view["blocks"]:
        for element in elements_of(block):
            if element["type"] in _FIELDS and element["type"] != "overflow":
                yield block, element


def value_of(element: Json, given: Any) -> Json:
    """``given`` as Slack sends it: an option is named by its value, all else is as it is. Raises :class:`CannotDo`."""
    kind = element["type"]
    if kind not in _FIELDS:
        return {}
    field, _ = _FIELDS[kind]
    if field == "selected_option" and isinstance(given, str):
        given = _option(element, given)
    elif field == "selected_options":
        given = [_option(element, each) if isinstance(each, str) else each for each in given or ()]
    elif field == "value" and given is not None:
        given = str(given)
    if given in (None, ""):
        given = [] if field in _LISTS else None
    shaped = {"type": kind, field: given}
    return {**shaped, "timezone": element["timezone"]} if "timezone" in element else shaped


def values(view: Json, typed: dict[tuple[str, str], Json]) -> Json:
    """``state.values`` of ``view``: what was typed, else what stood there at first."""
    found: Json = {}
    for block, element in elements(view):
        key = (block["block_id"], element["action_id"])
        initial = _FIELDS[element["type"]][1]
        found.setdefault(key[0], {})[key[1]] = typed.get(key) or value_of(element, element.get(initial))
    return found


def missing(view: Json, state: Json) -> dict[str, str]:
    """What Slack itself says to the person, by block, before the app hears of it."""
    said: dict[str, str] = {}
    for block, element in elements(view):
        if block["type"] != "input":
            continue
        value = state[block["block_id"]][element["action_id"]].get(_FIELDS[element["type"]][0])
        if value in (None, "", []):
            if not block.get("optional"):
                said[block["block_id"]] = "Please complete this required field."
        elif problem := _unfit(element, value):
            said[block["block_id"]] = problem
    return said


def _unfit(element: Json, value: Any) -> str:
    kind = element["type"]
    if kind == "plain_text_input":
        if len(value) > element.get("max_length", 3_000):
            return f"This field must be at most {element.get('max_length', 3_000)} characters."
        if len(value) < element.get("min_length", 0):
            return f"This field must be at least {element['min_length']} characters."
    if kind == "number_input":
        return _unfit_number(element, value)
    return ""


def _unfit_number(element: Json, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""


def _option(element: Json, value: str) -> Json:
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    offered: list[Json] = [*element.get("options", ()), *grouped]
    for option in offered:
        if option.get("value") == value:
            return option
    raise CannotDo(f"{value!r} is not offered by {element['action_id']}, but {[o.get('value') for o in offered]} is")
