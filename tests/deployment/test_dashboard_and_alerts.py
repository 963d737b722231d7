"""The files for Prometheus and Grafana: valid by their own tools and types, and about nothing that is not measured."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from digest import measures
from digest.watching.gauges import GAUGES

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
TRIED = ROOT / "deploy/prometheus/alerts_test.yml"
DASHBOARD = ROOT / "deploy/grafana/ainews.json"
METRIC = re.compile(r"\bainews_[a-z_]+\b")
SELECTED = re.compile(r"\b(ainews_[a-z_]+)\{([^}]*)\}")
#: What Prometheus makes of a counter's and a histogram's name.
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def measured() -> dict[str, set[str]]:
    """Every series that there can be, with its labels."""
    found = {f"ainews_{name}": {"workspace", *labels} for name, _, labels in GAUGES}
    for metric in measures.ALL:
        found |= {metric._name + suffix: {*metric._labelnames} for suffix in SUFFIXES[metric._type]}
    return found


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def drawn() -> list[str]:
    return [t["expr"] for panel in dashboard()["panels"] for t in panel.get("targets", [])]


def promtool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="ALERT RULES ARE NOT CHECKED: no promtool (Debian's package prometheus has it)"
)


# --- alerts


@needs_promtool
def test_the_alert_rules_are_valid_and_do_what_they_say() -> None:
    checked = promtool("check", "rules", ALERTS.name, folder=ALERTS.parent)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tried = promtool("test", "rules", TRIED.name, folder=ALERTS.parent)
    assert tried.returncode == 0, tried.stdout + tried.stderr


@needs_promtool
def test_promtool_would_find_a_rule_that_does_not_fire(tmp_path: Path) -> None:
    wrong = ALERTS.read_text(encoding="utf-8").replace("ainews_store_up == 0", "ainews_store_up == 2")
    (tmp_path / ALERTS.name).write_text(wrong, encoding="utf-8")
    shutil.copy(TRIED, tmp_path)
    assert promtool("test", "rules", TRIED.name, folder=tmp_path).returncode == 1


def test_every_alert_is_tried_where_it_fires_and_where_it_does_not() -> None:
    tests = [t for case in yaml.safe_load(TRIED.read_text(encoding="utf-8"))["tests"] for t in case["alert_rule_test"]]
    names = {rule["alert"] for rule in rules()}
    assert {t["alertname"] for t in tests if t.get("exp_alerts")} == names
    assert {t["alertname"] for t in tests if not t.get("exp_alerts")} == names


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["annotations"]["description"].endswith((".", "?")), rule["alert"]


# --- both


@pytest.mark.parametrize("expressions", [[r["expr"] for r in rules()], drawn()], ids=["alerts", "dashboard"])
def test_every_metric_and_label_that_is_asked_for_is_measured(expressions: list[str]) -> None:
    known = measured()
    for expression in expressions:
        for name in METRIC.findall(expression):
            assert name in known, f"{name} in {expression}"
        for name, selected in SELECTED.findall(expression):
            labels = set(re.findall(r"([a-z_]+)\s*(?:=~|!=|!~|=)", selected))
            assert labels <= known[name] | {"job", "instance"}, f"{labels} of {name}"


def test_a_metric_that_is_not_measured_would_be_found() -> None:
    assert "ainews_nothing_of_that_name" not in measured()
    assert {"ainews_store_up", "ainews_fetched_total", "ainews_ack_seconds_bucket"} <= measured().keys()


# --- dashboard


def test_the_dashboard_is_one_by_grafanas_own_types_which_lose_nothing_of_it() -> None:
    register_default_plugins()
    raw = dashboard()
    assert lost(raw, json.loads(json.dumps(Dashboard.from_json(raw), cls=JSONEncoder))) == []


def test_those_types_would_find_a_word_that_grafana_does_not_know() -> None:
    register_default_plugins()
    raw = dashboard()
    raw["panels"][1]["gridPosition"] = raw["panels"][1].pop("gridPos")
    assert lost(raw, json.loads(json.dumps(Dashboard.from_json(raw), cls=JSONEncoder)))


def lost(before: Any, after: Any, where: str = "") -> list[str]:
    """What of ``before`` is not in ``after``."""
    if isinstance(before, dict) and isinstance(after, dict):
        missing = [f"{where}.{k}" for k in before if k not in after]
        return missing + [e for k in before if k in after for e in lost(before[k], after[k], f"{where}.{k}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [e for n, (b, a) in enumerate(zip(before, after, strict=True)) for e in lost(b, a, f"{where}[{n}]")]
    return [] if before == after else [where]


def test_no_panel_lies_on_another_and_each_says_what_it_shows() -> None:
    panels = dashboard()["panels"]
    assert len({p["id"] for p in panels}) == len(panels)
    for panel in panels:
        assert panel["type"] == "row" or panel["description"].endswith("."), panel["title"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations([p["gridPos"] for p in panels], 2):
        apart = (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        )  # fmt: skip
        assert apart, (one, other)


@needs_promtool
def test_prometheus_understands_everything_that_is_drawn(tmp_path: Path) -> None:
    asked = [{"record": f"drawn:n{n}", "expr": e.replace("$workspace", "w")} for n, e in enumerate(drawn())]
    (tmp_path / "drawn.yml").write_text(yaml.safe_dump({"groups": [{"name": "drawn", "rules": asked}]}), encoding="utf-8")
    checked = promtool("check", "rules", "drawn.yml", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_whoever_has_another_prometheus_chooses_it() -> None:
    assert {v["name"] for v in dashboard()["templating"]["list"]} == {"datasource", "workspace"}
    uids = {t["datasource"]["uid"] for p in dashboard()["panels"] for t in p.get("targets", [])}
    assert uids == {"${datasource}"}
