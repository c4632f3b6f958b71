"""The models that each provider lists, remembered for some minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sentinel_core.errors import ProviderError
from sentinel_core.providers.direct_calls import DirectCalls
from sentinel_core.support.clock import Clock
from sentinel_core.support.single_flight import SingleFlight

FRESH_SECONDS = 600.0
RETRY_SECONDS = 30.0
"""After a failure, until the provider is asked again."""
LIST_SECONDS = 3.0
MOST_MODELS = 2_000
LONGEST_NAME = 200


class ModelLists:
    """Asks each provider once in `FRESH_SECONDS`; a list that cannot be read is None."""

    def __init__(self, calls: Mapping[str, DirectCalls], clock: Clock) -> None:
        self._calls = calls
        self._monotonic = clock.monotonic
        self._known: dict[str, tuple[float, Sequence[str] | None]] = {}
        self._flights: SingleFlight[Sequence[str] | None] = SingleFlight()

    async def all(self) -> Mapping[str, Sequence[str] | None]:
        """Return the models of each provider."""
        lists = await asyncio.gather(*map(self.of, self._calls))
        return dict(zip(self._calls, lists, strict=True))

    async def of(self, provider: str) -> Sequence[str] | None:
        """Return one provider's models; None where it does not say."""
        known = self._known.get(provider)
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        if provider not in self._calls:
            return None
        return (await self._flights.join(provider, lambda: self._ask(provider)))[0]

    async def _ask(self, provider: str) -> Sequence[str] | None:
        try:
            found: Sequence[str] | None = _names(await self._calls[provider].get("/models", timeout=LIST_SECONDS))
        except ProviderError:
            found = None
        seconds = RETRY_SECONDS if found is None else FRESH_SECONDS
        self._known[provider] = self._monotonic() + seconds, found
        return found


def _names(payload: Any) -> Sequence[str] | None:
    """Read `data` or, as Together sends it, a bare list; Gemini puts `models/` before each name."""
    items = payload.get("data") if isinstance(payload, dict) else payload
    if not isinstance(items, list):
        return None
    ids = (item.get("id") for item in items[:MOST_MODELS] if isinstance(item, dict))
    names = (name.removeprefix("models/") for name in ids if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in names if name.isprintable() and 0 < len(name) <= LONGEST_NAME))
