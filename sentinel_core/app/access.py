"""Builds from the settings who may call: the directory of keys, or the rules of a server without keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel_core.app import stores
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.support.clock import Clock
from sentinel_core.tenants import api_key
from sentinel_core.tenants.admin_key import ADMIN_FILE, AdminKeyFile
from sentinel_core.tenants.api_key import ApiKey
from sentinel_core.tenants.key_directory import Directory
from sentinel_core.tenants.key_store import KeyStore
from sentinel_core.tenants.key_watch import KeyWatch
from sentinel_core.web.access import Access, FirstKey
from sentinel_core.web.local_access import LocalAccess
from sentinel_core.web.request_shares import RequestShares
from sentinel_core.web.wrong_keys import WrongKeys

if TYPE_CHECKING:
    from sentinel_core.stores.redis.connection import RedisConnection

REQUESTS_SHARE = 0.75
"""Of the connections of callers, for requests of one key under way."""

_WAYS = "`sentinel keys create --tenant NAME` makes a key, SENTINEL_OPEN=true opens the server"


def access(settings: Settings, keys: KeyStore, clock: Clock, *, wire: RedisConnection | None = None) -> Access:
    """Build it over the store of keys; `wire` leads to Redis, where keys are in Redis."""
    admin_key = settings.admin_key
    made_admin = AdminKeyFile(Path(settings.keys_file).with_name(ADMIN_FILE))
    return Access(
        directory=stores.directory(settings, keys, clock) if stores.asks_for_keys(settings) else None,
        admin=None if admin_key is None else api_key.digest(admin_key.get_secret_value()),
        watch=_watch(settings, keys, clock, wire),
        local=_local(settings),
        made_admin=made_admin,
        first_key=_first_key(settings, wire, made_admin),
        trusted=settings.trusted_proxies,
        wrong_keys=WrongKeys(clock, settings.wrong_keys_per_minute),
        admin_routes=settings.admin_port or settings.admin == "on",
        shares=RequestShares(max(1, int(settings.max_connections * REQUESTS_SHARE))),
    )


def describe(access: Access, settings: Settings) -> str:
    """Return one line on who may call, for the start of the server."""
    if access.directory is not None:
        secret = stores.secret_without_keys(settings)
        return "asked of every caller" if secret is None else f"asked of every caller, because {secret} exists: {_WAYS}"
    return "none asked for: open to " + ("every caller" if access.local is None else "this machine until a key exists")


def _watch(settings: Settings, keys: KeyStore, clock: Clock, wire: RedisConnection | None) -> KeyWatch | None:
    """Watch for the first key of a server that is open because no key exists; None for every other server."""
    if settings.open or stores.asks_for_keys(settings):
        return None

    return KeyWatch(_FirstKeys(settings, keys, clock, wire), clock=clock)


@dataclass(frozen=True, slots=True)
class _FirstKeys:
    settings: Settings
    keys: KeyStore
    clock: Clock
    wire: RedisConnection | None

    async def exist(self) -> bool:
        return stores.asks_for_keys(self.settings) or bool(await self.keys.all())

    def directory(self) -> Directory:
        """Read keys under the secret that was made with the first one; `keys` was built without a secret."""
        return stores.directory(self.settings, stores.key_store(self.settings, self.wire), self.clock)


def _first_key(settings: Settings, wire: RedisConnection | None, made_admin: AdminKeyFile) -> FirstKey | None:
    """Return how an open server takes its first key from its operator; None where it asks for keys, or never does."""
    if settings.open or stores.asks_for_keys(settings):
        return None

    async def keep(key: ApiKey) -> str | None:
        try:
            stores.namespace_secret(settings)  # made now if there is none, as `sentinel keys create` does
        except ConfigurationError as error:
            raise StoreError(str(error)) from error
        shown = made_admin.make() if settings.admin_key is None else None
        await stores.key_store(settings, wire).put(key)
        return shown

    return keep


def _local(settings: Settings) -> LocalAccess | None:
    """Return the callers that a server without keys answers; None for every caller, by the operator's word."""
    if settings.open:
        return None
    return LocalAccess(frozenset(settings.allowed_hosts), frozenset(settings.cors_origins))
