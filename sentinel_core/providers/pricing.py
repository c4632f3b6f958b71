"""The cost of calls, from a table of prices made by scripts/update_prices.py."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from sentinel_core.chat.messages import Usage

HOUR_FACTOR = 2.0
"""Price of a token kept for an hour in the provider's cache, in prices of input (docs.anthropic.com)."""
PRICES = Path(__file__).with_name("prices.json")

Rate: TypeAlias = "float | list[Any]"
"""Dollars per million tokens: a number, or a base and then [start, rate] for prompts longer than `start` tokens."""


def cost_usd(provider: str, model: str, usage: Usage | None) -> float | None:
    """
    Return dollars; None where the price or the usage is not known.

    Cached tokens have their discount, and those written to the provider's cache their own price.

    Prices are those in force on the table's day. The table is read at the first call, or by `load`.
    """
    price = _price(provider, model)
    if price is None or usage is None:
        return None
    reading, cached, writing, keeping = (_at(rate, usage.prompt_tokens) for rate in (*price, price[0])[:4])
    brief = usage.written_tokens - usage.hour_tokens
    fresh_tokens = usage.prompt_tokens - usage.cached_tokens - usage.written_tokens
    dollars = fresh_tokens * reading + usage.cached_tokens * cached + usage.completion_tokens * writing
    dollars += brief * keeping + usage.hour_tokens * max(keeping, HOUR_FACTOR * reading if len(price) > 3 else 0.0)
    return round(dollars / 1_000_000, 12)


def load() -> None:
    """Read the table now, so that the first answer need not."""
    _table()


@lru_cache(maxsize=1024)
def _price(provider: str, model: str) -> list[Rate] | None:
    """
    Return the rates of input, cached input, output and, where it has a price, writing to the cache.

    The first match decides, even without a price.
    """
    name = model.lower()
    for alternatives, price in _table().get(provider, ()):
        if any(_matches(pattern, name) for pattern in alternatives):
            rates: list[Rate] | None = price
            return rates
    return None


@cache
def _table() -> dict[str, list[Any]]:
    providers: dict[str, list[Any]] = json.loads(PRICES.read_bytes())["providers"]
    return providers


def _matches(pattern: str | list[Any], name: str) -> bool:
    """Whether a rule matches: a list holds conditions, each a list of alternatives, of which all must match."""
    if isinstance(pattern, list):
        return all(any(_matches(alternative, name) for alternative in condition) for condition in pattern)
    kind, text = pattern[0], pattern[1:]
    match kind:
        case "=":
            return name == text
        case "^":
            return name.startswith(text)
        case "$":
            return name.endswith(text)
        case "~":
            return text in name
        case _:
            return re.search(text, name) is not None


def _at(rate: Rate, prompt_tokens: int) -> float:
    """Crossing a tier's start puts all tokens at that tier's rate."""
    if isinstance(rate, int | float):
        return rate
    base, *tiers = rate
    return float(next((price for start, price in reversed(tiers) if prompt_tokens > start), base))
