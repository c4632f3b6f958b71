"""Settings of alerts."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from sentinel_core.app.cache_settings import CacheSettings
from sentinel_core.app.field_types import http_address


class AlertSettings(CacheSettings):
    """Where alerts are sent, and what counts as a jump in spending; part of `Settings`."""

    alert_url: SecretStr | None = Field(
        None, description="URL called with alerts: a budget is spent, spending jumps, Redis or a provider fails"
    )
    alert_secret: SecretStr | None = Field(
        None, min_length=16, description="secret that signs alerts; 16 characters or more"
    )
    alert_spike_usd: float = Field(
        5.0,
        ge=0,
        le=1e9,
        allow_inf_nan=False,
        description="least dollars in ten minutes that count as a jump in spending; 0: no such alert",
    )
    alert_spike_times: float = Field(
        4.0,
        ge=1,
        le=1e6,
        allow_inf_nan=False,
        description="least multiple of the mean of the two hours before that counts as a jump in spending",
    )

    @field_validator("alert_url")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            http_address(value.get_secret_value())
        return value
