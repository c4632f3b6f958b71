"""Warnings printed at start: unexpected costs, and parts that do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sentinel_core.app import stores
from sentinel_core.app.settings import KEYS, Settings
from sentinel_core.errors import StoreError

_REFUSED = "refused"


def start_warnings(settings: Settings, default: str, shell: Mapping[str, str]) -> list[str]:
    """Return a line for each warning; `shell` is the environment without `.env`, `default` the default provider."""
    return [*_billing(default, shell), *_redis(settings)]


def _billing(default: str, shell: Mapping[str, str]) -> list[str]:
    """Warn of a key that an unrelated program may have left in the shell; one in `.env` is meant for Sentinel."""
    name = KEYS.get(default, "")
    if not shell.get(name):
        return []
    return [f"{name} is set in this shell: {default} bills each miss to it; --provider simulated costs nothing"]


def _redis(settings: Settings) -> list[str]:
    failure = asyncio.run(_failure(settings))
    if failure is None:
        return []
    verb = "work" if str(failure).startswith(_REFUSED) else "answer"
    return [f"Redis does not {verb} ({failure}): every request goes to the provider until it does"]


async def _failure(settings: Settings) -> StoreError | None:
    """Write and read in Redis over a connection of its own, within the store's time budget; return the failure."""
    connection = stores.wire(settings)
    if connection is None:
        return None
    from sentinel_core.stores.redis.probe import first_failure

    try:
        return await first_failure(connection)
    finally:
        await connection.aclose()
