"""Logging, set up once by the entry point: an event name plus key=value, on standard error, for people or as JSON.

Lines of libraries, which log by Python's own means, come in the same form from warnings on. No secret of the settings leaves in a line,
whoever wrote it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict, Processor, WrappedLogger

    from digest.settings import Settings

#: Shorter ones would be found in words that are none.
_LEAST_SECRET: Final = 8
_IN_PLACE: Final = "[secret]"


def configure_logging(settings: Settings) -> None:
    """Let log lines of ``log_level`` and above through, for people or as JSON, by ``log_format``."""
    level = getattr(logging, settings.log_level.upper())
    drawn: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            _without(drawn, sorted(set(_secrets(settings)), key=len, reverse=True)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [*(h for h in root.handlers if not isinstance(h, OfLibraries)), OfLibraries(max(level, logging.WARNING))]


class OfLibraries(logging.Handler):
    """Passes on what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        """See ``logging.Handler``."""
        try:
            log = structlog.get_logger().bind(logger=record.name)
            log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)
        except Exception:  # noqa: BLE001 as every handler of Python's: what cannot be logged stops nothing
            self.handleError(record)


def _without(drawn: Processor, secrets: list[str]) -> Processor:
    """``drawn``, and of what it gives no secret."""

    def clean(logger: WrappedLogger, method: str, event: EventDict) -> Any:
        line = drawn(logger, method, event)
        for secret in secrets:
            if isinstance(line, str) and secret in line:
                line = line.replace(secret, _IN_PLACE)
        return line

    return clean


def _secrets(settings: Settings) -> Iterator[str]:
    """All that must not be read, in each form in which it may stand in a line."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if not isinstance(value, SecretStr):
            continue
        text = value.get_secret_value()
        parts = [urlsplit(text).password or ""] if "://" in text else re.split(r"[,=]", text)
        for secret in (text, *parts, *map(unquote, parts)):
            if len(secret.strip()) >= _LEAST_SECRET:
                yield secret.strip()
                yield json.dumps(secret.strip())[1:-1]
