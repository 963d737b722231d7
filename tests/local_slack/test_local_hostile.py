"""Whatever an app sends is answered: refused by a name of Slack's, and never by an exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.local_slack.app import SlackApp
from bot.local_slack.blocks import SURFACES, judge
from bot.local_slack.calls import METHODS
from bot.local_slack.server import LocalSlack
from bot.local_slack.typed import as_sent
from bot.local_slack.workspace import Workspace

_WORDS = st.sampled_from([
    "type", "text", "blocks", "elements", "element", "accessory", "options", "value", "section", "actions", "button", "mrkdwn",
    "plain_text", "input", "static_select", "rich_text", "rich_text_section", "markdown", "table", "rows", "block_id", "action_id",
    "modal", "home", "title", "submit", "view", "C0AINEWS01", "U0ADA00001", "event_type", "event_payload", "1.0", "id",
])  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)
_NAMES = st.sampled_from([
    "channel", "text", "blocks", "attachments", "metadata", "thread_ts", "ts", "view", "view_id", "user_id", "user", "users",
    "trigger_id", "hash", "external_id", "oldest", "latest", "limit", "cursor", "markdown_text", "chunks", "unfurls", "unfurl_id",
    "prompts", "channel_id", "status", "title", "files", "filename", "length", "name", "timestamp", "message", "types", "code",
    "client_id", "client_secret", "message_ts", "channels", "loading_messages",
])  # fmt: skip
_ARGUMENTS = st.dictionaries(_NAMES, _JSON | st.just("C0AINEWS01"), max_size=8)
_SLACK = LocalSlack(app=SlackApp(scopes=frozenset(scope for method in METHODS.values() for scope in method.scopes)))


@settings(max_examples=300)
@given(blocks=_JSON, surface=st.sampled_from(sorted(SURFACES)))
def test_any_value_is_judged_as_blocks(blocks: Any, surface: str) -> None:
    for problem in judge(blocks, surface):
        assert str(problem).endswith("]")


@settings(max_examples=600)
@given(method=st.sampled_from(sorted(set(METHODS) - {"auth.revoke", "apps.connections.open"})), arguments=_ARGUMENTS)
def test_any_arguments_get_an_answer(method: str, arguments: dict[str, Any]) -> None:
    answer = _SLACK.api.answer(method, f"Bearer {_SLACK.bot_token}", {"channel": "C0AINEWS01", **arguments})
    body = json.loads(answer.body or b"")
    assert body["ok"] or body["error"]


@given(text=st.text())
def test_what_a_person_types_names_nobody_unless_meant(text: str) -> None:
    workspace = Workspace()
    sent = as_sent(workspace, text.replace("<", "").replace("@", "").replace("#", "").replace("://", ""))
    assert "<" not in sent
