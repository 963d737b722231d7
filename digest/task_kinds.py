"""The kinds of tasks there are: how many of each at once, for how long, and how often they are tried.

Times and counts are policy, not measurements, but for those that say so.
"""

from __future__ import annotations

from typing import Final

from digest.tasks import Kind

#: Looks which feeds are due, and which entries wait. Of the installation.
FEEDS: Final = Kind("feeds", at_once=1, each_workspace=0, deadline_s=120, attempts=1)
#: Asks one feed, by its URL. One that fails is asked again when its state says, not by the engine.
FEED: Final = Kind("feed", at_once=50, each_workspace=0, deadline_s=120, attempts=1)
#: Assesses one entry, by its article id, and files it. One that fails waits by the candidate's own rule.
ASSESS: Final = Kind("assess", at_once=8, each_workspace=0, deadline_s=120, attempts=2)
#: Takes in what was filed.
COLLECT: Final = Kind("collect", at_once=1, each_workspace=1, deadline_s=1_800, attempts=2)
#: Looks which digests of a workspace are due, and which are on their way.
LOOK: Final = Kind("look", at_once=8, each_workspace=1, deadline_s=120, attempts=1)
#: Chooses and freezes one digest. It computes: more at once than cores help nobody, and delay an ack.
PREPARE: Final = Kind("prepare", at_once=4, each_workspace=0, deadline_s=180, attempts=2)
#: Brings one digest further into its channel, all its parts if it can. Mostly it waits, for Slack and between parts: 1.1 s each.
PUBLISH: Final = Kind("publish", at_once=64, each_workspace=16, deadline_s=600, attempts=1)
#: Carries out an event of Slack that was acked: a question, most of all. It may wait 90 s for a model.
EVENT: Final = Kind("event", at_once=32, each_workspace=16, deadline_s=180, attempts=2)

MONITORING: Final = (FEEDS, FEED, ASSESS, COLLECT)
PUBLISHING: Final = (LOOK, PREPARE, PUBLISH)
ALL: Final = (*MONITORING, *PUBLISHING, EVENT)
