"""Every key in Redis: its name, type, lifetime and what it holds. No other module spells a key; ``kinds`` says of each what a backup
does with it.

All keys of a workspace carry its name as a hash tag (``{local}``), so that they lie in one slot of a cluster and a script may
touch several of them.

| key                                   | type        | lifetime             | holds |
|---------------------------------------|-------------|----------------------|-------|
| ``ainews:{W}:article:ID``             | hash        | retention            | one canonical URL: ``lead`` names the leading origin, ``d:SOURCE US KEY`` each document as it came (at most 16), ``judged`` what an assessor wrote, ``text`` the lead's fingerprint, ``same`` the id of an earlier article with it |
| ``ainews:{W}:text:FINGERPRINT``       | string      | retention            | id of the first article with this normalised text |
| ``ainews:{W}:near:ID``                | string      | retention            | number by which sketches were added, 6 bytes, and the sketch of one article's text |
| ``ainews:{W}:near:bands:PERIOD``      | hash        | retention after its period | bands of sketches, 4 bytes each, to the ids of the last 10 articles with it, 6 bytes each; a period is a third of the retention |
| ``ainews:{W}:near:sequence``          | integer     | for ever             | number of the last sketch added |
| ``ainews:{W}:dated``                  | sorted set  | members pruned       | article ids by date, in milliseconds |
| ``ainews:{W}:collected``              | sorted set  | members pruned       | article ids by the time they were last put, in milliseconds; what is older than the retention is pruned from every set |
| ``ainews:{W}:changed``                | sorted set  | members pruned       | article ids by the number of their last change |
| ``ainews:{W}:unassessed``             | sorted set  | members pruned       | ids of articles with a field missing that nobody has judged, by the time they were put |
| ``ainews:{W}:sequence``               | integer     | for ever             | number of the last change |
| ``ainews:{W}:epoch``                  | string      | for ever             | random name of this life of the store |
| ``ainews:{W}:read:SOURCE``            | hash        | for ever, bounded by the source | origin's key to revision, stamp and article id |
| ``ainews:{W}:spent:DATE``             | hash        | 400 days             | ``PURPOSE/MODEL|COUNT``: tokens and micro-dollars of one UTC date |
| ``ainews:{W}:reserved:DATE``          | sorted set  | 2 days               | reservations not yet settled, ``TOKEN:MICRODOLLARS`` by when they lapse |
| ``ainews:{W}:spent:of:CHANNEL:DATE``, ``reserved:of:CHANNEL:DATE`` | as above | as above | the same of what models cost for one channel |
| ``ainews:{W}:translation:LANGUAGE:ID:WORDING`` | string | 45 days           | an article's summary and key insights in another language, as JSON |
| ``ainews:{W}:asked:DATE``             | hash        | 2 days               | how many questions were asked of a model on one UTC date, by ``person:TEAM:ID``, ``channel:TEAM:ID`` and ``day`` |
| ``ainews:{W}:answered:DATE``          | hash        | 35 days              | how many questions were answered on one UTC date, by whom, and ``abstained``: those that were not |
| ``ainews:{W}:runs``                   | hash        | for ever, one field a task | a task's name to its last run, as JSON |
| ``ainews:{W}:answer:HASH``            | string      | a week               | an answer of a model, as JSON, by a hash of the question, the texts and the model |
| ``ainews:{W}:conversation:CHANNEL:THREAD`` | list   | a day after the last turn | the newest 8 turns of one conversation, as JSON, the oldest first |
| ``ainews:{W}:feeds``                  | hash        | for ever, one field a listed feed | a feed's URL to its state as JSON |
| ``ainews:{W}:candidates``             | hash        | until assessed       | article id to an entry that waits to be assessed, as JSON |
| ``ainews:{W}:candidates:due``         | sorted set  | until assessed       | ids of the same by when they are due, in milliseconds |
| ``ainews:{W}:seen:ID``                | string      | retention, anew whenever its feed lists it | score of an entry that was assessed; empty: unscored |
| ``ainews:{W}:rebuild``                | string      | a day                | token of the rebuild that was begun last; no other may change the store |
| ``ainews:{W}:rebuild:TOKEN:…``        | as above    | until taken over     | articles, sets and what was read, as above, of the store that a rebuild makes beside this one |
| ``ainews:{W}:batches``                | hash        | for ever, one field a batch under way | id of a message batch to what was asked in it, as JSON |
| ``ainews:{W}:delivery:NAME``          | string      | a day, or as asked   | something delivered once; its body until it is finished |
| ``ainews:{W}:deliveries:open``        | sorted set  | for ever, a day of members kept | names of the same that are not finished, by when they were begun or kept last |
| ``ainews:{W}:installations``          | hash        | until uninstalled    | a workspace of Slack to what was installed there, encrypted |
| ``ainews:{W}:installing:STATE``       | string      | ten minutes          | somebody who began to install it |
| ``ainews:{W}:edition:CHANNEL``        | hash        | for ever, a year of days kept | editions of one channel by date |
| ``ainews:{W}:publication:NAME``       | string      | 40 days after its last change | a digest on its way into a channel, as compressed JSON |
| ``ainews:{W}:publication:lease:NAME`` | string      | half a minute, while it is held | token of the process that works on it |
| ``ainews:{W}:publications``           | sorted set  | for ever, 40 days of members kept | names of publications by when they are due, in seconds; what is 40 days older than the newest is pruned |
| ``ainews:{W}:publications:open``      | sorted set  | the same             | names of those that are not closed |
| ``ainews:{W}:publications:life``      | string      | for ever             | random name of this life of them |
| ``ainews:{W}:proved:BOT``             | string      | 30 days              | Slack gave back what is kept beside a message of that bot |
| ``ainews:{W}:rate:…``                 | as the limiter has them | until it is full again | when the next call of some kind is to be made, where workers call |
| ``ainews:{W}:tasks:KIND:…``           | as the engine has them | until done        | tasks of one kind that wait or run, where workers do them |
| ``ainews:{W}:subscriptions``          | hash        | until unsubscribed   | channel to what it asked for, as JSON |
| ``ainews:{W}:subscription:changes:CHANNEL`` | list  | for ever, the newest 200 | who changed a channel's subscription, when, and what, as JSON, newest first |
| ``ainews:{W}:shelf:PERSON``           | sorted set  | for ever, the newest 500 | ids of the articles that a person saved, by when, in milliseconds |
| ``ainews:{W}:votes:of:CHANNEL``       | hash        | 300 days after the last vote | ``PERSON US ARTICLE`` to a vote of that channel, as JSON |
| ``ainews:{W}:votes:at:CHANNEL``       | sorted set  | the same             | fields of that hash by when they were cast, in milliseconds; the newest 2,000 |
| ``ainews:{W}:version``                | integer     | for ever             | schema of all that an installation stores, that of its Slack workspaces too; see ``schema`` |
| ``ainews:{W}:migrating``              | string      | a minute, while it is held | token of the process that migrates it |
| ``ainews:{W}:import``                 | string      | a minute, while it is held | token of the process that puts a backup in place |
| ``ainews:{W}:import:switch``          | string      | until that is complete | how far it is, as JSON; no other program begins meanwhile |
| ``ainews:{W}:import:TOKEN:…``         | as above    | until they take their places | what is put in place, beside what is in use |
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

ALL_RETAINED: Final = ("dated", "collected", "changed", "unassessed")
SPENT_TTL_S: Final = 400 * 86_400
RESERVED_TTL_S: Final = 2 * 86_400
#: An article is in digests for days; "Key insights" of an old one may be pressed for weeks.
TRANSLATION_TTL_S: Final = 45 * 86_400
ASKED_TTL_S: Final = 2 * 86_400
ANSWERED_TTL_S: Final = 35 * 86_400
EDITIONS_KEPT: Final = 366
REBUILD_TTL_S: Final = 86_400
#: Longer than a month's look back takes, and than anything may be caught up.
PUBLICATION_TTL_S: Final = 40 * 86_400
PROOF_TTL_S: Final = 30 * 86_400
#: Ten half-lives of a vote: what it counts for by then is a thousandth.
VOTES_TTL_S: Final = 300 * 86_400


@lru_cache(maxsize=256)
def source_digest(source: str) -> str:
    """A source's name as it stands in keys and fields: 16 hex digits."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one workspace. ``workspace``: letters, digits, ``_`` and ``-``. ``beside``: of which rebuild; empty for the
    store in use."""

    workspace: str
    beside: str = ""

    @property
    def prefix(self) -> str:
        """What every key of this workspace begins with."""
        return f"ainews:{{{self.workspace}}}:" + (f"rebuild:{self.beside}:" if self.beside else "")

    @property
    def rebuild(self) -> str:
        """The rebuild that was begun last."""
        return f"{self.prefix}rebuild"

    @property
    def version(self) -> str:
        """Schema of what is stored."""
        return f"{self.prefix}version"

    @property
    def migrating(self) -> str:
        """Who migrates it."""
        return f"{self.prefix}migrating"

    @property
    def importing(self) -> str:
        """Who puts a backup in place."""
        return f"{self.prefix}import"

    @property
    def import_switch(self) -> str:
        """How far that is."""
        return f"{self.prefix}import:switch"

    def imported(self, token: str = "") -> str:
        """What the keys begin with that one import puts beside those in use; without a token those of all."""
        return f"{self.prefix}import:" + (f"{token}:" if token else "")

    def article(self, article_id: str) -> str:
        """One canonical URL."""
        return f"{self.prefix}article:{article_id}"

    def text(self, fingerprint: str) -> str:
        """One normalised text."""
        return f"{self.prefix}text:{fingerprint}"

    def near(self, article_id: str) -> str:
        """The sketch of one article's text."""
        return f"{self.prefix}near:{article_id}"

    def near_bands(self, period: int) -> str:
        """Bands of the sketches added in one period."""
        return f"{self.prefix}near:bands:{period}"

    @property
    def near_sequence(self) -> str:
        """Number of the last sketch added."""
        return f"{self.prefix}near:sequence"

    @property
    def dated(self) -> str:
        """Ids by date."""
        return f"{self.prefix}dated"

    @property
    def collected(self) -> str:
        """Ids by when they were put."""
        return f"{self.prefix}collected"

    @property
    def changed(self) -> str:
        """Ids by number of last change."""
        return f"{self.prefix}changed"

    @property
    def unassessed(self) -> str:
        """Ids of what waits for an assessor."""
        return f"{self.prefix}unassessed"

    @property
    def sequence(self) -> str:
        """Number of the last change."""
        return f"{self.prefix}sequence"

    @property
    def epoch(self) -> str:
        """Name of this life of the store."""
        return f"{self.prefix}epoch"

    def read(self, source: str) -> str:
        """What was read of one source."""
        return f"{self.prefix}read:{source_digest(source)}"

    def spent(self, day: date, channel: str = "") -> str:
        """What was spent on one UTC date, in all or for one channel."""
        return f"{self.prefix}spent:{channel and f'of:{channel}:'}{day.isoformat()}"

    def reserved(self, day: date, channel: str = "") -> str:
        """What is reserved of one UTC date, in all or for one channel."""
        return f"{self.prefix}reserved:{channel and f'of:{channel}:'}{day.isoformat()}"

    def translation(self, name: str) -> str:
        """What was translated: the name has language, article and wording."""
        return f"{self.prefix}translation:{name}"

    def asked(self, day: date) -> str:
        """How many questions were asked on one UTC date."""
        return f"{self.prefix}asked:{day.isoformat()}"

    def answered(self, day: date) -> str:
        """How many questions were answered on one UTC date."""
        return f"{self.prefix}answered:{day.isoformat()}"

    @property
    def runs(self) -> str:
        """The last run of each task."""
        return f"{self.prefix}runs"

    def answer(self, key: str) -> str:
        """An answer that was given."""
        return f"{self.prefix}answer:{key}"

    def conversation(self, name: str) -> str:
        """One conversation."""
        return f"{self.prefix}conversation:{name}"

    @property
    def feeds(self) -> str:
        """States of the feeds."""
        return f"{self.prefix}feeds"

    @property
    def candidates(self) -> str:
        """Entries that wait to be assessed."""
        return f"{self.prefix}candidates"

    @property
    def candidates_due(self) -> str:
        """When they are due."""
        return f"{self.prefix}candidates:due"

    def seen(self, article_id: str) -> str:
        """One entry that was assessed."""
        return f"{self.prefix}seen:{article_id}"

    @property
    def batches(self) -> str:
        """Message batches under way."""
        return f"{self.prefix}batches"

    def edition(self, channel: str) -> str:
        """Editions of one channel."""
        return f"{self.prefix}edition:{channel}"

    def delivery(self, name: str) -> str:
        """Something that was delivered."""
        return f"{self.prefix}delivery:{name}"

    @property
    def deliveries_open(self) -> str:
        """What was delivered and is not finished."""
        return f"{self.prefix}deliveries:open"

    @property
    def installations(self) -> str:
        """Workspaces of Slack that installed the app."""
        return f"{self.prefix}installations"

    def installing(self, state: str) -> str:
        """Somebody who began to install the app."""
        return f"{self.prefix}installing:{state}"

    def publication(self, name: str) -> str:
        """A digest on its way into a channel."""
        return f"{self.prefix}publication:{name}"

    def publication_lease(self, name: str) -> str:
        """Who works on it."""
        return f"{self.prefix}publication:lease:{name}"

    @property
    def publications(self) -> str:
        """All of them, by when they are due."""
        return f"{self.prefix}publications"

    @property
    def publications_open(self) -> str:
        """Those that are not closed."""
        return f"{self.prefix}publications:open"

    @property
    def publications_life(self) -> str:
        """Name of this life of them."""
        return f"{self.prefix}publications:life"

    def proved(self, bot: str) -> str:
        """That Slack gives back what is kept beside a message."""
        return f"{self.prefix}proved:{bot}"

    @property
    def rates(self) -> str:
        """With what the keys of turns begin."""
        return f"{self.prefix}rate"

    def tasks(self, kind: str) -> str:
        """With what the keys of the tasks of one kind begin."""
        return f"{self.prefix}tasks:{kind}"

    @property
    def subscriptions(self) -> str:
        """What channels asked for."""
        return f"{self.prefix}subscriptions"

    def subscription_changes(self, channel: str) -> str:
        """Who changed one channel's subscription."""
        return f"{self.prefix}subscription:changes:{channel}"

    def shelf(self, person: str) -> str:
        """Articles that one person saved."""
        return f"{self.prefix}shelf:{person}"

    def votes(self, channel: str) -> str:
        """Votes of one channel."""
        return f"{self.prefix}votes:of:{channel}"

    def votes_at(self, channel: str) -> str:
        """When they were cast."""
        return f"{self.prefix}votes:at:{channel}"
