"""The composition root of translating: whom a channel's digest is translated by, and from which purse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.assessment.channel_ledger import ChannelLedger
from digest.assessment.prices import Prices
from digest.assessment.spending import Spending

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.model import AssessedArticle, Digest, Subscription
    from digest.ports import SpendingLedger
    from digest.team_parts import TeamParts
    from digest.translating.wordings import Wordings


def wordings(parts: Parts) -> Wordings | None:
    """Who says summaries in other languages; None where no model is configured. Raises ConfigurationError."""
    from digest.factory import uses_claude

    if not uses_claude(parts.settings):
        return None
    from digest.assessment.clients import make_client
    from digest.stores.redis_translations import RedisTranslations
    from digest.translating.claude import ClaudeTranslator
    from digest.translating.wordings import Wordings

    client = make_client(parts.settings, rates=parts.rates)
    translator = ClaudeTranslator(client, parts.settings.assess_effort)
    return Wordings(translator, RedisTranslations(parts.client, parts.keys), Prices(client.provider, client.model))


def ledger_of(parts: Parts, own: TeamParts, subscription: Subscription | None) -> SpendingLedger:
    """Where what models cost for that channel of ``own`` is counted, and bounded by its budget and, where there are several, by that of its
    workspace; for a channel that did not subscribe, by the workspace's."""
    from digest.stores.spending import RedisSpendingLedger

    everybody: SpendingLedger = parts.spending
    if own.keys != parts.keys:
        everybody = ChannelLedger(
            everybody, RedisSpendingLedger(own.client, own.keys), parts.settings.workspace_cap_usd,
            "This workspace's budget", "AINEWS_WORKSPACE_CAP_USD raises it",
        )  # fmt: skip
    if subscription is None:
        return everybody
    its = RedisSpendingLedger(own.client, own.keys, channel=subscription.channel)
    return ChannelLedger(everybody, its, subscription.budget_usd)


def purse_of(parts: Parts, own: TeamParts, subscription: Subscription | None, prices: Prices, purpose: str) -> Spending:
    """From which calls for that channel are paid, of a model that costs ``prices``."""
    return Spending(ledger_of(parts, own, subscription), prices, parts.settings.daily_cap_usd, purpose)


async def in_its_language(made: Digest, parts: Parts, own: TeamParts) -> Digest:
    """``made`` with summaries in the language that its channel asked for, as far as they can be had. Never raises."""
    if not made.subscription.language or parts.wordings is None:
        return made
    purse = purse_of(parts, own, made.subscription, parts.wordings.prices, "translate")
    return await parts.wordings.digest(made, purse)


async def told_in_its_language(
    told: AssessedArticle, subscription: Subscription, parts: Parts, own: TeamParts
) -> AssessedArticle:
    """The same of one article."""
    if not subscription.language or parts.wordings is None:
        return told
    purse = purse_of(parts, own, subscription, parts.wordings.prices, "translate")
    [said], _ = await parts.wordings.articles([told], subscription.language, purse)
    return said
