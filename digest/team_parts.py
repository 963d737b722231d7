"""The part of the composition root that belongs to one workspace of Slack: which adapter serves what its channels and people have."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.answers.ports import Conversations
    from digest.pacing import Rates
    from digest.ports import Editions
    from digest.publishing.ports import Ledger
    from digest.stores.connection import Server
    from digest.stores.keys import Keys
    from digest.subscribing.ports import Shelf, Subscriptions, Votes
    from digest.watching.ports import Activity, Backlogs
    from digest.workspaces.ports import Deliveries


class TeamParts:
    """What belongs to one workspace of Slack: its channels', its people's. Its keys are its own."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self.server = server
        #: For these keys alone: another workspace's may be on another server.
        self.client = server.client(keys.workspace)
        self.keys = keys

    @cached_property
    def editions(self) -> Editions:
        """Which digests were issued."""
        from digest.stores.redis_editions import RedisEditions

        return RedisEditions(self.client, self.keys)

    @cached_property
    def rates(self) -> Rates:
        """Turns for calls to others, of all processes together."""
        from digest.stores.redis_rates import RedisRates

        return RedisRates(self.client, self.keys)

    @cached_property
    def ledger(self) -> Ledger:
        """What is on its way into channels."""
        from digest.stores.redis_ledger import RedisLedger

        return RedisLedger(self.client, self.keys)

    @cached_property
    def deliveries(self) -> Deliveries:
        """What was delivered to us, each once."""
        from digest.stores.redis_deliveries import RedisDeliveries

        return RedisDeliveries(self.client, self.keys)

    @cached_property
    def backlogs(self) -> Backlogs:
        """What waits."""
        from digest.stores.redis_watching import RedisBacklogs

        return RedisBacklogs(self.client, self.keys)

    @cached_property
    def activity(self) -> Activity:
        """What was done lately."""
        from digest.stores.redis_watching import RedisActivity

        return RedisActivity(self.client, self.keys)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What channels asked for."""
        from digest.stores.redis_subscriptions import RedisSubscriptions

        return RedisSubscriptions(self.client, self.keys)

    @cached_property
    def shelf(self) -> Shelf:
        """The articles that people saved."""
        from digest.stores.redis_shelf import RedisShelf

        return RedisShelf(self.client, self.keys)

    @cached_property
    def conversations(self) -> Conversations:
        """What was asked and answered in its threads and direct messages."""
        from digest.stores.redis_answers import RedisConversations

        return RedisConversations(self.client, self.keys)

    @cached_property
    def votes(self) -> Votes:
        """What channels want more and less of."""
        from digest.stores.redis_votes import RedisVotes

        return RedisVotes(self.client, self.keys)
