"""``assistant.threads.*``: an agent's status, a thread's title, and what a person might ask."""

from __future__ import annotations

from bot.local_slack.calls import Call, invalid, method
from bot.local_slack.judging import Problem
from bot.local_slack.wire import Json, Refused


def _thread(call: Call, **content: object) -> Json:
    channel = call.channel("channel_id")
    thread_ts = call.get("thread_ts")
    if thread_ts and thread_ts not in channel.messages:
        raise Refused("thread_not_found")
    state = call.workspace.assistant.setdefault((channel.id, thread_ts), {})
    state |= content
    call.workspace.tell("assistant_thread", channel=channel.id, thread_ts=thread_ts, **content)
    return {}


@method("assistant.threads.setStatus", "assistant:write", "chat:write", tier=4)
def set_status(call: Call) -> Json:
    """What the agent is at; an empty status takes it away."""
    call.need("thread_ts")
    loading = call.structure("loading_messages", "invalid_arguments")
    if loading is not None and (not isinstance(loading, list) or len(loading) > 10):
        raise invalid(Problem("/loading_messages", "no more than 10 items allowed"))
    return _thread(call, status=call.get("status"), loading_messages=loading or [])


@method("assistant.threads.setTitle", "assistant:write", tier=4)
def set_title(call: Call) -> Json:
    """What the thread is called in the person's list."""
    call.need("thread_ts")
    return _thread(call, title=call.need("title"))


@method("assistant.threads.setSuggestedPrompts", "assistant:write", tier=4)
def set_suggested_prompts(call: Call) -> Json:
    """At most four things to ask."""
    prompts = call.structure("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not prompts:
        raise invalid(Problem("/prompts", "missing required field: prompts"))
    if len(prompts) > 4:
        raise invalid(Problem("/prompts", "no more than 4 items allowed"))
    for n, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise invalid(Problem(f"/prompts/{n}", "missing required field: title, message"))
    return _thread(call, prompts=prompts, prompts_title=call.get("title"))
