"""What some settings must look like, and the words for whoever set them otherwise. Pure."""

from __future__ import annotations

import re


def slack_id(value: str) -> str:
    """Raises ValueError where it is no id of a channel or person."""
    if not re.fullmatch(r"[CDGUW][A-Z0-9]{2,}", value):
        raise ValueError("it should be Slack's id of a channel or person, such as C0123456789; the channel's details show it")
    return value


def otlp_address(value: str) -> str:
    """Raises ValueError where traces cannot be sent there."""
    if not re.fullmatch(r"https?://\S+", value):
        raise ValueError("it should begin with http:// or https://: traces go by OTLP over HTTP, mostly to port 4318")
    return value
