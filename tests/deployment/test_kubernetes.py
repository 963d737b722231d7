"""The example for Kubernetes, judged by Kubernetes' own schemas, and by what the program has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app
from bot.slack.working import EVERYTHING
from digest.settings import Settings, variable

FILE = Path(__file__).parents[2] / "deploy" / "kubernetes" / "ainews.yaml"
MADE: list[dict[str, Any]] = list(yaml.safe_load_all(FILE.read_text(encoding="utf-8")))
OURS = [m for m in MADE if m["kind"] == "Deployment"]


@pytest.mark.parametrize("made", MADE, ids=lambda m: f"{m['kind']} {m['metadata']['name']}")
def test_each_part_is_as_kubernetes_wants_it(made: dict[str, Any]) -> None:
    kubernetes_validate.validate(made, "1.37", strict=True)


def test_its_settings_are_settings() -> None:
    [settings] = [m for m in MADE if m["kind"] == "ConfigMap"]
    known = {variable(name) for name in Settings.model_fields}
    assert set(settings["data"]) <= known
    given = {name.removeprefix("AINEWS_").lower(): value for name, value in settings["data"].items()}
    assert Settings.load(**given).workers


@pytest.mark.parametrize("made", OURS, ids=lambda m: m["metadata"]["name"])
def test_each_deployment_runs_a_command_there_is_with_probes_limits_and_no_rights(made: dict[str, Any]) -> None:
    pod = made["spec"]["template"]["spec"]
    [container] = pod["containers"]
    command, *options = container["args"]
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert set(options) - {"--only"} <= set(EVERYTHING)
    assert {container[p]["httpGet"]["path"] for p in ("readinessProbe", "livenessProbe", "startupProbe")} == {
        "/readyz",
        "/healthz",
    }
    assert container["resources"]["limits"]["memory"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["terminationGracePeriodSeconds"] >= 15
    assert made["spec"]["selector"]["matchLabels"].items() <= made["spec"]["template"]["metadata"]["labels"].items()


def test_between_them_they_do_everything_once() -> None:
    done = [o for m in OURS for o in m["spec"]["template"]["spec"]["containers"][0]["args"][1:] if o != "--only"]
    assert sorted(done) == sorted(EVERYTHING)
