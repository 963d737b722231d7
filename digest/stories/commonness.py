"""How common words are: general English by rank, and the vocabulary of news about AI and marketing.

Two articles that share a rare word are likelier to tell one event than two that share "model". A fixed table says so, never the
articles at hand. The table of general words is ``common_words.txt``: stems by falling frequency, after the word list of the
wordninja package (MIT licence; frequencies of the English Wikipedia), made by ``benchmarks/common_words.py``. By Zipf's law the
word of rank r makes up one in 10 r of running words. Words that are common here and not in an encyclopaedia are listed below
by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Words of an article by which a word's chance to occur in it is reckoned: those that are read of it.
_ARTICLE_WORDS: Final = 200
#: The most frequent stems are no terms at all: "the", "people", "part". Of 150, 300 and 600 none was better.
_STOP_RANKS: Final = 300
#: A word that is not in the table is thought to occur in one of this many articles.
_UNKNOWN_CHANCE: Final = 1 / 1_500

#: Words that about one in six articles of this field has in its title or first lines.
OFTEN: Final = (
    "ai artificial intelligence model google openai chatgpt data tool business customer brand marketing marketer ad ads "
    "advertiser campaign search platform product technology tech agent company content launch use using user strategy"
)
#: Words that about one in twenty has; numbers below a hundred are common too.
SOMETIMES: Final = (
    "llm gpt claude gemini anthropic microsoft meta amazon apple nvidia copilot llama mistral deepseek xai grok perplexity "
    "facebook instagram youtube tiktok linkedin reddit whatsapp salesforce adobe hubspot shopify adwords android iphone "
    "generative agentic chatbot bot assistant prompt token training trained inference reasoning benchmark dataset neural "
    "machine learning algorithm automation automated automate workflow api app startup enterprise developer software cloud "
    "saas b2b ecommerce commerce retail retailer seo geo ppc sem cpc ctr roas roi kpi cmo ceo cto cfo crm martech adtech "
    "conversion click audience targeting keyword ranking traffic website online digital social media video creative creator "
    "influencer email newsletter podcast blog consumer shopper shopping buyer sales lead funnel budget spend spending revenue "
    "growth performance insight analytics metric report trend update feature beta rollout release released announce announced "
    "unveil introducing introduce launching launched partnership funding investment investor valuation billion million "
    "percent privacy safety security regulation copyright lawsuit chip gpu datacenter robot robotics research researcher "
    "study survey expert guide tip how why best top vs your you've we're don't it's what's i'm here's 2024 2025 2026 2027 "
    "november december october january february march april june july august september monday tuesday wednesday thursday "
    "friday saturday sunday q1 q2 q3 q4 " + " ".join(map(str, range(100)))
)
_OFTEN_CHANCE: Final = 1 / 6
_SOMETIMES_CHANCE: Final = 1 / 20


@dataclass(frozen=True, slots=True)
class Commonness:
    """``chances``: by stem, the part of articles that have it, 0 to 1. ``stop``: stems that say nothing."""

    chances: Mapping[str, float]
    stop: frozenset[str]

    def rarity(self, stem: str) -> float:
        """0 upwards, about 7 for a word that the table does not have: minus the logarithm of the chance."""
        return -log(self.chances.get(stem, _UNKNOWN_CHANCE))


@cache
def commonness() -> Commonness:
    """The table that ships. It is read once."""
    ranked = resources.files("digest.stories").joinpath("common_words.txt").read_text(encoding="utf-8").split()
    chances = {stem: 1 - exp(-_ARTICLE_WORDS / (10 * rank)) for rank, stem in enumerate(ranked, start=1)}
    for stems, chance in ((SOMETIMES, _SOMETIMES_CHANCE), (OFTEN, _OFTEN_CHANCE)):
        for stem in stems.split():
            chances[stem] = max(chance, chances.get(stem, 0.0))
    return Commonness(chances, frozenset(ranked[:_STOP_RANKS]))
