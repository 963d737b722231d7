"""Text for the one place where Slack still reads markup in what we send: the plain ``text`` beside the blocks, and any
mrkdwn that an operator's template uses. In our own blocks, text from strangers stands in rich_text, which Slack does
not parse.
"""

from __future__ import annotations

import re
from typing import Final

#: Slack asks for exactly these three, once. https://docs.slack.dev/messaging/formatting-message-text#escaping
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: What escaping leaves alive: @here and its like where names are linked, and bare addresses, with or without a scheme.
_LIVE: Final = re.compile(r"(?<=@)(?=\w)|(?<=:)(?=//)|(?<=\w\.)(?=[^\W\d])|(?<=mailto:)")
_WORD_JOINER: Final = "\u2060"


def escape(text: str) -> str:
    """``text`` with ``&``, ``<`` and ``>`` escaped once."""
    return text.translate(_ESCAPES)


def neutral(text: str) -> str:
    """``text`` escaped, and with an invisible word joiner where Slack would make a mention or a link of it."""
    return escape(_LIVE.sub(_WORD_JOINER, text))
