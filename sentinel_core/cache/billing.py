"""The cost of a call to a provider: its price if known, else an estimate that budgets count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sentinel_core.chat.messages import ChatRequest, Completion, Usage
from sentinel_core.chat.token_estimate import estimated

Price: TypeAlias = Callable[[str, str, Usage | None], float | None]
"""Provider, model and usage to dollars; None where the price is not known."""

FREE_PROVIDER = "simulated"
UNPRICED_USD_PER_MTOK = 60.0
_STANDARD_TIERS = frozenset({None, "", "auto", "default", "standard", "on_demand"})
_DEAR_TIERS = frozenset({"priority", "performance", "fast"})
DEAR_FACTOR = 2.0
"""A dear tier's price in standard prices, estimated; cheaper tiers are counted at the standard price."""


@dataclass(frozen=True, slots=True)
class Bill:
    """`cost_usd` is None where it is not known; `estimated_usd` is counted besides, None where all is known."""

    tokens: int
    cost_usd: float | None
    estimated_usd: float | None = None

    @property
    def charged_usd(self) -> float:
        """The dollars that budgets count."""
        return (self.cost_usd or 0.0) + (self.estimated_usd or 0.0)


@dataclass(frozen=True, slots=True)
class Billing:
    """Bills calls; `usd_per_mtok` is the price of a million tokens of a model whose price is not known."""

    price: Price
    usd_per_mtok: float = UNPRICED_USD_PER_MTOK

    def bill(self, request: ChatRequest, completion: Completion) -> Bill:
        """Bill an answer, whole or as far as it came, and the calls that it has overtaken."""
        cost = self._known(request, completion)
        counted = completion.usage or estimated(request, completion)
        overtaken = sum(self._estimate(*other, counted) for other in completion.also_asked)
        if cost is not None:
            return Bill(counted.total_tokens, cost, overtaken or None)
        dear = DEAR_FACTOR if _tier(request, completion) in _DEAR_TIERS else 1.0
        own = dear * self._estimate(completion.provider, completion.model, counted)
        return Bill(counted.total_tokens, None, own + overtaken)

    def _known(self, request: ChatRequest, completion: Completion) -> float | None:
        if completion.provider == FREE_PROVIDER:
            return 0.0
        if _tier(request, completion) not in _STANDARD_TIERS:
            return None
        return self.price(completion.provider, completion.model, completion.usage)

    def _estimate(self, provider: str, model: str, usage: Usage) -> float:
        if provider == FREE_PROVIDER:
            return 0.0
        price = self.price(provider, model, usage)
        return usage.total_tokens * self.usd_per_mtok / 1_000_000 if price is None else price


def _tier(request: ChatRequest, completion: Completion) -> str | None:
    """Return the tier that the provider used, as far as it says, else the one that was asked for."""
    used = (completion.body or {}).get("service_tier")
    asked = request.hints.get("service_tier")
    tier = used if isinstance(used, str) else asked
    return tier if isinstance(tier, str) else None
