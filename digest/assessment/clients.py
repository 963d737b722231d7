"""Makes the provider's client from the settings, says what is missing for it, and tries it.

Everything that differs between Anthropic, Azure Foundry, Bedrock and Vertex is here; the assessor sees one
``messages`` resource. The SDK is imported when it is first used, since that takes seconds. The operator's own proxy
variables (``HTTPS_PROXY``, ``NO_PROXY``) and certificate variables are honoured, unlike when feeds are fetched: the
address comes from the settings, never from an article, and through a proxy the connection stays encrypted to the
provider. Redirects are not followed, because the SDK would carry the key along.
"""

from __future__ import annotations

import asyncio
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from digest.assessment.failures import from_sdk, retry_after_s
from digest.errors import AinewsError, AssessmentError, ConfigurationError
from digest.pacing import Rate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anthropic.resources import AsyncMessages
    from anthropic.resources.messages import AsyncBatches
    from pydantic import SecretStr

    from digest.pacing import Rates
    from digest.settings import Settings

#: Bedrock's inference profiles, versioned names and ARNs, which its older InvokeModel endpoint takes; plain
#: ``anthropic.claude-…`` names are for its Messages endpoint.
_INVOKE_MODEL: Final = re.compile(r"arn:|(?:global|us|eu|apac|jp|au)\.anthropic\.|.*-v\d+(?::\d+)?$")
CHECK_TIMEOUT_S: Final = 15.0
#: So many calls of a minute may come at once: Anthropic refills its buckets all the time (docs.claude.com, "Rate limits").
_BURST_PART: Final = 6


class Client:
    """What the assessor needs of a provider. The SDK is imported, in a thread, when it is first used.

    ``provider`` is that of the settings, ``model`` the provider's name for the model; without one it is the model that assesses, as
    are the seconds that a call may take.
    """

    def __init__(self, settings: Settings, *, model: str = "", timeout_s: float = 0.0, rates: Rates | None = None) -> None:
        self.provider = settings.provider
        self.model = model_name(settings, model)
        self._settings = settings
        self._timeout_s = timeout_s or settings.assess_timeout_s
        self._rates = rates
        self._making = asyncio.Lock()
        self._sdk: Any = None

    async def messages(self) -> AsyncMessages:
        """The SDK's resource, the same in all its clients. Raises ConfigurationError where the SDK will not have it."""
        return (await self._made()).messages  # type: ignore[no-any-return]

    async def batches(self, *, once: bool = False) -> AsyncBatches:
        """The SDK's resource of message batches; with ``once``, calls are not tried again by it. Raises ConfigurationError
        where the provider has none."""
        if self.provider != "anthropic":
            raise ConfigurationError(
                f"{self.provider} has no Message Batches API in Anthropic's client",
                remedy="Batches need AINEWS_PROVIDER=anthropic; without them articles are assessed one by one.",
            )
        sdk = await self._made()
        return (sdk.with_options(max_retries=0) if once else sdk).messages.batches  # type: ignore[no-any-return]

    async def _made(self) -> Any:
        async with self._making:
            if self._sdk is None:
                self._sdk = await asyncio.to_thread(_make_sdk, self._settings, self.model, self._timeout_s, self._rates)
        return self._sdk

    async def close(self) -> None:
        """Close its connections; call it once, at the end of the run."""
        if self._sdk is not None:
            await self._sdk.close()


def claude_configured(settings: Settings) -> bool:
    """Whether the settings say how to reach Claude; what they say may still be wrong."""
    return not missing_for_claude(settings)


def missing_for_claude(settings: Settings) -> str:
    """What has to be set or installed before Claude can be asked, as a sentence; empty where nothing is missing."""
    return _MISSING[settings.provider](settings)


def model_name(settings: Settings, model: str = "") -> str:
    """``model``, else the one that assesses, by the provider's name for it: Bedrock puts ``anthropic.`` before the others' names."""
    model = model or settings.assess_model
    return f"anthropic.{model}" if settings.provider == "bedrock" and model.startswith("claude-") else model


def make_client(settings: Settings, *, model: str = "", timeout_s: float = 0.0, rates: Rates | None = None) -> Client:
    """The client of ``settings.provider``, for ``model`` where it is not the one that assesses. With ``rates`` it keeps, together with every
    other process, to the calls a minute that are set. Raises ConfigurationError, with a remedy, where something is missing."""
    if missing := missing_for_claude(settings):
        raise ConfigurationError(
            f"Claude by {settings.provider} is not set up", remedy=f"{missing} Or set AINEWS_ASSESSOR=offline."
        )
    return Client(settings, model=model, timeout_s=timeout_s, rates=rates)


async def check_access(settings: Settings, *, model: str = "") -> str:
    """Ask the provider whether it, or another ``model`` than the one that assesses, would answer, and return one sentence saying so.

    It counts the tokens of a short message, which is free and tries key and model alike; on Bedrock's InvokeModel
    endpoint, which cannot count, it asks for one token instead. Raises ConfigurationError and AssessmentError, both
    with a remedy.
    """
    client = make_client(settings, model=model)
    try:
        messages = await client.messages()  # importing the SDK is not the provider's delay
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await _answer(client, messages)
    except AinewsError:
        raise
    except Exception as error:  # a provider's own library may raise anything for a missing credential
        raise from_sdk(error, timeout_s=CHECK_TIMEOUT_S) from error
    finally:
        await client.close()


async def _answer(client: Client, messages: AsyncMessages) -> str:
    asked: Any = [{"role": "user", "content": "Ready?"}]
    if client.provider == "bedrock" and _INVOKE_MODEL.match(client.model):
        await messages.create(model=client.model, messages=asked, max_tokens=1)
    else:
        await messages.count_tokens(model=client.model, messages=asked)
    return f"{client.model} answers at {client.provider}."


def _make_sdk(settings: Settings, model: str, timeout_s: float, rates: Rates | None) -> Any:
    import anthropic

    common: dict[str, Any] = {
        "max_retries": settings.assess_retries,
        "timeout": timeout_s,
        "http_client": anthropic.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout_s),
        "middleware": [_impatient(timeout_s), *_paced(settings, model, timeout_s, rates)],
    }
    try:
        return _MAKERS[settings.provider](settings, model, common)
    except (anthropic.AnthropicError, ValueError) as error:
        raise ConfigurationError(
            f"Claude by {settings.provider} is not set up: {error}",
            remedy="docs/models-and-spending.md lists what it needs.",
        ) from error


def _impatient(patience_s: float) -> Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]:
    """A middleware that gives up at once where the provider asks to wait longer than a call may take anyway."""

    async def give_up_early(request: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        response = await call_next(request)
        after = retry_after_s(response.headers.get("retry-after"))
        if response.status_code in (429, 503, 529) and after is not None and after >= patience_s:
            clause = "Claude was over its rate limit" if response.status_code == 429 else "Claude was overloaded"
            kind = "rate_limit" if response.status_code == 429 else "overloaded"
            raise AssessmentError(clause, kind=kind, retry_after_s=after)
        return response

    return give_up_early


def _paced(settings: Settings, model: str, patience_s: float, rates: Rates | None) -> list[Any]:
    """A middleware that asks for a turn before each call, those that are tried again too; none where no limit is set."""
    if rates is None or settings.claude_per_minute is None:
        return []
    rate = Rate(settings.claude_per_minute, max(1, settings.claude_per_minute // _BURST_PART))

    async def in_turn(request: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        if wait_s := await rates.turn(f"claude:{model}", rate, patience_s / 2):
            raise AssessmentError("Claude's calls a minute were used up", kind="rate_limit", retry_after_s=wait_s)
        return await call_next(request)

    return [in_turn]


def _anthropic(settings: Settings, model: str, common: dict[str, Any]) -> Any:
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(api_key=_secret(settings.anthropic_api_key), base_url=settings.anthropic_base_url, **common)


def _foundry(settings: Settings, model: str, common: dict[str, Any]) -> Any:
    from anthropic import AsyncAnthropicFoundry

    where = (
        {"base_url": settings.anthropic_base_url}
        if settings.anthropic_base_url
        else {"resource": settings.anthropic_foundry_resource}
    )
    return AsyncAnthropicFoundry(api_key=_secret(settings.anthropic_foundry_api_key), **where, **common)


def _bedrock(settings: Settings, model: str, common: dict[str, Any]) -> Any:
    from anthropic import AsyncAnthropicBedrock, AsyncAnthropicBedrockMantle

    maker: Any = AsyncAnthropicBedrock if _INVOKE_MODEL.match(model) else AsyncAnthropicBedrockMantle
    return maker(
        api_key=_secret(settings.aws_bearer_token_bedrock),
        aws_region=settings.aws_region,
        base_url=settings.anthropic_base_url,
        **common,
    )


def _vertex(settings: Settings, model: str, common: dict[str, Any]) -> Any:
    from anthropic import AsyncAnthropicVertex

    return AsyncAnthropicVertex(
        project_id=settings.anthropic_vertex_project_id or "",
        region=settings.cloud_ml_region,
        base_url=settings.anthropic_base_url,
        **common,
    )


_MAKERS: Final = {"anthropic": _anthropic, "foundry": _foundry, "bedrock": _bedrock, "vertex": _vertex}


def _missing_anthropic(settings: Settings) -> str:
    return "" if _secret(settings.anthropic_api_key) else "Set ANTHROPIC_API_KEY."


def _missing_foundry(settings: Settings) -> str:
    if not (settings.anthropic_foundry_resource or settings.anthropic_base_url):
        return "Set ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_API_KEY."
    return "" if _secret(settings.anthropic_foundry_api_key) else "Set ANTHROPIC_FOUNDRY_API_KEY."


def _missing_bedrock(settings: Settings) -> str:
    if not settings.aws_region:
        return "Set AWS_REGION."
    if _secret(settings.aws_bearer_token_bedrock) or _installed("botocore"):
        return ""
    return "Set AWS_BEARER_TOKEN_BEDROCK, or install the extra for AWS credentials: pip install 'ainews[bedrock]'."


def _missing_vertex(settings: Settings) -> str:
    if not settings.anthropic_vertex_project_id:
        return "Set ANTHROPIC_VERTEX_PROJECT_ID."
    return "" if _installed("google.auth") else "Install the extra: pip install 'ainews[vertex]'."


_MISSING: Final = {
    "anthropic": _missing_anthropic,
    "foundry": _missing_foundry,
    "bedrock": _missing_bedrock,
    "vertex": _missing_vertex,
}


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # its parent package is not there
        return False


def _secret(value: SecretStr | None) -> str | None:
    return (value.get_secret_value().strip() or None) if value else None
