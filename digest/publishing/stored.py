"""A Publication as compressed JSON and back, for a ledger; and a Digest, from which a correction is drawn again. Pure.

What a digest keeps for that is what a reader is shown: no bodies, and nothing of what was left out.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import orjson
from pydantic import TypeAdapter

from digest.model import AssessedArticle, ChosenStory, Digest, Story
from digest.publishing.publication import Publication

if TYPE_CHECKING:
    from typing import Any


def dump_publication(publication: Publication) -> bytes:
    """As bytes; ``load_publication`` gives it back exactly."""
    fields = {n: getattr(publication, n) for n in Publication.__slots__ if n != "digest"}
    return zlib.compress(orjson.dumps({**fields, "digest": publication.digest.decode("latin-1")}), 6)


def load_publication(data: bytes) -> Publication:
    """The Publication of ``dump_publication``. Raises ValueError where ``data`` is something else."""
    try:
        raw: dict[str, Any] = orjson.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    digest = raw.pop("digest", "").encode("latin-1")
    return replace(_publications().validate_python(raw), digest=digest)


def dump_digest(digest: Digest) -> bytes:
    """As bytes: what a reader is shown of it."""
    chosen = tuple(_without_bodies(c) for c in digest.chosen)
    return zlib.compress(orjson.dumps(replace(digest, chosen=chosen, left_out=())), 6)


def load_digest(data: bytes) -> Digest:
    """The Digest of ``dump_digest``. Raises ValueError where ``data`` is something else."""
    try:
        return _digests().validate_json(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _without_bodies(chosen: ChosenStory) -> ChosenStory:
    story = chosen.story
    bare = Story(story.id, _bare(story.lead), tuple(map(_bare, story.also)), tuple(map(_bare, story.earlier)))
    return replace(chosen, story=bare, related=tuple(map(_bare, chosen.related)))


def _bare(told: AssessedArticle) -> AssessedArticle:
    return replace(told, article=replace(told.article, body=""))


@cache
def _publications() -> TypeAdapter[Publication]:
    return TypeAdapter(Publication)


@cache
def _digests() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)
