"""Builds the calls to providers that are no chat."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from sentinel_core.app.providers import configured_secrets, key_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.billing import Billing
from sentinel_core.providers import pricing
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.direct_calls import DirectCalls
from sentinel_core.support.clock import Clock
from sentinel_core.web.model_lists import ModelLists
from sentinel_core.web.service import DirectParts


def billing(settings: Settings) -> Billing:
    """Return the prices of all calls."""
    return Billing(pricing.cost_usd, settings.unpriced_usd_per_mtok)


def parts(
    settings: Settings, specs: Mapping[str, ProviderSpec], transport: httpx.AsyncBaseTransport, clock: Clock
) -> DirectParts:
    """Return each provider's routes beside chat."""
    secrets, limit = configured_secrets(settings), settings.provider_concurrency
    calls = {
        name: DirectCalls(spec, key=key_of(settings, name), transport=transport, limit=limit, secrets=secrets)
        for name, spec in specs.items()
    }
    return DirectParts(calls, ModelLists(calls, clock), billing(settings))
