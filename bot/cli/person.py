"""What is held on one person: written into a file for that person (``ainews export --person``), and how a person is named."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import typer

from bot.cli.app import USAGE, err, out, print_json, run

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.settings import Settings
    from digest.state.persons import Held

_PERSON: Final = re.compile(r"[UW][A-Z0-9]{2,}")


def checked(person: str) -> str:
    """``person``, if that is an id of Slack's; else the command ends."""
    if not _PERSON.fullmatch(person):
        err().print("A person is named by Slack's id, U…: in the person's profile, ⋮, Copy member ID.", markup=False)
        raise typer.Exit(USAGE)
    return person


def export_person(loaded: Settings, file: str, person: str, team: str, *, as_json: bool) -> None:
    """Write the document. Raises NotFound, StateError, StoreError."""
    import orjson

    from digest.errors import StateError

    held, document = run(_document(loaded, checked(person), team))
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
    if file == "-":
        sys.stdout.buffer.write(text)
        return
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            to.write(text)
    except OSError as error:
        raise StateError(f"{file} cannot be written: {error.strerror}", remedy="Name another file.") from error
    counts = {kind: sum(h.counts[kind] for h in held) for kind in (held[0].counts if held else ())}
    if as_json:
        print_json({"file": file, "person": person, "teams": [h.team or None for h in held], "held": counts})
        return
    told = ", ".join(f"{kind} {n:,}" for kind, n in counts.items() if n) or "nothing is held"
    out().print(f"{file}, on {person}: {told}.", markup=False, soft_wrap=True)


async def _document(loaded: Settings, person: str, team: str) -> tuple[list[Held], dict[str, Any]]:
    from digest.factory import open_parts
    from digest.state.persons import document
    from digest.stores.redis_persons import RedisPersons

    async with open_parts(loaded) as parts:
        held = await RedisPersons(parts.server, parts.keys).held(person, team)
        return held, document(person, loaded.workspace, held, await _titles(parts, held), datetime.now(UTC))


async def _titles(parts: Parts, held: list[Held]) -> dict[str, tuple[str, str]]:
    named = {i for h in held for i, _ in h.saved} | {v.article_id for h in held for _, v in h.votes}
    ids = sorted(named)
    found = await parts.articles.get(ids)
    return {i: (a.lead.article.title, a.lead.article.url) for i, a in zip(ids, found, strict=True) if a is not None}
