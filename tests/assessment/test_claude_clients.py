"""Which provider's client the settings make, what is missing for it, and whether it would answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from digest.assessment.clients import check_access, claude_configured, make_client, missing_for_claude, model_name
from digest.errors import AssessmentError, ConfigurationError
from digest.settings import Settings
from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeApi]:
    yield from serve_claude()


@pytest.fixture
def api(server: ClaudeApi) -> ClaudeApi:
    return server.reset()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "Set ANTHROPIC_API_KEY."),
        ({"anthropic_api_key": "  "}, "Set ANTHROPIC_API_KEY."),
        ({"anthropic_api_key": "k"}, ""),
        ({"provider": "foundry"}, "Set ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_API_KEY."),
        ({"provider": "foundry", "anthropic_foundry_resource": "r"}, "Set ANTHROPIC_FOUNDRY_API_KEY."),
        ({"provider": "foundry", "anthropic_foundry_resource": "r", "anthropic_foundry_api_key": "k"}, ""),
        ({"provider": "bedrock"}, "Set AWS_REGION."),
        ({"provider": "bedrock", "aws_region": "eu-west-1", "aws_bearer_token_bedrock": "k"}, ""),
        ({"provider": "vertex"}, "Set ANTHROPIC_VERTEX_PROJECT_ID."),
    ],
)
def test_what_is_missing_is_named(given: dict[str, Any], missing: str) -> None:
    settings = Settings.load(**given)
    assert missing_for_claude(settings) == missing
    assert claude_configured(settings) is (missing == "")


def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.assessment.clients.find_spec", lambda name: None)
    bedrock = Settings.load(provider="bedrock", aws_region="eu-west-1")
    vertex = Settings.load(provider="vertex", anthropic_vertex_project_id="p")
    assert "pip install 'ainews[bedrock]'" in missing_for_claude(bedrock)
    assert "pip install 'ainews[vertex]'" in missing_for_claude(vertex)
    with pytest.raises(ConfigurationError) as caught:
        make_client(vertex)
    assert "ainews[vertex]" in caught.value.remedy
    assert "AINEWS_ASSESSOR=offline" in caught.value.remedy


async def test_settings_are_read_by_the_clouds_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AINEWS_PROVIDER", "foundry")
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_RESOURCE", "contoso")
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_API_KEY", "secret-key")
    settings = Settings.load()
    assert "secret-key" not in repr(settings)
    client = make_client(settings)
    assert str((await client.messages())._client.base_url) == "https://contoso.services.ai.azure.com/anthropic/"
    await client.close()


@pytest.mark.parametrize(
    ("given", "kind", "where", "model"),
    [
        (
            {"aws_region": "us-east-1"},
            "AsyncAnthropicBedrockMantle", "bedrock-mantle.us-east-1", "anthropic.claude-haiku-5-5",
        ),
        (
            {"aws_region": "us-east-1", "assess_model": "us.anthropic.claude-haiku-4-5-20251001-v1:0"},
            "AsyncAnthropicBedrock", "bedrock-runtime.us-east-1", "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
    ],
)  # fmt: skip
async def test_bedrock_takes_the_endpoint_that_knows_the_models_name(
    given: dict[str, str], kind: str, where: str, model: str
) -> None:
    client = make_client(Settings.load(provider="bedrock", aws_bearer_token_bedrock="k", **given))
    sdk = (await client.messages())._client
    assert type(sdk).__name__ == kind
    assert where in str(sdk.base_url)
    assert client.model == model
    await client.close()


def test_only_bedrock_puts_a_prefix_before_the_models_name() -> None:
    assert model_name(Settings.load()) == "claude-haiku-5-5"
    assert model_name(Settings.load(provider="vertex")) == "claude-haiku-5-5"
    assert model_name(Settings.load(provider="foundry", assess_model="our-deployment")) == "our-deployment"


async def test_access_is_tried_with_the_model_and_for_free(api: ClaudeApi) -> None:
    settings = Settings.load(anthropic_api_key="k", anthropic_base_url=api.url)
    assert await check_access(settings) == "claude-haiku-5-5 answers at anthropic."
    assert api.paths == ["/v1/messages/count_tokens"]
    assert api.requests[0]["model"] == "claude-haiku-5-5"


async def test_foundry_sends_its_own_key_and_never_anthropics(api: ClaudeApi) -> None:
    settings = Settings.load(
        provider="foundry",
        anthropic_api_key="sk-first",
        anthropic_foundry_api_key="sk-azure",
        anthropic_base_url=api.url,
    )
    await check_access(settings)
    assert "sk-azure" in json.dumps(api.headers)
    assert "sk-first" not in json.dumps(api.headers)


async def test_a_refused_key_is_told_with_what_to_do(api: ClaudeApi) -> None:
    api.answers = [Answer(status=401)]
    with pytest.raises(AssessmentError) as caught:
        await check_access(Settings.load(anthropic_api_key="sk-secret", anthropic_base_url=api.url))
    assert caught.value.kind == "auth"
    assert "Check the key" in caught.value.remedy
    assert "sk-secret" not in str(caught.value) + caught.value.remedy


async def test_an_unknown_model_is_told_with_what_to_do(api: ClaudeApi) -> None:
    api.answers = [Answer(status=404)]
    with pytest.raises(AssessmentError) as caught:
        await check_access(Settings.load(anthropic_api_key="k", anthropic_base_url=api.url, assess_model="claude-nine"))
    assert "AINEWS_ASSESS_MODEL" in caught.value.remedy


async def test_an_address_where_nobody_listens_is_told() -> None:
    settings = Settings.load(anthropic_api_key="k", anthropic_base_url="http://127.0.0.1:9", assess_retries=0)
    with pytest.raises(AssessmentError) as caught:
        await check_access(settings)
    assert caught.value.kind == "connection"
