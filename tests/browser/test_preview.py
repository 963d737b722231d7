"""``ainews preview``: a picture of a digest, by a Chromium that is there, or one sentence where there is none."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.playground.chromium import opened
from digest.errors import ConfigurationError, RenderError
from tests.browser.conftest import CHROMIUM

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: no picture was drawn. apt install chromium.")


def preview(*options: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "preview", *options]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=env, check=False, timeout=120)


def size(png: Path) -> tuple[int, int]:
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@needs_chromium
def test_a_digest_becomes_a_picture_as_wide_as_asked_for(tmp_path: Path) -> None:
    done = preview("--sample", "--stories", "1", "--png", str(tmp_path / "pictures" / "one.png"))
    assert done.returncode == 0, done.stderr
    assert (
        preview("--sample", "--stories", "3", "--width", "500", "--dark", "--png", str(tmp_path / "three.png")).returncode == 0
    )
    wide, low = size(tmp_path / "pictures" / "one.png")
    narrow, high = size(tmp_path / "three.png")
    assert (wide, narrow) == (1600, 1000)
    assert high > 2 * low


def test_without_a_chromium_it_says_what_to_install(tmp_path: Path) -> None:
    done = preview("--sample", "--png", str(tmp_path / "no.png"), env={"PATH": "", "HOME": str(tmp_path)})
    assert done.returncode == 2
    assert "no Chromium" in done.stderr
    assert "apt install chromium" in done.stderr
    assert not (tmp_path / "no.png").exists()


async def test_a_chromium_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="did not start"):
        async with opened("http://127.0.0.1:1/", width=400):
            pass
    broken.unlink()
    with pytest.raises(ConfigurationError, match="no Chromium"):
        async with opened("http://127.0.0.1:1/", width=400):
            pass


@needs_chromium
async def test_the_browser_and_all_its_processes_end_with_the_page() -> None:
    def running() -> set[int]:
        return {
            p.pid for p in psutil.process_iter(["cmdline"]) if any("ainews-chromium-" in w for w in p.info["cmdline"] or ())
        }

    before = running()
    async with opened("data:text/html,<p>hello</p>", width=400) as tab:
        await tab.until("document.querySelector('p')")
        assert running() - before
        assert (await tab.picture("p")).startswith(b"\x89PNG")
    assert not running() - before
