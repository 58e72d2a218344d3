"""One `Settings`, read once from the environment (and `.env`). It fails at boot, never at first use.

Every field is documented in `.env.example`; `tests/arch/test_settings.py` compares the two.
"""

import importlib.util
import ipaddress
import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.core.sales_settings import SalesSettings
from backend.core.webhook_signatures import WebhookSecrets

JwtAlgorithm = Literal["ES256", "RS256", "HS256"]
CommaList = Annotated[list[str], NoDecode]

EXTRAS = {
    "composer": ("backend", ""),
    "google": ("langchain_google_genai", "google"),
    "vertexai": ("langchain_google_vertexai", "vertexai"),
}
"""Model provider -> the package it needs, and the extra that brings it."""
GEMINI = {
    "flash-lite": "gemini-3.1-flash-lite",
    "flash": "gemini-3.5-flash-lite",
    "pro": "gemini-3.1-pro-preview",
}
"""The newest of each class whose price (`services/models/prices.yaml`) fits the caps of the skill cards."""
REPLAY = "replay:"
"""What MODEL_PROVIDER starts with to name the file of a recorded run."""
_ANY_MODEL = re.compile(r"[a-z][a-z0-9_]*:[\w./@-]+")


class ConfigError(Exception):
    """Settings that cannot work. `lines` holds one sentence per variable, each starting with its name."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class Settings(SalesSettings, BaseSettings):
    """Where everything is and how much of it may be used. Units are in the names."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    environment: Literal["development", "test", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    database_url: SecretStr
    """The runtime login role (`raptorflow_app`): owns nothing, cannot bypass row-level security."""
    migration_database_url: SecretStr | None = None
    """The owner of the schema; only `raptorflow migrate` uses it. Defaults to `database_url`."""
    database_pool_min: int = Field(2, ge=0, le=100)
    database_pool_max: int = Field(10, ge=1, le=500)

    redis_url: SecretStr = Field(
        validation_alias=AliasChoices("redis_url", "upstash_redis_url"),
    )
    upstash_redis_token: SecretStr | None = None
    """Needed only when UPSTASH_REDIS_URL is the `https://` address of the database."""

    supabase_url: str
    supabase_anon_key: SecretStr
    supabase_service_key: SecretStr
    supabase_jwt_secret: SecretStr | None = None
    """Only for projects that still sign with the legacy shared secret (HS256)."""
    jwt_algorithms: Annotated[list[JwtAlgorithm], NoDecode] = ["ES256", "RS256"]
    auth_webhook_secret: SecretStr | None = None
    """`v1,whsec_...` (several joined by `|`) or a shared secret; unset turns the webhook off."""

    cors_origins: CommaList = ["https://app.raptorflow.com", "https://raptorflow.com"]
    rate_limit_api: int = Field(100, ge=1)
    """Requests a minute of one caller to one endpoint, on the free plan; larger plans allow more."""
    rate_limit_agent: int = Field(20, ge=1)
    """Runs a user of the free plan may start a minute."""
    max_body_bytes: int = Field(1024 * 1024, ge=1024)
    max_upload_bytes: int = Field(20 * 1024 * 1024, ge=1024)
    evidence_bucket: str = "evidence"
    egress_allow_networks: CommaList = []
    """Private networks that evidence URLs may point to; refused in production."""

    model_provider: str = ""
    """composer, google, vertexai, `provider:model`, `replay:FILE`; empty: google with a key or composer."""
    model_flash_lite: str | None = None
    model_flash: str | None = None
    model_pro: str | None = None
    """The provider's ids behind the names that skill cards use."""
    model_base_url: str | None = None
    """Another address of the provider, e.g. a proxy; https, or http on the loopback."""
    model_timeout_seconds: float = Field(60, gt=0, le=600)
    model_max_attempts: int = Field(3, ge=1, le=10)
    model_calls_at_once: int = Field(4, ge=1, le=32)
    """Of one run. A worker asks the provider at most WORKER_CONCURRENCY times as many."""
    gemini_api_key: SecretStr | None = None
    google_api_key: SecretStr | None = None
    search_provider: Literal["", "google", "brave"] = ""
    """Who answers web_search and news_search; empty: google with a GOOGLE_CSE_ID, brave with its key, else
    nobody, and the tools are off."""
    search_base_url: str | None = None
    """Another address of the search provider; https, or http on the loopback."""
    google_cse_id: str | None = None
    brave_api_key: SecretStr | None = None
    gcp_project_id: str | None = None
    gcp_location: str = Field(
        "us-central1", validation_alias=AliasChoices("gcp_location", "gcp_region")
    )
    skills_reload: bool = False
    """Read skill cards again when their files change; for development."""
    routing_accept: float = Field(0.28, ge=0, le=1)
    routing_margin: float = Field(0.03, ge=0, le=1)
    run_wait_seconds: float = Field(120, gt=0)
    run_max_attempts: int = Field(5, ge=1)
    worker_concurrency: int = Field(4, ge=1, le=64)

    metrics_token: SecretStr | None = Field(None, min_length=16)
    """The bearer token of `/metrics`; without it there is no such address."""
    otel_exporter_otlp_endpoint: str | None = None
    """Where traces are sent; unset, there are none."""
    otel_exporter_otlp_headers: SecretStr | None = None
    operator_user_ids: Annotated[list[UUID], NoDecode] = []
    """Users who run the service: they may export what concerns all its customers."""

    @field_validator(
        "cors_origins",
        "egress_allow_networks",
        "jwt_algorithms",
        "operator_user_ids",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must be a postgresql:// address")
        return value

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _is_collector(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must be the http(s):// address of an OTLP collector")
        return value

    @field_validator("supabase_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be the http(s):// address of the Supabase project")
        return value.rstrip("/")

    @field_validator("auth_webhook_secret")
    @classmethod
    def _are_webhook_secrets(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            WebhookSecrets.parse(value.get_secret_value())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.com")
        return value

    @field_validator("egress_allow_networks")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ipaddress.ip_network(network)
        return value

    @model_validator(mode="after")
    def _complete_redis(self) -> Self:
        url = self.redis_url.get_secret_value()
        parts = urlsplit(url)
        if parts.scheme == "https":
            if self.upstash_redis_token is None:
                raise ValueError("UPSTASH_REDIS_TOKEN: needed with an https:// UPSTASH_REDIS_URL")
            token = self.upstash_redis_token.get_secret_value()
            self.redis_url = SecretStr(f"rediss://default:{token}@{parts.hostname}:6379/0")
        elif parts.scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("REDIS_URL: must be a redis:// or rediss:// address")
        return self

    @model_validator(mode="after")
    def _complete_algorithms(self) -> Self:
        if self.supabase_jwt_secret and "HS256" not in self.jwt_algorithms:
            self.jwt_algorithms = [*self.jwt_algorithms, "HS256"]
        if "HS256" in self.jwt_algorithms and self.supabase_jwt_secret is None:
            raise ValueError("SUPABASE_JWT_SECRET: needed when JWT_ALGORITHMS has HS256")
        if self.supabase_jwt_secret and len(self.supabase_jwt_secret.get_secret_value()) < 32:
            raise ValueError("SUPABASE_JWT_SECRET: must have at least 32 characters")
        if not self.jwt_algorithms:
            raise ValueError("JWT_ALGORITHMS: name at least one")
        return self

    @model_validator(mode="after")
    def _complete_model(self) -> Self:
        if not self.model_provider:
            self.model_provider = "google" if self.gemini_api_key else "composer"
        if self.model_provider.startswith(REPLAY):
            return self
        if self.model_provider not in EXTRAS and not _ANY_MODEL.fullmatch(self.model_provider):
            raise ValueError(
                "MODEL_PROVIDER: must be composer, google, vertexai or provider:model, "
                "such as anthropic:claude-sonnet-5"
            )
        package, extra = EXTRAS.get(self.model_provider, ("langchain", "models"))
        if importlib.util.find_spec(package) is None:
            raise ValueError(f"MODEL_PROVIDER: install the extra `raptorflow[{extra}]` for it")
        if self.model_provider == "google" and not (self.gemini_key or self.gcp_project_id):
            raise ValueError("GEMINI_API_KEY: MODEL_PROVIDER=google needs it, or GCP_PROJECT_ID")
        if self.model_provider == "vertexai" and not self.gcp_project_id:
            raise ValueError("GCP_PROJECT_ID: MODEL_PROVIDER=vertexai needs it")
        return self

    @model_validator(mode="after")
    def _complete_search(self) -> Self:
        if self.google_cse_id and not self.google_api_key:
            raise ValueError("GOOGLE_API_KEY: GOOGLE_CSE_ID needs it")
        if not self.search_provider and self.google_cse_id:
            self.search_provider = "google"
        if not self.search_provider and self.brave_api_key:
            self.search_provider = "brave"
        if self.search_provider == "google" and not self.google_cse_id:
            raise ValueError("GOOGLE_CSE_ID: SEARCH_PROVIDER=google needs it, and GOOGLE_API_KEY")
        if self.search_provider == "brave" and not self.brave_api_key:
            raise ValueError("BRAVE_API_KEY: SEARCH_PROVIDER=brave needs it")
        return self

    @field_validator("model_base_url", "search_base_url")
    @classmethod
    def _keeps_the_key_private(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if value and parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ValueError("must be https://, or http:// on this machine: the key is sent there")
        return value.rstrip("/") if value else None

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.environment != "production":
            return self
        if self.model_provider.startswith(REPLAY):
            raise ValueError("MODEL_PROVIDER: a recorded run cannot serve in production")
        if self.egress_allow_networks:
            raise ValueError("EGRESS_ALLOW_NETWORKS: must be empty in production")
        if urlsplit(self.supabase_url).scheme != "https":
            raise ValueError("SUPABASE_URL: must be https:// in production")
        if any(urlsplit(origin).scheme != "https" for origin in self.cors_origins):
            raise ValueError("CORS_ORIGINS: must be https:// in production")
        if self.phonepe_environment != "production" and self.payments_enabled:
            raise ValueError("PHONEPE_ENVIRONMENT: must be production in production")
        if self.mail_url and self.mail_url.get_secret_value().startswith("file:"):
            raise ValueError("MAIL_URL: letters have to leave the machine in production")
        for url in self.gateway_urls:
            if urlsplit(url).scheme != "https":
                raise ValueError("PHONEPE_PG_URL: nothing is simulated in production; use https://")
        return self

    @property
    def gemini_key(self) -> SecretStr | None:
        """The key of the Gemini API; without one Gemini is asked on Vertex AI."""
        return self.gemini_api_key or (None if self.gcp_project_id else self.google_api_key)

    @property
    def models(self) -> dict[str, str]:
        """Name on a skill card -> the provider's model id."""
        named = self.model_provider.partition(":")[2]
        chosen = {
            "flash-lite": self.model_flash_lite,
            "flash": self.model_flash,
            "pro": self.model_pro,
        }
        return {name: chosen[name] or named or GEMINI[name] for name in chosen}

    @property
    def jwt_issuer(self) -> str:
        return f"{self.supabase_url}/auth/v1"

    @property
    def owner_database_url(self) -> str:
        return (self.migration_database_url or self.database_url).get_secret_value()


def _line(error: dict[str, object]) -> str:
    location = error["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    if error["type"] == "missing":
        return f"{name}: is not set"
    return f"{name}: {message[:1].lower()}{message[1:]}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings anew. Raises ConfigError with one line per variable; never shows a value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise ConfigError([_line(dict(problem)) for problem in problems]) from None


class _Given(BaseSettings):
    """The settings of the environment that decide what is real and what is embedded; none is demanded."""

    model_config = Settings.model_config

    environment: Literal["development", "test", "production"] = "development"
    log_level: str | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("redis_url", "upstash_redis_url")
    )
    supabase_url: str | None = None
    supabase_anon_key: SecretStr | None = None
    supabase_service_key: SecretStr | None = None
    cors_origins: str | None = None
    phonepe_client_id: str | None = None
    mail_url: SecretStr | None = None


def given_settings() -> frozenset[str]:
    """Names of the deciding settings that are set. Raises ConfigError for half of a pair.

    Supabase Auth writes into the database, so the two are given together or not at all; Redis stands alone.
    """
    try:
        given = _Given()
    except ValidationError as error:
        raise ConfigError([_line(dict(problem)) for problem in error.errors()]) from None
    names = frozenset(given.model_fields_set)
    together = ("database_url", "supabase_url", "supabase_anon_key", "supabase_service_key")
    missing = [name for name in together if name not in names]
    if given.environment == "production":
        missing += [] if "redis_url" in names else ["redis_url"]
        why = "needed in production, where nothing is embedded"
    else:
        missing = missing if len(missing) < len(together) else []
        why = f"needed together with {', '.join(n.upper() for n in together if n in names)}"
    if missing:
        raise ConfigError([f"{name.upper()}: {why}" for name in missing])
    return names


_current: Settings | None = None


def get_settings() -> Settings:
    """The settings of this process, read at the first call."""
    global _current
    if _current is None:
        _current = load_settings()
    return _current


def use_settings(settings: Settings) -> None:
    """Make these the settings of this process: the embedded stack knows its own addresses."""
    global _current
    _current = settings
