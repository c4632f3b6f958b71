"""Settings of providers: which are asked, for how long, at which price, and how much they may answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from sentinel_core.app.alert_settings import AlertSettings
from sentinel_core.app.field_types import Seconds
from sentinel_core.app.list_settings import split
from sentinel_core.app.settings_errors import suggestion
from sentinel_core.cache.billing import UNPRICED_USD_PER_MTOK
from sentinel_core.providers.catalogue import KNOWN

SIMULATED = "simulated"
CUSTOM = "custom"


class ProviderSettings(AlertSettings):
    """Which providers are asked, and what bounds a call and its answer; part of `Settings`."""

    provider: str | None = Field(
        None, description="default provider; if unset, groq where its key is set, else the first provider with a key"
    )
    model: str | None = Field(None, description="default model; if unset, the provider's own default")
    fallbacks: str = Field(
        "", description="providers to ask, in this order, where one fails: `openai, groq/openai/gpt-oss-120b, …`"
    )
    native_responses: str = Field(
        "auto",
        description="providers that are asked through the Responses API what callers send to `/v1/responses`: "
        "`openai, custom`; auto: OpenAI's own server and Azure's; off: none, all are asked by chat",
    )
    hedge_ms: float = Field(
        0,
        ge=0,
        le=600_000,
        description="milliseconds after which the next fallback is asked too, and the first answer is used; 0: never",
    )
    request_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=900,
        description="seconds from a request to the end of its answer, retries and fallbacks included",
    )
    stream_idle_seconds: Seconds = Field(
        0, description="longest silence between two events of a provider's stream; 0: only the request's timeout counts"
    )
    provider_concurrency: int = Field(256, ge=1, le=10_000, description="most requests at one provider at once")
    batch_concurrency: int = Field(16, ge=1, le=256, description="most requests at providers at once for one batch")
    simulated_delay_ms: float = Field(
        2000, ge=0, le=60_000, description="milliseconds until the simulated provider answers"
    )
    unpriced: Literal["estimate", "refuse"] = Field(
        "estimate", description="models without a known price: counted in budgets by an estimate, or not asked"
    )
    unpriced_usd_per_mtok: float = Field(
        UNPRICED_USD_PER_MTOK, ge=0, le=10_000, description="estimated price of a million of their tokens, in dollars"
    )
    max_answer_bytes: int = Field(
        8_388_608,
        ge=1_024,
        le=104_857_600,
        description="largest provider answer: a larger plain one is a 502, a larger stream is not stored",
    )

    @field_validator("provider")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        known = (SIMULATED, *KNOWN, CUSTOM)
        if value is not None and value not in known:
            raise ValueError(f"must be one of {', '.join(known)}{suggestion(value, known)}")
        return value

    @field_validator("native_responses")
    @classmethod
    def _are_known(cls, value: str) -> str:
        known = (*KNOWN, CUSTOM)
        for name in () if value in ("auto", "off") else split(value, ","):
            if name not in known:
                raise ValueError(f"must be auto, off, or some of {', '.join(known)}{suggestion(name, known)}")
        return value

    @property
    def fallback_links(self) -> list[tuple[str, str | None]]:
        """The providers to fall back to, each with the model to ask for, None for its default."""
        parts = [fallback.strip().partition("/") for fallback in self.fallbacks.split(",") if fallback.strip()]
        return [(name, model or None) for name, _, model in parts]
