"""Every setting, read once from a mapping of environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from sentinel_core.errors import ConfigurationError

PREFIX = "SENTINEL_"
FOREIGN = {
    "groq_api_key": "GROQ_API_KEY",
    "groq_base_url": "GROQ_BASE_URL",
    "upstash_redis_rest_url": "UPSTASH_REDIS_REST_URL",
    "upstash_redis_rest_token": "UPSTASH_REDIS_REST_TOKEN",
}
"""Fields whose variables have names of their own; all others are `SENTINEL_` and the field's name."""

Seconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
Cosine = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Settings(BaseModel):
    """
    Frozen and complete: a value that is not here is not configurable.

    A description is the row of the README's table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8001, ge=0, le=65_535, description="port to listen on; 0 takes a free one")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    log_prompts: bool = Field(False, description="write prompts and answers into the log, for debugging only")
    store: Literal["memory", "upstash", "redis"] | None = Field(
        None, description="where entries live; by default the first that is configured, else memory"
    )
    provider: str | None = Field(None, description="who is asked where the caller names nobody; groq with a key")
    model: str | None = Field(None, description="model asked where the caller names none; the provider's default")
    embedder: Literal["fastembed", "onnx"] = Field(
        "fastembed", description="fastembed, or the same model on bare onnxruntime: less to import, same vectors"
    )
    simulated_delay_ms: float = Field(2000, ge=0, le=60_000, description="how long the simulated provider thinks")
    similarity_threshold: Cosine = Field(0.9, description="least cosine of a semantic hit; callers may raise it")
    ttl_seconds: Seconds = Field(86_400, description="how long an answer is fresh; a hit does not prolong it")
    stale_seconds: Seconds = Field(3_600, description="how long after that it may stand in for a failing provider")
    max_temperature: float = Field(1.0, ge=0, le=2, description="above it answers are meant to differ: not cached")
    max_body_bytes: int = Field(1_048_576, ge=1_024, le=104_857_600, description="largest request body")
    max_entries: int = Field(100_000, ge=1, description="most entries kept in memory")
    max_memory_mb: int = Field(256, ge=1, description="most memory for entries and vectors of this process")
    request_timeout_seconds: float = Field(28.0, gt=0, le=900, description="from request to answer, retries included")
    groq_api_key: SecretStr | None = Field(None, description="key for Groq; without any key answers are simulated")
    groq_base_url: str = Field("https://api.groq.com/openai/v1", description="Groq's address, or one that speaks alike")
    upstash_redis_rest_url: str | None = Field(None, description="Upstash Redis over HTTP")
    upstash_redis_rest_token: SecretStr | None = Field(None, description="its token")
    redis_url: SecretStr | None = Field(None, description="any other Redis, as redis://… or rediss://…")

    @field_validator("groq_base_url", "upstash_redis_rest_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return None if value is None else value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @model_validator(mode="after")
    def _agree(self) -> Settings:
        if (self.upstash_redis_rest_url is None) != (self.upstash_redis_rest_token is None):
            raise ValueError("UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together")
        return self

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """
        Read from variables; an empty one counts as unset.

        Raises ConfigurationError naming each misspelt `SENTINEL_` variable and each value that breaks
        a rule, never the value itself.
        """
        known = {variable(field): field for field in cls.model_fields}
        unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise ConfigurationError(f"unknown setting: {', '.join(unknown)}")
        values = {field: environ[name] for name, field in known.items() if environ.get(name)}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError("; ".join(_complaints(error))) from None


def variable(field: str) -> str:
    """Return the name of the environment variable behind a field."""
    return FOREIGN.get(field, PREFIX + field.upper())


def _complaints(error: ValidationError) -> list[str]:
    return [
        ": ".join([*(variable(str(part)) for part in problem["loc"][:1]), problem["msg"]])
        for problem in error.errors(include_input=False, include_url=False)
    ]
