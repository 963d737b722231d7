"""People and channels, in memory and as Slack's methods describe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.local_slack.wire import Json

#: Slack's names for the kinds of channel, as in an event's ``channel_type``, with the scope's first word for each.
KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


@dataclass(slots=True)
class User:
    """One member of the workspace."""

    id: str
    name: str
    real_name: str = ""
    tz: str = "Europe/London"
    tz_offset: int = 0
    locale: str = "en-GB"
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False

    def described(self, team_id: str) -> Json:
        """As ``users.info`` answers."""
        real = self.real_name or self.name
        return {
            "id": self.id,
            "team_id": team_id,
            "name": self.name,
            "deleted": self.deleted,
            "color": "9f69e7",
            "real_name": real,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": {"real_name": real, "display_name": self.name, "real_name_normalized": real, "team": team_id},
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1763452800,
            "is_email_confirmed": True,
            "locale": self.locale,
        }


@dataclass(slots=True)
class Channel:
    """A conversation: public, private, or direct, with its messages by ``ts``, which only grows."""

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    created: int = 1763452800
    messages: dict[str, Json] = field(default_factory=dict)
    #: For whom, and what: only that person sees it, and no method returns it.
    ephemerals: list[tuple[str, Json]] = field(default_factory=list)

    def described(self, team_id: str, viewer: str) -> Json:
        """As ``conversations.info`` answers to ``viewer``."""
        shared: Json = {"id": self.id, "created": self.created, "is_archived": self.archived, "context_team_id": team_id,
                        "updated": self.created * 1000, "is_org_shared": False}  # fmt: skip
        if self.kind == "im":
            other = next((m for m in sorted(self.members) if m != viewer), viewer)
            return {**shared, "is_im": True, "user": other, "is_open": True, "priority": 0}
        return {
            **shared,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "is_member": viewer in self.members,
            "unlinked": 0,
            "pending_shared": [],
            "creator": next(iter(sorted(self.members)), viewer),
            "shared_team_ids": [team_id],
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }
