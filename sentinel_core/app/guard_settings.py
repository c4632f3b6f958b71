"""Settings of the doors and of the audit log."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from sentinel_core.app.user_settings import UserSettings
from sentinel_core.web.client_address import Network, networks


def _networks(value: object) -> object:
    return networks(value) if isinstance(value, str) else value


class GuardSettings(UserSettings):
    """Who is let in from where, and how long it is on record; part of `Settings`."""

    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = Field(
        (),
        description="proxies whose X-Forwarded-For names the caller's address, as `10.0.0.0/8, …`",
    )
    audit_days: int = Field(365, ge=1, le=3_650, description="days that records of the audit log are kept")
