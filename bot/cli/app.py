"""What every command shares: the application, the two consoles, settings, exit codes, and how an error is told."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from rich.console import Console

    from digest.errors import AinewsError
    from digest.settings import Settings

T = TypeVar("T")

FAILED: Final = 1
USAGE: Final = 2
PARTLY_FAILED: Final = 3

app = typer.Typer(
    name="ainews",
    help="The few AI-news stories a day that matter to your team.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ainews {version('ainews')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """The few AI-news stories a day that matter to your team."""


def settings(**overrides: Any) -> Settings:
    """The settings, with what was given on the command line on top, and logging set up by them."""
    from bot.logs import configure_logging
    from digest.settings import Settings

    loaded = Settings.load(**overrides)
    configure_logging(loaded)
    return loaded


def out() -> Console:
    """The console of results: standard output."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 100, highlight=False, emoji=False)


def err() -> Console:
    """The console of everything else: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end; Ctrl-C ends it at once, with exit code 130."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        err().print("Stopped.")
        raise typer.Exit(130) from None


def print_json(value: Any) -> None:
    """``value`` as one line of JSON on standard output."""
    import orjson

    sys.stdout.write(orjson.dumps(value).decode() + "\n")


def failed(error: AinewsError) -> int:
    """Tell ``error`` on standard error, in one sentence with what to do; its exit code."""
    from rich.text import Text

    from digest.errors import ConfigurationError

    told = Text.assemble(("Error: ", "bold red"), _sentence(str(error)))
    if error.remedy:
        told.append(f" {error.remedy}")
    err().print(told, soft_wrap=True)
    return USAGE if isinstance(error, ConfigurationError) else FAILED


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
