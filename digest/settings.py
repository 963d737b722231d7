"""Settings: the environment and ``.env``, read once at the entry point.

Every setting has a default that works, so an empty environment is a valid one. All problems are reported together in one
ConfigurationError; secrets are SecretStr and appear in no repr, log line or error. ``.env.example`` and the README's table
list every one of these; a test compares them.
"""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from digest.errors import ConfigurationError
from digest.model import Subscription
from digest.setting_checks import otlp_address, slack_id

_REDIS_SCHEMES: Final = re.compile(r"unix://|rediss?([+-](cluster|sentinel))?://", re.IGNORECASE)
Words = Annotated[tuple[str, ...], NoDecode]


def _named(name: str) -> Any:
    """A setting that is known by a name others gave it, without our prefix."""
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """Everything an operator can set. ``Settings.load()`` is how it is made; ``description`` is what the README's table says."""

    model_config = SettingsConfigDict(
        env_prefix="AINEWS_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    workspace: str = Field("local", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Names this team's keys in Redis.")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("ainews", appauthor=False),
        description="Where the embedded server, the search index and written digests live. Default: the user's data folder.",
    )

    redis_url: SecretStr | None = Field(
        None,
        description="Redis or Valkey 7 or newer: `redis://` or `unix://`, a cluster (`redis+cluster://`) or sentinels"
        " (`redis+sentinel://`), with `rediss` for TLS. Empty: the embedded Valkey.",
    )
    redis_timeout_s: float = Field(5.0, gt=0, le=60, description="Seconds one call to Redis may take.")
    retention_days: int = Field(90, ge=1, le=3650, description="Days an article is kept after it was collected.")

    knowledge_base: Path | None = Field(None, description="Folder of documents that `ainews collect` reads by default.")
    feeds: Words = Field((), description="Feeds (files or URLs) that `ainews collect` reads by default, separated by commas.")
    feeds_file: Path | None = Field(
        None,
        description="List of feeds that `ainews monitor` reads, YAML or OPML. Empty: `feeds.yaml` in the data folder, else the list"
        " shipped.",
    )
    monitor_inbox: Path | None = Field(
        None, description="Folder where the monitor leaves what it keeps as inbox files, instead of writing documents."
    )
    monitor_days: float = Field(
        7.0, gt=0, le=90, description="Entries of feeds published longer ago, in days, are passed over."
    )
    monitor_threshold: float = Field(
        6.0, ge=0, le=10, description="Lowest score, 0 to 10, of an entry that becomes a document of the knowledge base."
    )
    feed_interval_min: float = Field(
        30.0, ge=1, le=10_080, description="Minutes between two refreshes of a feed without its own."
    )
    feed_concurrency: int = Field(50, ge=1, le=500, description="Feeds asked at once.")
    feed_per_host: int = Field(2, ge=1, le=50, description="Feeds of one host asked at once.")
    full_text: bool = Field(
        True,
        description="Where a feed or an inbox file has an excerpt only, read the article's page, if robots.txt allows it.",
    )
    meaning: Literal["auto", "off"] = Field(
        "auto", description="Meaning of headlines without text, for stories. `auto`: where the extra `semantic` is installed."
    )
    max_document_bytes: int = Field(5_000_000, ge=10_000, description="Documents larger than this are refused.")

    fetch_timeout_s: float = Field(20.0, gt=0, le=600, description="Seconds one fetch may take in all, redirects included.")
    fetch_max_bytes: int = Field(10_000_000, ge=1_000, description="Most bytes of one answer, after decompression.")
    fetch_allow_hosts: Words = Field(
        (), description="Hosts that may be fetched although their address is private, separated by commas."
    )

    assessor: Literal["auto", "claude", "offline"] = Field(
        "auto", description="Who fills what is missing. `auto`: Claude where a key is set, else offline."
    )
    profile: Path | None = Field(None, description="File with another rubric. Empty: marketing, advertising and business.")
    provider: Literal["anthropic", "foundry", "bedrock", "vertex"] = Field(
        "anthropic", description="Where Claude runs. `foundry` is Azure; `bedrock` and `vertex` need the extra of that name."
    )
    assess_model: str = Field(
        "claude-haiku-5-5", min_length=1, description="Model that assesses, by the provider's name for it."
    )
    assess_concurrency: int = Field(8, ge=1, le=100, description="Articles assessed at once.")
    claude_per_minute: int | None = Field(
        None,
        ge=1,
        description="Most calls to one Claude model in a minute, by all processes together. Empty: as many as it answers.",
    )
    assess_timeout_s: float = Field(60.0, gt=0, le=600, description="Seconds one assessment may take, retries included.")
    assess_effort: Literal["none", "low", "medium", "high"] = Field(
        "low", description="How much the model thinks. `none` leaves it out, for models without it (Haiku 4.5 and older)."
    )
    assess_retries: int = Field(2, ge=0, le=10, description="Retries of one model call, within its seconds.")
    assess_max_chars: int = Field(
        24_000, ge=500, le=400_000, description="Most characters of an article's text that Claude is shown."
    )
    answerer: Literal["auto", "claude", "offline"] = Field(
        "auto", description="Who answers questions. `auto`: Claude where a key is set, else passages are quoted offline."
    )
    answer_model: str = Field(
        "claude-sonnet-5-5", min_length=1, description="Model that answers questions, by the provider's name for it."
    )
    answer_timeout_s: float = Field(60.0, gt=0, le=90, description="Seconds one answer of a model may take in all.")
    answer_max_chars: int = Field(
        24_000, ge=1_000, le=400_000, description="Most characters of articles that a model is shown for one question."
    )
    answers_per_person: int = Field(50, ge=0, description="Most questions to a model that one person may ask in a UTC day.")
    answers_per_channel: int = Field(200, ge=0, description="Most questions to a model from one channel in a UTC day.")
    answers_per_day: int = Field(
        500, ge=0, description="Most questions to a model in a UTC day; beyond each of these, passages are quoted offline."
    )
    thread_questions: Literal["all", "mention"] = Field(
        "all", description="Questions in the thread of a digest that the bot answers: all, or those that mention it."
    )
    daily_cap_usd: float | None = Field(
        5.0,
        ge=0,
        description="Most US dollars for models in one UTC day; then assessing and answering go on offline. `none`: no cap.",
    )
    workspace_cap_usd: float | None = Field(
        None,
        ge=0,
        description="For several workspaces: most US dollars that models may cost for one of them in one UTC day. Empty: no cap.",
    )
    anthropic_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("ANTHROPIC_API_KEY"),
        description="Key for Claude; with it, `auto` assesses and answers by Claude.",
    )
    anthropic_base_url: str | None = Field(
        None, validation_alias=_named("ANTHROPIC_BASE_URL"), description="Another address for the provider's API."
    )

    anthropic_foundry_resource: str | None = Field(
        None, validation_alias=_named("ANTHROPIC_FOUNDRY_RESOURCE"), description="Azure Foundry: name of the resource."
    )
    anthropic_foundry_api_key: SecretStr | None = Field(
        None, validation_alias=_named("ANTHROPIC_FOUNDRY_API_KEY"), description="Azure Foundry: key of the resource."
    )
    aws_region: str | None = Field(
        None, validation_alias=_named("AWS_REGION"), description="Bedrock: region, such as `us-east-1`."
    )
    aws_bearer_token_bedrock: SecretStr | None = Field(
        None,
        validation_alias=_named("AWS_BEARER_TOKEN_BEDROCK"),
        description="Bedrock: API key. Empty: AWS's own chain of credentials, by the `bedrock` extra.",
    )
    anthropic_vertex_project_id: str | None = Field(
        None, validation_alias=_named("ANTHROPIC_VERTEX_PROJECT_ID"), description="Vertex: Google Cloud project."
    )
    cloud_ml_region: str = Field(
        "global", min_length=1, validation_alias=_named("CLOUD_ML_REGION"), description="Vertex: region."
    )

    slack_bot_token: SecretStr | None = Field(
        None, validation_alias=_named("SLACK_BOT_TOKEN"), description="Bot token (`xoxb-…`) of the Slack app."
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", validation_alias=_named("SLACK_API_URL"), description="Another address for Slack's Web API."
    )

    slack_app_token: SecretStr | None = Field(
        None,
        validation_alias=_named("SLACK_APP_TOKEN"),
        description="App-level token (`xapp-…`) for Socket Mode, by which `ainews serve` needs no public address.",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        validation_alias=_named("SLACK_SIGNING_SECRET"),
        description="Signing secret of the Slack app; with it and no app-level token `ainews serve` listens over HTTP.",
    )
    slack_client_id: str | None = Field(
        None,
        validation_alias=_named("SLACK_CLIENT_ID"),
        description="For several workspaces: the app's client ID. People install it at `/slack/install`.",
    )
    slack_client_secret: SecretStr | None = Field(
        None, validation_alias=_named("SLACK_CLIENT_SECRET"), description="For several workspaces: the app's client secret."
    )
    token_key: SecretStr | None = Field(
        None,
        description="For several workspaces: the key that encrypts their tokens in Redis. `ainews manifest --new-key` makes one.",
    )
    http_host: str = Field("127.0.0.1", min_length=1, description="Address that `ainews serve` listens on over HTTP.")
    http_port: int = Field(3000, ge=0, le=65_535, description="Port of the same.")
    public_url: str | None = Field(
        None, description="Address at which Slack reaches `ainews serve` over HTTP, such as `https://ainews.example.com`."
    )
    settings_by: Literal["members", "admins"] = Field(
        "members", description="Who may change what a channel gets: its members, or only those in `AINEWS_ADMINS`."
    )
    admins: Words = Field((), description="Ids of people (`U…`) who look after the bot, separated by commas.")
    agent_view: bool = Field(True, description="Show suggested prompts where people write to the bot directly.")
    add_links: bool = Field(True, description="Offer a message's shortcut that adds its link to the knowledge base.")
    charts: Literal["auto", "off"] = Field(
        "auto", description="Pictures of trends in Slack. `auto`: where the extra `charts` is installed; else they are tables."
    )
    unfurl_domains: Words = Field(
        (), description="Domains (at most 5) whose known articles are unfurled with summary and score, separated by commas."
    )

    least_stories: int = Field(1, ge=1, le=50, description="Fewest stories that are posted as a digest.")
    slow_day: Literal["line", "nothing"] = Field(
        "line", description="What a channel gets on a day with fewer: one line that says so, or nothing."
    )
    alert_channel: Annotated[str, AfterValidator(slack_id)] | None = Field(
        None,
        description="Id of the channel (`C…`), or the person (`U…`), told where a digest cannot be posted.",
    )
    workers: bool = Field(
        False, description="Leave events, digests and feeds to `ainews worker` processes. Else `ainews serve` does it all."
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65_535,
        description="Port of `/metrics`, `/healthz` and `/readyz` of a process that goes on. Empty: none.",
    )
    metrics_host: str = Field("127.0.0.1", min_length=1, description="Address of the same.")
    otlp_endpoint: Annotated[str, AfterValidator(otlp_address)] | None = Field(
        None,
        validation_alias=_named("OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Where traces go, by OTLP over HTTP, such as `http://localhost:4318`. Needs the extra `otel`. Empty: nowhere.",
    )
    otlp_headers: SecretStr | None = Field(
        None,
        validation_alias=_named("OTEL_EXPORTER_OTLP_HEADERS"),
        description="Headers of traces, `name=value,…`, such as a key.",
    )

    threshold: float = Field(6.0, ge=0, le=10, description="Lowest score, 0 to 10, of a story in a digest.")
    stories: int = Field(5, ge=1, le=50, description="Most stories in a digest.")
    per_publisher: int = Field(2, ge=1, le=50, description="Most stories of one publisher in a digest.")
    max_age_h: float = Field(72.0, gt=0, le=24 * 366, description="Hours back from the digest's moment that count as news.")
    topics: Words = Field((), description="Take only stories on one of these, separated by commas. Empty: every topic.")
    exclude: Words = Field((), description="Leave out stories on any of these, separated by commas.")
    time_zone: str = Field("UTC", description="IANA time zone of the digest's day.")
    digest_at: time = Field(time(9, 0), description="Time of day of the digest, `HH:MM`, in that zone.")

    templates: Path | None = Field(None, description="Folder whose templates take the place of those shipped, file by file.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="Least severe log line shown.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines look, on standard error.")

    @field_validator("feeds", "fetch_allow_hosts", "topics", "exclude", "admins", "unfurl_domains", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(w.strip() for w in value.split(",") if w.strip()) if isinstance(value, str) else value

    @field_validator("daily_cap_usd", mode="before")
    @classmethod
    def _no_cap(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() == "none" else value

    @field_validator("unfurl_domains")
    @classmethod
    def _few_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > 5:
            raise ValueError("Slack allows at most 5 domains")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _REDIS_SCHEMES.match(value.get_secret_value()):
            raise ValueError("it should begin with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"'{value}' is no IANA time zone, such as Europe/Paris") from error
        return value

    @classmethod
    def load(cls, **overrides: Any) -> Settings:
        """Settings from the environment and ``.env``, with ``overrides`` (None means not given) on top.

        Raises ConfigurationError naming every setting that is wrong and why; no secret is repeated in it.
        """
        given = {k: v for k, v in overrides.items() if v is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            problems = [f"{variable(str(e['loc'][0]))}: {_lower_first(e['msg'])}" for e in error.errors()]
            raise ConfigurationError(
                "; ".join(problems), remedy="Correct it in the environment or in .env; .env.example explains each setting."
            ) from None

    @property
    def knowledge_base_folder(self) -> Path:
        """Where documents are filed: the knowledge base that is set, else one in the data folder."""
        return self.knowledge_base or self.data_dir / "knowledge-base"

    def subscription(self, channel: str = "terminal") -> Subscription:
        """The subscription these settings describe, for ``channel``."""
        return Subscription(
            channel=channel,
            threshold=self.threshold,
            stories=self.stories,
            per_publisher=self.per_publisher,
            max_age_h=self.max_age_h,
            topics=self.topics,
            exclude=self.exclude,
            at=self.digest_at,
            time_zone=self.time_zone,
        )


def variable(name: str) -> str:
    """The environment variable of the setting called ``name``."""
    field = Settings.model_fields.get(name.lower())
    if field is not None and isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return name if name.isupper() else f"AINEWS_{name.upper()}"


def _lower_first(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
