"""The extra ``semantic`` as it is installed, and the program as it is without."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.checks import _meaning as check
from digest import factory
from digest.errors import ConfigurationError
from digest.semantics import wordllama as module
from digest.settings import Settings
from digest.stories.event_terms import event_vector
from digest.stories.events import clusters
from digest.stories.meaning import MAX_MEANING, likenesses
from digest.stories.told import Told

ROOT = Path(__file__).parents[2]
needs_it = pytest.mark.skipif(
    find_spec("wordllama") is None, reason="SKIPPED FOR WANT OF wordllama: pip install 'ainews[semantic]'"
)
WITHOUT = """
import sys
from importlib.abc import MetaPathFinder
class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("wordllama", "numpy"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""


@pytest.fixture
def anew() -> object:
    """Nothing loaded before, nor after."""
    module._loaded.cache_clear()
    module._load.cache_clear()
    yield
    module._loaded.cache_clear()
    module._load.cache_clear()


def ran(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    ).stdout.strip()  # fmt: skip


@needs_it
def test_it_loads_and_means_without_a_network(anew: object) -> None:
    means = module.WordLlamaMeaning()
    assert 0 < len(means("Pizza chain Sbarro files for bankruptcy")) <= MAX_MEANING
    assert "wordllama" in means.check()


@needs_it
def test_paraphrases_mean_more_alike_than_strangers() -> None:
    means = module.WordLlamaMeaning()
    own, paraphrase, stranger = map(
        means, ("Sbarro files for bankruptcy", "Pizza chain goes bust", "Icahn wants eBay to sell PayPal")
    )
    near, far = likenesses([own], [paraphrase, stranger])[0]
    assert near > far


@needs_it
def test_equal_titles_give_equal_bytes_in_another_process() -> None:
    title = "Google adds Gemini to Maps — “für alle” 谷歌"
    program = f"from digest.semantics.wordllama import WordLlamaMeaning; print(WordLlamaMeaning()({title!r}).hex())"
    assert ran(program) == module.WordLlamaMeaning()(title).hex()


@needs_it
@pytest.mark.parametrize("hostile", ["", " ", "\ud800", "\0\0", "a" * 100_000, "🤖" * 5_000, "<|endoftext|></s>"])
def test_no_title_stops_it(hostile: str) -> None:
    assert len(module.WordLlamaMeaning()(hostile)) <= MAX_MEANING


@needs_it
def test_it_finds_adds_and_removes_alike_and_they_stay_two_stories() -> None:
    means = module.WordLlamaMeaning()
    titles = ("Google adds Gemini to Maps", "Google removes Gemini from Maps")
    assert likenesses([means(titles[0])], [means(titles[1])])[0][0] > 0.8
    assert len(clusters(Told(t, event_vector(t, meaning=means)) for t in titles)) == 2


@needs_it
async def test_doctor_says_whether_it_is_in_use() -> None:
    assert [(c.status, c.name) for c in await check(Settings())] == [("ok", "meaning")]
    turned_off = (await check(Settings(meaning="off")))[0]
    assert (turned_off.status, turned_off.remedy) == ("off", "Set AINEWS_MEANING=auto to use it.")


def test_it_can_be_turned_off() -> None:
    assert factory.meaning(Settings(meaning="off")) is None


@pytest.mark.skipif(find_spec("wordllama") is None, reason="SKIPPED FOR WANT OF wordllama: nothing to break")
async def test_a_broken_package_leaves_stories_to_their_words_and_doctor_says_so(
    anew: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)
    assert module.WordLlamaMeaning()("Google adds Gemini") == b""
    with pytest.raises(ConfigurationError, match="cannot be loaded") as raised:
        module.WordLlamaMeaning().check()
    assert "AINEWS_MEANING=off" in raised.value.remedy


def test_without_the_extra_nothing_of_it_is_needed_and_stories_are_told_by_words() -> None:
    program = WITHOUT + (
        "from digest.factory import meaning\nfrom digest.settings import Settings\n"
        "from digest.stories.events import clusters\nfrom digest.stories.told import Told\nfrom digest.stories.event_terms import event_vector\n"
        "from digest.semantics import wordllama as w\nw.find_spec = lambda name: None\n"
        "m = meaning(Settings())\n"
        "print(m, clusters(Told(t, event_vector(t, meaning=m)) for t in ('Sbarro files for bankruptcy', 'Sbarro files for bankruptcy again')))"
    )
    assert ran(program) == "None (('Sbarro files for bankruptcy', 'Sbarro files for bankruptcy again'),)"


def test_nothing_of_it_is_imported_until_a_headline_asks() -> None:
    program = (
        "import sys\nfrom digest.factory import meaning\nfrom digest.settings import Settings\nimport digest.stories.telling\n"
        "meaning(Settings())\nprint([n for n in ('wordllama', 'numpy', 'tokenizers') if n in sys.modules])"
    )
    assert ran(program) == "[]"
