"""What somebody asks, and what is replied: values that know nothing of how Slack carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.slack.pages import pages
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
class Picture:
    """A PNG that takes the place of the block ``instead_of``, by its id, where Slack takes it. ``alt`` says what is seen on it."""

    png: bytes
    title: str
    alt: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is what notifications and screen readers are given; ``blocks`` what is shown. ``private``: never for all, whatever was
    asked for. ``modal``: a view to open instead; ``text`` is then said where it cannot be. ``pictures`` stand for blocks where Slack
    takes them."""

    text: str
    blocks: tuple[Json, ...] = ()
    private: bool = False
    modal: dict[str, Any] | None = None
    pictures: tuple[Picture, ...] = ()

    def message(self) -> dict[str, Any]:
        """What a call of Slack is given of it: of ``messages`` the first, which nearly always is all."""
        return self.messages()[0]

    def messages(self) -> list[dict[str, Any]]:
        """The same, with those that follow where one message does not hold it. Slack parses ``text``: nothing in it mentions anybody or
        is a link."""
        said: dict[str, Any] = {"text": neutral(fitted(self.text, _TEXT)) or " ", "unfurl_links": False, "unfurl_media": False}
        if not self.blocks:
            return [said]
        first, *others = pages(self.blocks)
        on = {**said, "text": neutral(fitted(f"Continued: {self.text}", _TEXT))}
        return [{**said, "blocks": first}, *({**on, "blocks": other} for other in others)]

    def update(self) -> dict[str, Any]:
        """What ``chat.update`` is given of it: links are unfurled when a message is posted, and never later."""
        return {"text": self.message()["text"], "blocks": list(self.blocks)}

    def shared(self, share: bool) -> bool:
        """Whether all of the channel see it."""
        return share and not self.private
