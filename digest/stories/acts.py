"""Acts: what somebody did that makes news, told by the verbs and nouns that say it. A list of our own, to be added to.

Each line is one act, its forms in any inflection that English gives them. Two texts tell the same act where they share a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The act, then stems: a word tells it that begins with one and goes on with at most the letters of an English ending.
_ACTS: Final = """
launched: launch unveil debut introduc|e|es|ed|ing roll|ed|s-out rollout release releas|ed|es|ing ship|s|ped|ping
acquired: acquir|e|es|ed|ing acquisition buyout takeover merg|e|es|ed|ing merger
sued: sue|s|d suing lawsuit
fined: fine|d|s penalt|y|ies
banned: ban|s|ned|ning prohibit outlaw
blocked: block|s|ed|ing veto|es|ed
approved: approv|e|es|ed|al greenlight greenlit clears cleared
rejected: reject rebuff|s|ed
delayed: delay postpon|e|es|ed|ing
paused: paus|e|es|ed|ing suspend suspension halt
withdrawn: withdraw|s|n|ing withdrew scrap|s|ped|ping cancel|s|ed|led|ling|lation recall|s|ed|ing
shut down: shutter shutdown discontinu|e|es|ed|ing shuts shutting
resigned: resign|s|ed|ing|ation quit|s
dismissed: oust|s|ed|ing dismiss|es|ed|al sack|s|ed fires fired
appointed: appoint|s|ed|ment hire|s|d hiring
cut jobs: layoff|s redundanc|y|ies
invested: invest|s|ed|ment funding
settled: settl|e|es|ed|ement
appealed: appeal|s|ed|ing
denied: deni|es|ed deny|ing
confirmed: confirm|s|ed|ing|ation
admitted: admit|s|ted|ting admission
apologised: apolog|y|ise|ises|ised|ize|izes|ized
breached: breach hack|s|ed|ing|ers leak|s|ed|ing
failed: outage|s crash|es|ed
investigated: investigat|e|es|ed|ing|ion|ions prob|e|es|ed|ing antitrust
charged: indict|s|ed|ment arrest|s|ed convict|s|ed|ion sentenc|e|ed|es
ruled: rul|es|ed|ing|ings verdict judgment judgement
agreed: agree|s|d|ment partner|s|ed|ing|ship
warned: warn|s|ed|ing|ings
objected: object|s|ed|ion|ions protest|s|ed|ers oppos|e|es|ed|ition
raised prices: surcharge
went public: ipo
open-sourced: open-source|s|d opensourc|e|es|ed
boycotted: boycott|s|ed|ing
died: die|s|d death
"""


def _forms() -> Iterator[tuple[str, str]]:
    for line in _ACTS.strip().splitlines():
        act, _, stems = line.partition(": ")
        for stem, *endings in (s.split("|") for s in stems.split()):
            yield from ((stem + ending, act) for ending in ("", *(endings or _ENDINGS)))


#: Endings of stems that have none of their own.
_ENDINGS: Final = ("s", "es", "ed", "ing")
_FORMS: Final = dict(_forms())
_WORD: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")


def acts(text: str) -> dict[str, str]:
    """The acts that ``text`` tells, each with the word that tells it, in the order in which they occur."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text.lower()):
        if act := _FORMS.get(word):
            found.setdefault(act, word)
    return found
