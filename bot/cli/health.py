"""``ainews health``: whether the process that runs on this machine, or in this container, is ready."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import FAILED, err, out, print_json, settings

if TYPE_CHECKING:
    from digest.settings import Settings

#: More than the store is given within.
_WITHIN_S: Final = 5.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(health)


def health(as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False) -> None:
    """Ask the process that offers AINEWS_METRICS_PORT here whether it is ready: for health checks. Exit code 1: it is not, or does
    not answer."""
    from digest.errors import ConfigurationError

    loaded = settings()
    if not loaded.metrics_port:
        raise ConfigurationError(
            "there is no port to ask at", remedy="Set AINEWS_METRICS_PORT, for this command and for the process that it asks."
        )
    ready, said = _asked(loaded)
    if as_json:
        print_json(said)
    elif ready:
        out().print(f"{said['status']}, up for {said['uptime_s']:,.0f} s", markup=False)
    else:
        reasons = "; ".join(f"{name}: {why}" for name, why in said["reasons"].items())
        err().print(f"{said['status']}: {reasons}", markup=False)
    raise typer.Exit(0 if ready else FAILED)


def _asked(loaded: Settings) -> tuple[bool, dict[str, Any]]:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(loaded.metrics_host, loaded.metrics_host)  # noqa: S104 where it listens
    connection = HTTPConnection(host, loaded.metrics_port, timeout=_WITHIN_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status == 200, dict(json.loads(answer.read()))
    except (OSError, HTTPException, ValueError) as error:
        why = f"nothing that runs ainews answers at {host}:{loaded.metrics_port} ({type(error).__name__})"
        return False, {"status": "not ready", "reasons": {"process": why}}
    finally:
        connection.close()
