"""Settings of the doors and of the audit log."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

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
    admin: Literal["on", "off"] = Field("on", description="off: no route under /v1/admin")
    admin_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="another port of the same host, which then alone has the routes under /v1/admin",
    )
    wrong_keys_per_minute: int = Field(
        20, ge=1, le=100_000, description="wrong keys a minute from one address before it gets 429; right keys pass"
    )
    audit_days: int = Field(365, ge=1, le=3_650, description="days that records of the audit log are kept")

    @model_validator(mode="after")
    def _has_one_way_to_admin(self) -> Self:
        if self.admin_port is not None and (self.admin == "off" or self.admin_port == self.port):
            raise ValueError("SENTINEL_ADMIN_PORT needs SENTINEL_ADMIN=on, and a port other than SENTINEL_PORT")
        if self.admin_port is not None and getattr(self, "lambda_name", None):
            raise ValueError("SENTINEL_ADMIN_PORT: AWS Lambda has no ports; set SENTINEL_ADMIN=off")
        return self
