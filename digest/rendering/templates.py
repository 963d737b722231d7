"""The templates: found, compiled and run, with errors that name the file and the line.

An operator's folder is looked at first, file by file, then the templates that ship with the program. Templates see what
is in ``view.py`` and the filters listed here; HTML is escaped by itself, the other formats by filters. Templates are
the operator's code, trusted as the settings are: they run outside Jinja's sandbox, which doubled the time of rendering.
"""

from __future__ import annotations

import base64
import hashlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
)

from digest.errors import ConfigurationError, RenderError
from digest.rendering import slack_buttons, slack_rich
from digest.rendering.cleaning import one_line, shorten
from digest.rendering.links import web_link
from digest.rendering.markdown_text import escape_markdown, markdown_link
from digest.rendering.slack_text import neutral
from digest.rendering.wrapping import wrap

if TYPE_CHECKING:
    from jinja2 import Template

_REMEDY: Final = "Correct the template, or take it out of the folder that AINEWS_TEMPLATES names to use the one that ships."


class Templates:
    """The templates in use. ``override``: an operator's folder, or None; ConfigurationError if it is no folder."""

    def __init__(self, override: Path | None = None) -> None:
        if override is not None and not override.is_dir():
            raise ConfigurationError(
                f"The folder of templates {override} does not exist", remedy="Create it, or unset AINEWS_TEMPLATES."
            )
        self.override = override
        folders = [f for f in (override, shipped()) if f is not None]
        self._environment = _environment(folders)

    def get(self, name: str) -> Template:
        """The compiled template ``name`` (``html/digest.html.j2``). Raises ConfigurationError."""
        try:
            return self._environment.get_template(name)
        except TemplateError as error:
            raise ConfigurationError(_broken(error), remedy=_REMEDY) from error
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"The template {name} cannot be read: {error}", remedy=_REMEDY) from error

    def render(self, name: str, **values: Any) -> str:
        """What template ``name`` makes of ``values``. Raises ConfigurationError, and RenderError where it fails."""
        return run(self.get(name), values)

    def check(self) -> list[str]:
        """Every problem found by compiling all templates, a sentence each; and an operator's files that none uses."""
        problems: list[str] = []
        for name in self._environment.list_templates():
            try:
                self.get(name)
            except ConfigurationError as error:
                problems.append(str(error))
        return problems + [f"The template {n} is used by no other and takes no shipped one's place" for n in self._unused()]

    def _unused(self) -> list[str]:
        if self.override is None:
            return []
        own = FileSystemLoader(self.override).list_templates()
        known = set(FileSystemLoader(shipped()).list_templates())
        for name in own:
            try:
                source, _, _ = self._environment.loader.get_source(self._environment, name)  # type: ignore[union-attr]
                known |= {n for n in meta.find_referenced_templates(self._environment.parse(source)) if n}
            except (TemplateError, OSError, UnicodeDecodeError):
                continue
        return [n for n in own if n not in known]


def run(template: Template, values: dict[str, Any]) -> str:
    """What ``template`` makes of ``values``. Raises RenderError with its name and the line that failed."""
    try:
        return template.render(values)
    except (TemplateNotFound, TemplateSyntaxError) as error:
        raise ConfigurationError(_broken(error), remedy=_REMEDY) from error
    except Exception as error:  # a template can raise anything that Python can
        name, line = _place(error, template)
        raise RenderError(
            f"The template {name}{line} failed: {error or type(error).__name__}", template=name, remedy=_REMEDY
        ) from error


def shipped() -> Path:
    """The folder of the templates that ship: in the wheel inside the package, in a checkout beside it."""
    package = Path(__file__).parent.parent
    packed = package / "_templates"
    return packed if packed.is_dir() else package.parent / "templates"


def _environment(folders: list[Path]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.startswith("html/"),  # noqa: S701 the other formats escape by filters
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        json=_json,
        clean=one_line,
        web_link=web_link,
        slack_link=slack_rich.slack_link,
        text=slack_rich.text,
        link=slack_rich.link,
        bullets=slack_rich.bullets,
        section=slack_rich.section,
        quote=slack_rich.quote,
        rich_text=slack_rich.rich_text,
        plain=slack_buttons.plain,
        button=slack_buttons.button_json,
        mrkdwn=neutral,
        markdown=escape_markdown,
        markdown_link=markdown_link,
        shorten=shorten,
        wrap=wrap,
        csp_hash=_csp_hash,
    )
    return environment


def _json(value: object) -> str:
    """``value`` as JSON; a lone surrogate, which no JSON can carry, has been cleaned away before."""
    return orjson.dumps(str(value) if isinstance(value, str) else value).decode()


def _csp_hash(text: str) -> str:
    """The source expression with which a content security policy allows exactly this inline style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()


def _broken(error: TemplateError) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"The template {error.name}, line {error.lineno} is broken: {error.message}"
    if isinstance(error, TemplateNotFound):
        return f"The template {error.name} is missing"
    return f"A template is broken: {error}"


def _place(error: Exception, template: Template) -> tuple[str, str]:
    """The name of the template in which ``error`` arose, and its line as ``, line 3``, from the traceback."""
    inside = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith((".j2", ".css"))]
    if not inside:
        return template.name or "", ""
    kind, name = Path(inside[-1].filename).parts[-2:]
    return f"{kind}/{name}", f", line {inside[-1].lineno}"
