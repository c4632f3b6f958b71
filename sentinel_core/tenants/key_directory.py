"""Authenticates callers by their keys, and caches each key for a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentinel_core.errors import ServiceUnavailableError, StoreError, UnauthenticatedError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.support.single_flight import SingleFlight
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import NO_LIMITS, ApiKey, Caller
from sentinel_core.tenants.key_store import KeyStore

HOLD_SECONDS = 60.0
RETRY_SECONDS = 5.0
LONGEST_OUTAGE = 3_600.0
MOST_KNOWN = 10_000
MOST_UNKNOWN = 4_096
NOBODY = ApiKey(sha256="0" * 64, tenant="nobody", state="revoked")
"""Stands in for an unknown key, so that every key costs the same work."""


@dataclass(frozen=True, slots=True)
class _Held:
    """`since` and `until` are monotonic readings: when the store answered, and when to ask it again."""

    caller: Caller
    since: float
    until: float


class Directory:
    """
    Authenticates callers.

    Revoking a key works in every instance within `HOLD_SECONDS`. While the store does not answer, a key known
    before goes on working for `LONGEST_OUTAGE`; any other is a ServiceUnavailableError.
    `pools` maps tenants to the pool they share answers in; a tenant it does not name shares with no other.
    """

    def __init__(
        self,
        store: KeyStore,
        *,
        secret: bytes,
        static: Sequence[ApiKey] = (),
        pools: Mapping[str, str] | None = None,
        clock: Clock,
    ) -> None:
        self.store = store
        self._secret = secret
        self._static = {key.sha256: key for key in static}
        self._pools = pools or {}
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._known: BoundedMap[str, _Held] = BoundedMap(MOST_KNOWN)
        self._unknown: BoundedMap[str, _Held] = BoundedMap(MOST_UNKNOWN)
        self._asking: SingleFlight[_Held] = SingleFlight()

    async def caller(self, key: str) -> Caller:
        """
        Return the holder of this key.

        Raises UnauthenticatedError, the same for keys that are unknown, malformed, expired or revoked and
        after the same work; ServiceUnavailableError if only the store knows the key and does not answer.
        """
        digest = api_key.digest(key)
        held = self._known.get(digest) or self._unknown.get(digest)
        if held is None or held.until <= self._monotonic():
            held, _ = await self._asking.join(digest, lambda: self._learn(digest))
        found = held.caller.key or NOBODY
        if not (api_key.same(found.sha256, digest) & found.is_open(self._now())):
            raise refused()
        return held.caller

    def namespace(self, tenant: str) -> str:
        return api_key.namespace(self._secret, tenant, self._pools.get(tenant))

    def own_namespace(self, tenant: str) -> str:
        """Return the tenant's own namespace, even if it shares a pool: for its counters."""
        return api_key.namespace(self._secret, tenant)

    async def knows(self, tenant: str) -> bool:
        """Whether a key, a revoked one included, or a pool names this tenant; raises StoreError."""
        if tenant in self._pools or any(key.tenant == tenant for key in self._static.values()):
            return True
        return any(key.tenant == tenant for key in await self.store.all())

    def forget(self, sha256: str) -> None:
        """Ask the store again when this key is used next, because it was changed here."""
        self._known.pop(sha256)
        self._unknown.pop(sha256)

    async def _learn(self, digest: str) -> _Held:
        asked = self._monotonic()
        try:
            found = self._static.get(digest) or await self.store.get(digest)
        except StoreError as error:
            return self._prolong(digest, error)
        key = found or NOBODY
        caller = Caller(self.namespace(key.tenant), key, is_limited=key.limits != NO_LIMITS)
        held = _Held(caller, asked, asked + HOLD_SECONDS)
        self.forget(digest)
        (self._unknown if found is None else self._known).put(digest, held)
        return held

    def _prolong(self, digest: str, error: StoreError) -> _Held:
        before, moment = self._known.peek(digest), self._monotonic()
        if before is None or moment - before.since >= LONGEST_OUTAGE:
            raise ServiceUnavailableError(
                "API keys cannot be checked now", what="keys", retry_after=RETRY_SECONDS
            ) from error
        held = _Held(before.caller, before.since, moment + RETRY_SECONDS)
        self._known.put(digest, held)
        return held


def refused() -> UnauthenticatedError:
    """Return the 401 for a missing or invalid key."""
    return UnauthenticatedError(
        "a valid API key is needed, as `Authorization: Bearer …` or as `x-api-key`; the operator makes one with"
        " `sentinel keys create`, or opens the server with SENTINEL_OPEN=true",
        code="invalid_api_key",
    )
