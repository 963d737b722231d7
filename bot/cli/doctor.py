"""``ainews doctor``: what is configured, whether it works, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.app import FAILED, out, print_json, run, settings

if TYPE_CHECKING:
    from bot.checks import Check
    from digest.settings import Settings

_MARKS: Final = {"ok": ("✓", "green"), "off": ("–", "dim"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing and ask no other service; the exit code tells.")
    ] = False,
    slack: Annotated[
        bool, typer.Option("--slack", help="Check Slack in detail: scopes, Socket Mode, channels, and what is drawn.")
    ] = False,
) -> None:
    """Check configuration, Redis, templates, search, Claude and Slack. Exit code 1: something that is needed does not work."""
    from bot.checks import run_checks

    loaded = settings()
    found = run(_slack(loaded) if slack else run_checks(loaded, outside=not quiet))
    ok = all(c.status != "failed" for c in found)
    if as_json:
        print_json({"ok": ok, "checks": [c.described() for c in found]})
    elif not quiet:
        _show(found)
    raise typer.Exit(0 if ok else FAILED)


async def _slack(loaded: Settings) -> list[Check]:
    from bot.slack.checking import check_slack
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        return await check_slack(loaded, parts)


def _show(found: list[Check]) -> None:
    from rich.text import Text

    console = out()
    for check in found:
        mark, style = _MARKS[check.status]
        line = Text.assemble((f"{mark} ", style), (f"{check.name:<14}", "bold"), check.detail)
        console.print(line, soft_wrap=True)
        if check.remedy:
            console.print(Text(f"{'':16}{check.remedy}", style=style), soft_wrap=True)
