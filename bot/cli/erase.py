"""``ainews erase``: what is held on a person, of a workspace of Slack, or of the whole installation."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import USAGE, err, out, print_json, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from digest.settings import Settings

_STAYS: Final = {
    "person": "Backups made before still have it: make a new one, and erase again after an older one was put back.",
    "team": "Articles are the installation's, and stay. Backups made before still have what was erased.",
    "workspace": "The knowledge base stays, and so do backups made before.",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(erase)


def erase(
    person: Annotated[str | None, typer.Option("--person", "-p", help="What is held on this person (id, U…).")] = None,
    team: Annotated[
        str | None, typer.Option("--team", "-t", help="All of this workspace of Slack (id, T…); with --person, only there.")
    ] = None,
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="All of this installation; with another option, of which one.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be erased; erase nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Erase what is held, for good, and say how much of what. `ainews export` writes it into a file first.

    It asks on a terminal; elsewhere it needs --yes. Exit code 1: nothing was erased.
    """
    from bot.cli.person import checked

    if person is None and team is None and workspace is None:
        err().print("Say what: --person U…, --team T… or --workspace NAME.", markup=False)
        raise typer.Exit(USAGE)
    who = checked(person) if person is not None else ""
    loaded = settings(**({"workspace": workspace} if workspace else {}))
    if not (yes or dry_run):
        if not sys.stdin.isatty():
            err().print("It is erased for good. Say --yes, or --dry-run to see what there is.")
            raise typer.Exit(USAGE)
        found = run(_erase(loaded, who, team or "", dry_run=True))
        _show({**found, "dry_run": True})
        if found["erased"]:
            typer.confirm("Erase it for good?", abort=True, err=True)
    done = run(_erase(loaded, who, team or "", dry_run=dry_run))
    if as_json:
        print_json(done)
    else:
        _show(done)


async def _erase(loaded: Settings, person: str, team: str, *, dry_run: bool) -> dict[str, Any]:
    from digest.factory import open_parts
    from digest.stores.redis_erasing import RedisErasing

    whose = {"person": person or None, "team": team or None, "workspace": loaded.workspace}
    async with open_parts(loaded, raw=not (person or team)) as parts:
        if person:
            counts = await _person(parts, person, team, dry_run=dry_run)
        elif team:
            counts = await RedisErasing(parts.server, parts.keys).team(team, dry_run=dry_run)
        else:
            counts = await RedisErasing(parts.server, parts.keys).everything(dry_run=dry_run)
    if not person and not team:
        folders = [f for f in _folders(loaded) if f.is_dir()]
        counts |= {"folders of search and pages": len(folders)} if folders else {}
        for folder in () if dry_run else folders:
            shutil.rmtree(folder, ignore_errors=True)
    return {**whose, "dry_run": dry_run, "erased": counts}


async def _person(parts: Any, person: str, team: str, *, dry_run: bool) -> dict[str, int]:
    from digest.stores.redis_persons import RedisPersons

    persons = RedisPersons(parts.server, parts.keys)
    held = await persons.held(person, team)
    for each in () if dry_run else held:
        await persons.erase(each, person)
    kinds = held[0].counts if held else {}
    return {kind: count for kind in kinds if (count := sum(h.counts[kind] for h in held))}


def _folders(loaded: Settings) -> list[Path]:
    """What is made from the store, and tells what was in it."""
    return [loaded.data_dir / name / loaded.workspace for name in ("search", "editions")]


def _show(done: dict[str, Any]) -> None:
    from rich.table import Table

    kind = "person" if done["person"] else "team" if done["team"] else "workspace"
    whose = {"person": done["person"], "team": f"the workspace {done['team']} of Slack", "workspace": f"'{done['workspace']}'"}[
        kind
    ]
    console = out()
    if not done["erased"]:
        console.print(f"Nothing is held on {whose}." if kind == "person" else f"Nothing is held of {whose}.", markup=False)
        return
    console.print(f"{'Would be erased' if done['dry_run'] else 'Erased'} of {whose}:", markup=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for name, count in done["erased"].items():
        table.add_row(f"  {count:,}", name)
    console.print(table)
    if kind == "person":
        from digest.state.persons import NOT_BY_PERSON

        console.print(" ".join(NOT_BY_PERSON), markup=False, soft_wrap=True)
    if not done["dry_run"]:
        console.print(_STAYS[kind], markup=False, soft_wrap=True)
