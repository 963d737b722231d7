"""``ainews manifest``: what to paste into Slack's page for a new app."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.app import settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(manifest)


def manifest(
    new_key: Annotated[bool, typer.Option("--new-key", help="Print a new AINEWS_TOKEN_KEY instead.")] = False,
) -> None:
    """Print the manifest of the Slack app, by the settings: Socket Mode, or HTTP where AINEWS_PUBLIC_URL is set."""
    import json

    if new_key:
        from bot.slack.oauth.tokens import new_key as made

        typer.echo(made())
        return
    from bot.slack.manifest import manifest as made_of

    typer.echo(json.dumps(made_of(settings()), indent=2, ensure_ascii=False))
