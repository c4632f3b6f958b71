"""Warnings printed at start: unexpected costs, and parts that do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sentinel_core.app import stores
from sentinel_core.app.settings import KEYS, Settings
from sentinel_core.errors import StoreError


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
    problem = asyncio.run(_ping(settings))
    if problem is None:
        return []
    return [f"Redis does not answer ({problem}): every request goes to the provider until it does"]


async def _ping(settings: Settings) -> str | None:
    """Ask Redis over a connection of its own, within the store's time budget; return the failure."""
    connection = stores.wire(settings)
    if connection is None:
        return None
    try:
        await connection.run([("PING",)])
    except StoreError as error:
        return str(error)
    finally:
        await connection.aclose()
    return None
