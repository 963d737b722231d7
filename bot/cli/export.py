"""``ainews export`` and ``ainews import``: the state of an installation into a file and back; and what is held on a person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import PARTLY_FAILED, USAGE, err, out, print_json, run, settings

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.state.records import Header
    from digest.stores.redis_import import Put

Team = Annotated[str | None, typer.Option("--team", "-t", help="Only this workspace of Slack (its id, T…).")]
Workspace = Annotated[
    str | None, typer.Option("--workspace", "-w", help="Of the installation of that name, not of AINEWS_WORKSPACE.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(export)
    app.command("import")(import_)


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; compressed if it ends in .gz. -: standard output.")],
    workspace: Workspace = None,
    team: Team = None,
    person: Annotated[
        str | None, typer.Option("--person", "-p", help="Only what is held on this person (id, U…), for that person to read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Write all that Redis holds into a file, which `ainews import` puts back: into any Redis or Valkey, of this version or a later one.

    Programs may run meanwhile. Tokens of workspaces stay encrypted: keep AINEWS_TOKEN_KEY too. Exit code 3: there were keys that no
    backup holds.
    """
    if as_json and file == "-":
        err().print("With - the file itself goes to standard output: leave out --json.")
        raise typer.Exit(USAGE)
    loaded = settings(**({"workspace": workspace} if workspace else {}))
    if person is not None:
        from bot.cli.person import export_person

        export_person(loaded, file, person, team or "", as_json=as_json)
        return
    done = run(_export(loaded, file, team or "", quiet=as_json))
    if as_json:
        print_json(done)
    else:
        _show_exported(done)
    if done["left_out"]:
        raise typer.Exit(PARTLY_FAILED)


async def _export(loaded: Settings, file: str, team: str, *, quiet: bool) -> dict[str, Any]:
    from bot.cli.progress import counting
    from digest.factory import open_parts
    from digest.state.files import writing
    from digest.stores.redis_state import RedisState

    async with open_parts(loaded) as parts:
        state = RedisState(parts.server, parts.keys, team)
        header = await state.header()
        with counting("Exporting", header.keys, hidden=quiet) as advance, writing(file) as to:
            to.begin(header)
            async for record, kind in state.records(header):
                to.add(record, kind.name)
                advance(not record.more)
            closing = to.end()
    return {
        "file": file, "workspace": header.workspace, "team": header.team or None, "teams": header.teams, "at": header.at,
        "schema": header.schema, "keys": sum(closing.keys.values()), "kinds": closing.keys, "records": closing.records,
        "bytes": to.size, "sha256": closing.sha256, "left_out": state.left_out,
        "encrypted": ["installations"] if closing.keys.get("installations") else [],
    }  # fmt: skip


def _show_exported(done: dict[str, Any]) -> None:
    from digest.rendering.words import count

    console = err() if done["file"] == "-" else out()
    kinds = done["kinds"]
    told = f"{count(done['keys'], 'key')} of the workspace '{done['workspace']}'"
    told += f", of {done['team']} alone" if done["team"] else f" and of {', '.join(done['teams'])}" if done["teams"] else ""
    size = "" if done["file"] == "-" else f", {_size(Path(done['file']).stat().st_size)}"
    console.print(f"{done['file']}: {told}{size}.", markup=False, soft_wrap=True)
    told_of = (("article:ID", "article", ""), ("edition:CHANNEL", "channel with editions", "channels with editions"))
    console.print("; ".join(count(kinds.get(kind, 0), one, many) for kind, one, many in told_of) + ".", markup=False)
    if done["encrypted"]:
        console.print("Tokens of workspaces are in it as they are stored, encrypted: without AINEWS_TOKEN_KEY they are lost.")
    if done["left_out"]:
        some = ", ".join(done["left_out"][:5])
        err().print(f"Left out, as no backup holds keys of their type: {some}.", style="yellow", markup=False, soft_wrap=True)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


def import_(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="What `ainews export` wrote. -: standard input.")] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Put it in place of what is there, which is lost; without it the store must be empty."),
    ] = False,
    go_on: Annotated[bool, typer.Option("--continue", help="Complete an import that was stopped half-way.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Put a backup of `ainews export` in place. Stop `ainews serve` and the others first.

    A file that was cut off or changed is refused, and nothing has changed then. Nothing is posted to Slack twice, however old the backup
    is: the channels are asked first.
    """
    if (file is None) is not go_on or (go_on and replace):
        err().print("Name the file to import, or --continue alone.")
        raise typer.Exit(USAGE)
    loaded = settings()
    if file is None:
        done = run(_continue(loaded))
    else:
        ask = replace and not yes and file != "-" and sys.stdin.isatty()
        done = run(_import(loaded, file, replace=replace, ask=ask, quiet=as_json))
    if as_json:
        print_json(done)
    else:
        _show_imported(done)


async def _import(loaded: Settings, file: str, *, replace: bool, ask: bool, quiet: bool) -> dict[str, Any]:
    from bot.cli.progress import counting
    from digest.errors import StateError
    from digest.factory import open_parts
    from digest.state.files import reading
    from digest.stores.redis_import import RedisImport
    from digest.stores.schema import ready

    async with open_parts(loaded, raw=True) as parts:
        store = RedisImport(parts.server, parts.keys)
        async with store.alone():
            with reading(file) as (header, records):
                held = await store.holds(header.team)
                if held and not replace:
                    raise StateError(
                        f"There are {held:,} keys in the store already ({parts.where}), which an import would replace",
                        remedy="Export them if they matter, and run it again with --replace.",
                    )
                if held and ask:
                    typer.confirm(
                        f"{_of(header)} takes the place of {held:,} keys that are there. Go on?", abort=True, err=True
                    )
                with counting("Importing", header.keys, hidden=quiet) as advance:
                    put = await store.put(header, _counted(records, advance))
            await ready(parts.server, parts.keys)
    return _described(header, put)


def _counted(records: Any, advance: Any) -> Any:
    for record in records:
        advance(not record.more)
        yield record


async def _continue(loaded: Settings) -> dict[str, Any]:
    from digest.factory import open_parts
    from digest.stores.redis_import import RedisImport
    from digest.stores.schema import ready

    async with open_parts(loaded, raw=True) as parts:
        store = RedisImport(parts.server, parts.keys)
        async with store.alone():
            found = await store.resume()
            await ready(parts.server, parts.keys)
    return {"continued": found}


def _of(header: Header) -> str:
    whose = f"{header.team} of '{header.workspace}'" if header.team else f"'{header.workspace}'"
    return f"The backup of {whose} from {header.at:%Y-%m-%d %H:%M} UTC"


def _described(header: Header, put: Put) -> dict[str, Any]:
    return {
        "workspace": header.workspace, "team": header.team or None, "teams": header.teams, "at": header.at, "schema": header.schema,
        "keys": put.keys, "expired": put.expired, "dropped": put.dropped, "backup": _of(header),
    }  # fmt: skip


def _show_imported(done: dict[str, Any]) -> None:
    if "continued" in done:
        out().print("The import is complete." if done["continued"] else "There is no import to complete.")
        return
    from digest.rendering.words import count

    told = [f"{done['backup']} is in place: {count(done['keys'], 'key')}"]
    told += [f"{done['expired']:,} had expired since"] if done["expired"] else []
    told += [f"{done['dropped']:,} that it does not have were dropped"] if done["dropped"] else []
    out().print("; ".join(told) + ".", markup=False, soft_wrap=True)
    since = "What was posted since: `ainews editions --rebuild` reads it in Slack. What was collected since: `ainews collect`."
    out().print(since, markup=False, soft_wrap=True)
