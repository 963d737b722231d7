"""``docs/measures.md`` lists what is measured and what is alerted of, as the code and the rules have it.

Its tables are made from them: with ``AINEWS_REFRESH_DOCS=1`` in the environment these tests write them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import measures
from digest.watching.gauges import GAUGES
from tests.deployment.test_dashboard_and_alerts import rules

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/measures.md"
REFRESH = os.environ.get("AINEWS_REFRESH_DOCS") == "1"  # read on import: a test's environment may be cleaned


def counted() -> Iterator[str]:
    yield "| Metric | Type | Labels | Meaning |"
    yield "| --- | --- | --- | --- |"
    for metric in measures.ALL:
        name = metric._name + ("_total" if metric._type == "counter" else "")
        yield f"| `{name}` | {metric._type} | {labels(metric._labelnames)} | {metric._documentation} |"


def told() -> Iterator[str]:
    yield "| Gauge | Labels | Meaning |"
    yield "| --- | --- | --- |"
    for name, meaning, named in GAUGES:
        yield f"| `ainews_{name}` | {labels(named)} | {meaning} |"


def alerts() -> Iterator[str]:
    yield "| Alert | Severity | When |"
    yield "| --- | --- | --- |"
    for rule in rules():
        when = " ".join(rule["expr"].split()).replace("|", "\\|")
        held = f", for {rule['for']}" if "for" in rule else ""
        yield f"| `{rule['alert']}` | {rule['labels']['severity']} | `{when}`{held} |"


def labels(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{n}`" for n in names if n != "workspace")


@pytest.mark.parametrize("section", [counted, told, alerts])
def test_the_page_lists_what_there_is(section: object) -> None:
    name, table = section.__name__, "\n".join(section()) + "\n"  # type: ignore[attr-defined,operator]
    found = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    text = PAGE.read_text(encoding="utf-8")
    assert found.search(text), f"docs/measures.md needs the lines <!-- {name} --> and <!-- /{name} -->"
    if REFRESH:
        PAGE.write_text(found.sub(lambda _: table, text), encoding="utf-8")
        return
    there = found.search(text)
    assert there
    assert there[0] == table, "run this file with AINEWS_REFRESH_DOCS=1"
