"""Of every key of ``keys``: its type, whose it is, and what becomes of it in a backup. A test holds the two to each other.

Kinds are named as in the table there. A backup reads them in waves, because programs write meanwhile: what tells that something was done
is read before what was done, and what leads to a thing after the thing. So what is in a backup is whole, and what came between is
done again after it was put back: a document that is said to be read is there, an article that is there is found, a digest that was
begun is gone on with, an assessment may be paid for twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Type = Literal["string", "hash", "list", "set", "zset"]
#: Whose something is: of all, of one channel, of one person, of a workspace of Slack, of the machinery.
Of = Literal["articles", "installation", "channel", "person", "team", "machinery"]
#: ``travels``: it is in a backup, and what was there gives way to it. ``stays``: it tells of what happens here and now; a backup neither has
#: nor touches it. ``anew``: it is in no backup, and begins anew when one is put back.
Fate = Literal["travels", "stays", "anew"]

#: Of everything that is neither before nor behind something else.
MIDDLE: Final = 1
WAVES: Final = (0, MIDDLE, 2, 3)


@dataclass(frozen=True, slots=True)
class Kind:
    """Keys of one kind. ``why`` says what speaks for its fate; ``waves``: when a backup reads it."""

    name: str
    type: Type
    of: Of
    fate: Fate = "travels"
    why: str = ""
    waves: tuple[int, ...] = (MIDDLE,)

    @property
    def stem(self) -> str:
        """What its keys begin with, or are."""
        return _PLACE.split(self.name, maxsplit=1)[0]

    @property
    def single(self) -> bool:
        """Whether a workspace has one key of it."""
        return self.stem == self.name


_PLACE: Final = re.compile(r"[A-Z]+|…")
_ONCE: Final = "what was answered since would be answered again"
_HELD: Final = "nobody holds it elsewhere"

KINDS: Final = (
    Kind("article:ID", "hash", "articles"),
    Kind("text:FINGERPRINT", "string", "articles"),
    Kind("near:ID", "string", "articles"),
    Kind("near:bands:PERIOD", "hash", "articles", why="bands lead to sketches", waves=(2,)),
    Kind("near:sequence", "string", "articles", why="no sketch has a higher number", waves=(3,)),
    Kind("dated", "zset", "articles", why="leads to articles", waves=(2,)),
    Kind("collected", "zset", "articles", why="leads to articles", waves=(2,)),
    Kind("changed", "zset", "articles", why="leads to articles", waves=(2,)),
    Kind("unassessed", "zset", "articles", why="what was judged meanwhile is judged again, what came meanwhile too", waves=(0, 2)),
    Kind("sequence", "string", "articles", why="no change has a higher number", waves=(3,)),
    Kind("epoch", "string", "articles", "anew", "search indexes and look-ups that follow the store start over"),
    Kind("read:SOURCE", "hash", "articles", why="says that articles are there", waves=(0,)),
    Kind("spent:DATE", "hash", "installation"),
    Kind("reserved:DATE", "zset", "installation", "stays", "calls that are under way here"),
    Kind("spent:of:CHANNEL:DATE", "hash", "channel"),
    Kind("reserved:of:CHANNEL:DATE", "zset", "channel", "stays", "calls that are under way here"),
    Kind("translation:LANGUAGE:ID:WORDING", "string", "articles", why="it was paid for"),
    Kind("asked:DATE", "hash", "person", why="quotas hold"),
    Kind("answered:DATE", "hash", "installation"),
    Kind("runs", "hash", "machinery", "stays", "tells of what ran here"),
    Kind("answer:HASH", "string", "articles", "stays", "made again where it is asked again; what people asked lies in no backup"),
    Kind("conversation:CHANNEL:THREAD", "list", "channel", "stays", "over within a day; what people asked lies in no backup"),
    Kind("feeds", "hash", "installation"),
    Kind("candidates", "hash", "articles", why="says that entries wait", waves=(0,)),
    Kind("candidates:due", "zset", "articles", why="leads to candidates"),
    Kind("seen:ID", "string", "articles"),
    Kind("rebuild", "string", "machinery", "anew", "a rebuild of articles that gave way"),
    Kind("rebuild:TOKEN:…", "hash", "machinery", "anew", "what it had built"),
    Kind("batches", "hash", "installation", why="they are paid for, and fetched wherever the key is"),
    Kind("delivery:NAME", "string", "team", "stays", _ONCE),
    Kind("deliveries:open", "zset", "team", "stays", _ONCE),
    Kind("installations", "hash", "team", why="encrypted, and stays so: AINEWS_TOKEN_KEY is needed beside it"),
    Kind("installing:STATE", "string", "team", "stays", "good for ten minutes"),
    Kind("edition:CHANNEL", "hash", "channel"),
    Kind("publication:NAME", "string", "channel"),
    Kind("publication:lease:NAME", "string", "machinery", "anew", f"{_HELD}; whoever held it here must not go on from what was"),
    Kind("publications", "zset", "channel", why="leads to publications", waves=(2,)),
    Kind("publications:open", "zset", "channel", why="leads to publications", waves=(2,)),
    Kind("publications:life", "string", "channel", "anew", "a ledger put back is older than the channels: they are asked, and waited for"),
    Kind("proved:BOT", "string", "team", "stays", "proved again within seconds where it is needed"),
    Kind("subscriptions", "hash", "channel"),
    Kind("subscription:changes:CHANNEL", "list", "channel"),
    Kind("shelf:PERSON", "zset", "person"),
    Kind("votes:of:CHANNEL", "hash", "person"),
    Kind("votes:at:CHANNEL", "zset", "person", why="leads to votes", waves=(2,)),
    Kind("rate:…", "string", "machinery", "stays", "when the next call from here may be made"),
    Kind("tasks:KIND:…", "string", "machinery", "stays", "the rounds find again what is to be done"),
    Kind("version", "string", "machinery", "stays", "a backup says its schema itself"),
    Kind("migrating", "string", "machinery", "stays", _HELD),
    Kind("import", "string", "machinery", "stays", _HELD),
    Kind("import:switch", "string", "machinery", "stays", _HELD),
    Kind("import:TOKEN:…", "hash", "machinery", "stays", "takes its place, or is dropped"),
)  # fmt: skip
#: What this program does not know, as of a newer one or of somebody else's: it travels, so that nothing is lost.
OTHER: Final = Kind("other", "string", "machinery")

_SINGLE: Final = {k.name.encode(): k for k in KINDS if k.single}
#: By what stands before the first colon, the longest first.
_STEMS: Final = {
    head: tuple((k.stem.encode(), k) for k in sorted(found, key=lambda k: len(k.stem), reverse=True))
    for head, found in (
        (h, [k for k in KINDS if not k.single and k.stem.startswith(f"{h.decode()}:")])
        for h in {k.stem.partition(":")[0].encode() for k in KINDS if not k.single}
    )
}


def kind_of(name: bytes) -> Kind:
    """The kind of a key, by its name without the workspace's prefix."""
    single = _SINGLE.get(name)
    if single is not None:
        return single
    of_head = _STEMS.get(name.partition(b":")[0], ())
    return next((kind for stem, kind in of_head if name.startswith(stem)), OTHER)


def single_kinds(wave: int) -> Iterator[Kind]:
    """Those that travel in that wave and have one key."""
    return (k for k in KINDS if k.single and k.fate == "travels" and wave in k.waves)
