"""Notices the first API key of a server that is open only because no key exists."""

from __future__ import annotations

import logging
from typing import Protocol

from sentinel_core.errors import ServiceUnavailableError, StoreError
from sentinel_core.support.clock import Clock
from sentinel_core.support.single_flight import SingleFlight
from sentinel_core.tenants.key_directory import LONGEST_OUTAGE, RETRY_SECONDS, Directory

HOLD_SECONDS = 2.0
"""How long the answer "no key exists" is held: one look at the key store per process in this time, at most."""

_log = logging.getLogger("sentinel")


class FirstKeys(Protocol):
    """The keys of a server that started without one."""

    async def exist(self) -> bool:
        """Whether there is a key by now; raises StoreError."""

    def directory(self) -> Directory:
        """Build the directory of the keys that exist."""


class KeyWatch:
    """
    Returns the directory as soon as a key exists, and from then on.

    While the store fails, the server stays open for `LONGEST_OUTAGE` after the last look
    that found no key, since a key cannot be made without the store either; then, and if the store never answered, it
    is closed.
    """

    def __init__(self, keys: FirstKeys, *, clock: Clock) -> None:
        self._keys = keys
        self._monotonic = clock.monotonic
        self._found: Directory | None = None
        self._open_since: float | None = None
        self._until = 0.0
        self._looking: SingleFlight[None] = SingleFlight()

    @property
    def found(self) -> Directory | None:
        """The directory, once a key was found."""
        return self._found

    def look_again(self) -> None:
        """Look at the key store at the next request, because a key was just made."""
        self._until = 0.0

    async def directory(self) -> Directory | None:
        """
        Return the directory of keys, None while there is no key.

        Raises ServiceUnavailableError where it cannot be known whether there is one.
        """
        if self._found is None and (self._open_since is None or self._monotonic() >= self._until):
            await self._looking.join("keys", self._look)
        return self._found

    async def _look(self) -> None:
        began = self._monotonic()
        try:
            if await self._keys.exist():
                self._found = self._keys.directory()
                _log.warning("keys.found", extra={"fields": {"effect": "callers without a key are refused"}})
            self._open_since, self._until = began, began + HOLD_SECONDS
        except StoreError as error:
            if self._open_since is None or began - self._open_since >= LONGEST_OUTAGE:
                self._open_since = None
                raise ServiceUnavailableError(
                    "it cannot be checked whether API keys exist; SENTINEL_OPEN=true serves callers without a key",
                    what="keys",
                    retry_after=RETRY_SECONDS,
                ) from error
            self._until = began + RETRY_SECONDS
