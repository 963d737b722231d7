"""What model calls cost, from the price list that ships inside ``genai-prices``; it is never fetched from the network.

Two figures: what a call did cost, by the counts the provider reported, and the most it can cost, to be set aside
before it. A model the list does not know is charged as the dearest Claude of the list, so that a cap still holds, and
is warned of once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import structlog

from digest.ports import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

log = structlog.get_logger(__name__)

#: Our provider to the price list's. The lists differ: Bedrock's regional prices are 10 % above the others.
_LISTS: Final = {"anthropic": "anthropic", "foundry": "azure", "bedrock": "aws", "vertex": "google"}
#: Dollars per million tokens for a model that is not in the list: what Claude Fable 5.1 costs (price list of November
#: 2026), with reads from the cache at the usual tenth.
UNKNOWN_MODEL: Final = Usage(input_tokens=10, output_tokens=50, cache_write_tokens=20, cache_read_tokens=1)
#: A token stands for one byte at least, so bytes bound tokens from above whatever the script. English text has about
#: 2.5 characters a token on the current tokenizer (the provider's figure), so what is set aside is over twice what is
#: used.
BYTES_PER_TOKEN: Final = 2.5
#: Tokens the provider adds to a prompt of ours: the schema of the answer and the frame around the messages.
OVERHEAD_TOKENS: Final = 1500


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one model at one provider (``anthropic``, ``foundry``, ``bedrock``, ``vertex``). ``batch``: by the Message
    Batches API, half of the others for the models the list has it for."""

    provider: str
    model: str
    batch: bool = False

    @property
    def known(self) -> bool:
        """Whether the price list has the model."""
        return _calculate(self, Usage(input_tokens=1)) is not None

    def priced(self, usage: Usage) -> float:
        """Dollars for ``usage``; its input tokens are those that neither wrote nor read the cache, as Anthropic
        counts.
        """
        found = _calculate(self, usage)
        return float(found.total_price) if found else _unknown(self.provider, self.model, usage)

    def most(self, *, size: int, max_output_tokens: int) -> Usage:
        """The most a call of ``size`` bytes can use: a token a byte, all written to the cache, the output at its
        limit.
        """
        tokens = size + OVERHEAD_TOKENS
        usage = Usage(calls=1, cache_write_tokens=tokens, output_tokens=max_output_tokens)
        return _with_dollars(usage, self.priced(usage))

    def read(self, *, size: int) -> Usage:
        """What a call that was abandoned is counted as: its prompt of ``size`` bytes was read, and nothing was
        written.
        """
        usage = Usage(calls=1, input_tokens=round(size / BYTES_PER_TOKEN))
        return _with_dollars(usage, self.priced(usage))


def _with_dollars(usage: Usage, dollars: float) -> Usage:
    return Usage(
        usage.calls, usage.input_tokens, usage.output_tokens, usage.cache_write_tokens, usage.cache_read_tokens, dollars
    )


def _calculate(prices: Prices, usage: Usage) -> PriceCalculation | None:
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    # The list counts cached tokens within the input; Anthropic counts them beside it.
    tokens = Tokens(
        input_tokens=usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens,
        output_tokens=usage.output_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cache_read_tokens=usage.cache_read_tokens,
    )
    try:
        provider = _LISTS.get(prices.provider, prices.provider)
        how = {"processing": "batch"} if prices.batch else None
        return calc_price(tokens, prices.model, provider_id=provider, price_context=how)
    except LookupError:
        return None


def _unknown(provider: str, model: str, usage: Usage) -> float:
    _warn_unknown(provider, model)
    per_million = (
        usage.input_tokens * UNKNOWN_MODEL.input_tokens
        + usage.output_tokens * UNKNOWN_MODEL.output_tokens
        + usage.cache_write_tokens * UNKNOWN_MODEL.cache_write_tokens
        + usage.cache_read_tokens * UNKNOWN_MODEL.cache_read_tokens
    )
    return float(Decimal(per_million) / 1_000_000)


@lru_cache(maxsize=128)
def _warn_unknown(provider: str, model: str) -> None:
    """Once for each model of a process: the cache is what makes it once."""
    log.warning("model.price_unknown", provider=provider, model=model, charged_as="claude-fable-5-1")
