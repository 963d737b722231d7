"""What somebody asks, and what is replied: values that know nothing of how Slack carries them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from digest.rendering.slack_buttons import fitted
from digest.rendering.slack_text import neutral

if TYPE_CHECKING:
    from bot.slack.drawing.elements import Json


_UTC: Final = ZoneInfo("UTC")
_TEXT: Final = 2_900


@dataclass(frozen=True, slots=True)
class Asked:
    """``words``: what follows the command. ``typed``: all of it, to ask again from another ``offset``. ``zone``: the time zone in which
    "today" and dates are meant. ``direct``: whether it was asked in a direct message with the bot."""

    team: str
    channel: str
    person: str
    command: str
    words: str = ""
    typed: str = ""
    offset: int = 0
    zone: ZoneInfo = _UTC

    @property
    def direct(self) -> bool:
        """Ids of direct messages begin with a D."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is what notifications and screen readers are given; ``blocks`` what is shown. ``private``: never for all, whatever was
    asked for. ``modal``: a view to open instead; ``text`` is then said where it cannot be."""

    text: str
    blocks: tuple[Json, ...] = ()
    private: bool = False
    modal: dict[str, Any] | None = None

    def message(self) -> dict[str, Any]:
        """What a call of Slack is given of it. Slack parses ``text``: nothing in it mentions anybody or is a link."""
        said: dict[str, Any] = {"text": neutral(fitted(self.text, _TEXT)) or " ", "unfurl_links": False, "unfurl_media": False}
        return {**said, "blocks": list(self.blocks)} if self.blocks else said

    def update(self) -> dict[str, Any]:
        """What ``chat.update`` is given of it: links are unfurled when a message is posted, and never later."""
        return {"text": self.message()["text"], "blocks": list(self.blocks)}

    def shared(self, share: bool) -> bool:
        """Whether all of the channel see it."""
        return share and not self.private

    def with_note(self, note: Json) -> Reply:
        """The same with one more block below."""
        return replace(self, blocks=(*self.blocks, note)) if self.blocks else self
