"""Every setting, read once from a mapping of environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import (
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from sentinel_core.app.field_types import BaseUrl, HostNames, HttpAddress, Origins, Pools, Seconds, StaticKeys
from sentinel_core.app.guard_settings import GuardSettings
from sentinel_core.app.list_settings import keys_by_name
from sentinel_core.app.provider_settings import CUSTOM
from sentinel_core.app.settings_errors import PREFIX, complaints, unknown_settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.providers.catalogue import KNOWN
from sentinel_core.providers.endpoint import mended

FOREIGN = {
    "upstash_redis_rest_url": "UPSTASH_REDIS_REST_URL",
    "upstash_redis_rest_token": "UPSTASH_REDIS_REST_TOKEN",
    "lambda_name": "AWS_LAMBDA_FUNCTION_NAME",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
    "otlp_headers": "OTEL_EXPORTER_OTLP_HEADERS",
    "otlp_service": "OTEL_SERVICE_NAME",
    "otlp_metrics_ms": "OTEL_METRIC_EXPORT_INTERVAL",
}
"""Fields whose variables have names of their own."""

KEYS = {name: spec.key for name, spec in KNOWN.items() if spec.key is not None} | {CUSTOM: "CUSTOM_API_KEY"}
BASE_URLS = {name: spec.base_url_variable for name, spec in KNOWN.items()} | {CUSTOM: "CUSTOM_BASE_URL"}
MANY = {"keys": KEYS, "base_urls": BASE_URLS}
"""Fields that are read from one variable per provider. All others are `SENTINEL_` and the field's name."""

OF_COMMANDS = frozenset({"SENTINEL_KEY"})
"""Variables that commands read, and that a server started in the same shell leaves alone."""

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_PASTED = {*MANY, *("upstash_redis_rest_url", "upstash_redis_rest_token", "redis_url", "alert_url")}
_REDIS_SCHEMES = ("redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://", "unix://")


class Settings(GuardSettings):
    """
    Frozen and complete: a value that is not here is not configurable.

    A description is the row of the README's table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=False)

    store: Literal["memory", "upstash", "redis"] | None = Field(
        None, description="where entries are stored; by default in the Redis that is configured, else in memory"
    )
    embedder: Literal["fastembed", "onnx"] = Field(
        "fastembed",
        description="runtime of the model: fastembed, or bare onnxruntime (fewer imports, same vectors)",
    )
    max_entries: int = Field(100_000, ge=1, description="most entries in memory")
    eager: bool = Field(
        False,
        description="ask the provider already while a prompt is embedded: misses are a few milliseconds faster, but a "
        "semantic hit pays for the call; its answer is stored; streams and Lambda wait as ever",
    )
    remembered_prompts: int = Field(
        2_000,
        ge=0,
        le=1_000_000,
        description="most prompts whose vector and match a process remembers, so that the same rewording needs no "
        "inference again, within SENTINEL_MAX_MEMORY_MB; about 3 kB each, 0 remembers none, and no repeated requests",
    )
    max_memory_mb: int = Field(
        256,
        ge=1,
        description="most megabytes of memory held for callers: three quarters for entries and vectors, the rest for "
        "rankings, rewordings, latest requests and the like",
    )
    stream_heartbeat_seconds: Seconds = Field(
        15, description="a stream that has nothing to send for so long sends an SSE comment; 0: none, and headers wait"
    )
    keys: dict[str, SecretStr] = Field({}, description="key of each provider; without any, answers are simulated")
    base_urls: dict[str, BaseUrl] = Field({}, description="base URL of each provider, if it is not the usual one")
    upstash_redis_rest_url: HttpAddress | None = Field(None, description="Upstash Redis over HTTP")
    upstash_redis_rest_token: SecretStr | None = Field(None, description="token for Upstash Redis")
    redis_url: SecretStr | None = Field(None, description="other Redis: redis(s)://… or redis(s)+sentinel://host/name")
    open: bool | None = Field(
        None,
        description="true serves any caller without a key; if unset, this machine only, until a key exists",
    )
    api_keys: StaticKeys = Field(
        [], description="static API keys as digests: `tenant:sha256, …`, as `sentinel keys create` prints them"
    )
    keys_file: str = Field(".sentinel/keys.json", description="file for API keys where there is no Redis")
    namespace_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="separates tenants and seals stored values; the same in every instance. Local: made in .sentinel",
    )
    encryption_keys: SecretStr | None = Field(
        None,
        description="encrypts entries in Redis: `name:key, …`, 32 bytes each, base64; the first encrypts, all decrypt",
    )
    shared_pools: Pools = Field({}, description="tenants that share their answers: `pool=tenant, tenant; pool=…`")
    admin_key: SecretStr | None = Field(
        None, min_length=24, description="key for /v1/admin and for all tenants' metrics; 24 characters or more"
    )
    rates_without_store: Literal["open", "closed"] = Field(
        "open",
        description="while Redis is unavailable, keys with a limit of requests or tokens are served (open) or refused",
    )
    budgets_without_store: Literal["open", "closed"] = Field(
        "closed",
        description="while Redis is unavailable, misses of keys with a budget are served (open) or refused (closed)",
    )
    cors_origins: Origins = Field(
        (), description="web origins that may call from a browser: `https://…, …`; none if empty"
    )
    allowed_hosts: HostNames = Field(
        (), description="host names a server without keys answers besides loopback: `gateway.lan, …`; without ports"
    )
    lambda_name: str | None = Field(
        None, description="set by AWS Lambda, where the gateway is open only with SENTINEL_OPEN=true"
    )
    max_scope_entries: int = Field(
        50_000,
        ge=1_000,
        description="most entries of one scope searched in this process; larger ones are searched in Redis, if it can",
    )
    store_timeout_ms: float = Field(
        800,
        ge=10,
        le=60_000,
        description="milliseconds that a request waits for Redis, for one round trip and for all together",
    )

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip().startswith(_REDIS_SCHEMES):
            raise ValueError("must start with redis://, rediss://, redis+sentinel://, rediss+sentinel:// or unix://")
        return value

    @field_validator("admin_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _PRINTABLE.fullmatch(value.get_secret_value()):
            raise ValueError("must be ASCII without spaces, for it is sent in a header")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _are_encryption_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            keys_by_name(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _is_guarded(self) -> Settings:
        if self.open and self.api_keys:
            raise ValueError("SENTINEL_OPEN=true and SENTINEL_API_KEYS exclude each other")
        if self.lambda_name and not self.open and self.namespace_secret is None:
            raise ValueError("on Lambda set SENTINEL_NAMESPACE_SECRET to ask for keys, or SENTINEL_OPEN=true")
        return self

    @model_validator(mode="after")
    def _agree(self) -> Settings:
        if (self.upstash_redis_rest_url is None) != (self.upstash_redis_rest_token is None):
            raise ValueError("UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together")
        self._require(self.store == "upstash", self.upstash_redis_rest_url, "SENTINEL_STORE", "UPSTASH_REDIS_REST_URL")
        self._require(self.alert_url is not None, self.alert_secret, "SENTINEL_ALERT_URL", "SENTINEL_ALERT_SECRET")
        self._require(self.store == "redis", self.redis_url, "SENTINEL_STORE", "SENTINEL_REDIS_URL")
        self._require(self.hedge_ms > 0, self.fallbacks or None, "SENTINEL_HEDGE_MS", "SENTINEL_FALLBACKS")
        for name, model in self.fallback_links:
            self._require(
                name == CUSTOM and model is None, self.model, "SENTINEL_FALLBACKS", "SENTINEL_MODEL or custom/MODEL"
            )
            self._require(
                name not in self.keys and name not in self.base_urls, None, "SENTINEL_FALLBACKS", KEYS.get(name, name)
            )
        key = KEYS.get(self.provider or "")
        self._require(
            key is not None and self.provider != CUSTOM, self.keys.get(self.provider or ""), "SENTINEL_PROVIDER", key
        )
        self._require(self.provider == CUSTOM, self.base_urls.get(CUSTOM), "SENTINEL_PROVIDER", BASE_URLS[CUSTOM])
        return self

    def _require(self, asked: bool, value: object, what: str, missing: str | None) -> None:
        if asked and value is None:
            raise ValueError(f"{what} needs {missing}")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """
        Read from variables; an empty one counts as unset.

        Raises ConfigurationError naming each misspelt `SENTINEL_` variable and each value that breaks
        a rule, never the value itself.
        """
        known = {*cls.variables(), *OF_COMMANDS}
        unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise ConfigurationError(unknown_settings(unknown, cls.variables()))
        values: dict[str, object] = {
            field: value
            for field in cls.model_fields.keys() - MANY.keys()
            if (value := _pasted(field, environ.get(variable(field), "")))
        }
        for field, variables in MANY.items():
            values[field] = {
                key: value for key, name in variables.items() if (value := _pasted(field, environ.get(name, "")))
            }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError("; ".join(complaints(error.errors(include_url=False), _where))) from None

    @classmethod
    def variables(cls) -> list[str]:
        """Return the names of all variables that are read."""
        return [
            name
            for field in cls.model_fields
            for name in (MANY[field].values() if field in MANY else [variable(field)])
        ]


def variable(field: str) -> str:
    """Return the name of the environment variable behind a field."""
    return FOREIGN.get(field, PREFIX + field.upper())


def _pasted(field: str, value: str) -> str:
    """Take blanks, line ends and quotes off addresses and tokens; a secret that keys are derived from stays."""
    return mended(value) if field in _PASTED else value


def _where(location: tuple[int | str, ...]) -> str:
    if not location:
        return ""
    field = str(location[0])
    return MANY[field][str(location[1])] if field in MANY else variable(field)
