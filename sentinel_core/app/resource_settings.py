"""Settings that bound the resources of this process that callers and providers may use."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sentinel_core.app.alert_settings import AlertSettings
from sentinel_core.cache.billing import UNPRICED_USD_PER_MTOK


class LimitSettings(AlertSettings):
    """Bounds on size and number; part of `Settings`."""

    max_body_bytes: int = Field(5_242_880, ge=1_024, le=104_857_600, description="largest request body in bytes")
    max_json_values: int = Field(
        50_000, ge=100, le=10_000_000, description="most JSON values (scalars, arrays and objects) in a request body"
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
    max_connections: int = Field(
        2_048,
        ge=8,
        le=1_000_000,
        description="most open connections of callers; a full server closes the oldest that waits for its caller",
    )
    max_header_bytes: int = Field(
        65_536, ge=1_024, le=1_048_576, description="largest head of a request: its URL and headers together"
    )
    keep_alive_seconds: float = Field(
        75.0,
        ge=1,
        le=86_400,
        description="seconds for which an idle connection is kept; more than the load balancer's idle time, often 60",
    )
    shutdown_seconds: float = Field(
        20.0, ge=0, le=3_600, description="seconds for answers under way to end after SIGTERM; then they are cut off"
    )
