"""The record of an API key and its rights; the key itself is never kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentinel_core.chat.reach import EVERYTHING, Reach
from sentinel_core.tenants.key_scopes import ADMIN, KeyScope, rights

PREFIX = "sk-sentinel-"
OPEN_NAMESPACE = "open"
"""Of a gateway that asks for no keys; no tenant's can be equal, for those are 64 hexadecimal digits."""

Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Tenant: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
Label: TypeAlias = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_. -]*$")]
Moment: TypeAlias = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000_000)]
UserScope: TypeAlias = Literal["auto", "always", "never"]
"""Which prompts of a named end user are theirs alone: personal ones, all, or none."""
Dollars: TypeAlias = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Limits(_Frozen):
    """The limits of a key; None is no limit."""

    model_config = ConfigDict(strict=True)

    requests_per_minute: Count | None = Field(None, description="requests in the minute from the first one on")
    tokens_per_minute: Count | None = Field(None, description="billed tokens in such a minute")
    concurrent_requests: Count | None = Field(None, description="requests under way at once, in each instance")
    usd_per_day: Dollars | None = Field(None, description="dollars a day (UTC); then stored answers only")
    usd_per_month: Dollars | None = Field(None, description="dollars a month (UTC); then stored answers only")


NO_LIMITS = Limits()


class ApiKey(_Frozen):
    """
    A key by its SHA-256; `created` and `expires` are Unix time.

    Empty `models` or `providers` allow all that the operator has configured; without a `user_scope` the operator's
    holds. Of a `forged` one, which another program wrote, only the SHA-256 is known.
    """

    sha256: Sha256
    tenant: Tenant
    name: Label = ""
    created: Moment = 0.0
    expires: Moment | None = None
    state: Literal["active", "revoked", "forged"] = "active"
    models: tuple[Name, ...] = ()
    providers: tuple[Name, ...] = ()
    limits: Limits = NO_LIMITS
    user_scope: UserScope | None = None
    scopes: tuple[KeyScope, ...] = ()

    @property
    def id(self) -> str:
        """The key's public name: not secret, and different for each key."""
        return self.sha256[:16]

    def is_open(self, now: float) -> bool:
        """Whether it is neither revoked, forged nor expired; a key that expires now has expired."""
        return self.state == "active" and (self.expires is None or now < self.expires)

    @property
    def is_operators(self) -> bool:
        """Whether the key opens some part of the admin API."""
        return any(scope.startswith(ADMIN) for scope in self.scopes)

    def may(self, scope: str) -> bool:
        """Whether the key may be used for a kind of route."""
        return scope in rights(self.scopes)

    @property
    def reach(self) -> Reach:
        """Which providers and models the key may ask."""
        return Reach(self.providers, self.models)

    def revoked(self) -> ApiKey:
        return self.model_copy(update={"state": "revoked"})

    def ending(self, at: float) -> ApiKey:
        """Return the same key, expired from `at` on at the latest."""
        return self.model_copy(update={"expires": at if self.expires is None else min(at, self.expires)})


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request: `key` is None on an open gateway, and for the operator."""

    namespace: str
    key: ApiKey | None = None
    is_admin: bool = False
    is_limited: bool = False

    @property
    def reach(self) -> Reach:
        """Which providers and models the caller may ask."""
        return EVERYTHING if self.key is None else self.key.reach

    def allows(self, provider: str, model: str) -> bool:
        return self.reach.allows(provider, model)


ANYONE = Caller(OPEN_NAMESPACE)


def digest(key: str) -> str:
    """
    SHA-256 of a key, in hex.

    Fast on purpose: a key is 256 random bits, so there is nothing to guess, and each request pays for it.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def namespace(secret: bytes, tenant: str, pool: str | None = None) -> str:
    """
    HMAC-SHA256 of the tenant under the server's secret, in hex; of the pool where the operator put the tenant in one.

    A reader of the store learns no tenant's name from it, and cannot compute another tenant's namespace.
    """
    what = f"tenant:{tenant}" if pool is None else f"pool:{pool}"
    return hmac.new(secret, what.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def find(keys: Collection[ApiKey], identifier: str) -> ApiKey | None:
    """Return the key of this id or SHA-256."""
    return next((key for key in keys if identifier in (key.id, key.sha256)), None)


def complaint(error: ValidationError) -> str:
    """Name the first field that breaks a rule, and the rule; never the value."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])
