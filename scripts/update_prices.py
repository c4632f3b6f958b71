"""Writes sentinel_core/providers/prices.json from the installed genai-prices: no network, one line a model.

`python scripts/update_prices.py [--date 2026-11-22]`; commit the result together with the new pin.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from genai_prices import data, types

TARGET = Path(__file__).parent.parent / "sentinel_core" / "providers" / "prices.json"
SOURCES = {
    "groq": "groq",
    "openai": "openai",
    "openrouter": "openrouter",
    "together": "together",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "cerebras": "cerebras",
    "fireworks": "fireworks",
    "xai": "x-ai",
    "gemini": "google",
    "anthropic": "anthropic",
}
"""Our names of providers and the library's."""

SIMULATED = ("groq", "openai/gpt-oss-20b")
"""What the simulated provider pretends to cost."""

Rate: TypeAlias = float | list[Any]
"""Dollars per million tokens: a number, or a base and then [start, rate] for prompts longer than `start` tokens."""

FREE: list[Rate] = [0.0, 0.0, 0.0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    TARGET.write_text(render(parser.parse_args().date))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


def render(on: date) -> str:
    """Return the file: the prices in force on that day."""
    source = json.dumps({"source": f"genai-prices {version('genai-prices')}", "date": on.isoformat()})
    tables = (f'"{name}": [\n' + ",\n".join(lines) + "]" for name, lines in _tables(on))
    return source[:-1] + ', "providers": {\n' + ",\n".join(tables) + "}}\n"


def _tables(on: date) -> Iterator[tuple[str, list[str]]]:
    sources = {provider.id: provider for provider in data.providers}
    for name, source in SOURCES.items():
        yield name, [_line(patterns(model.match), rates(model, on)) for model in sources[source].models]
    provider, wanted = SIMULATED
    model = next(model for model in sources[provider].models if model.id == wanted)
    yield "simulated", [_line(["=simulated-1"], rates(model, on))]


def _line(match: list[Any], price: list[Rate] | None) -> str:
    return json.dumps([match, price], separators=(",", ":"))


def patterns(match: Any) -> list[Any]:
    """
    Return alternatives: `=equal`, `^beginning`, `$end`, `~part`, `/expression`, or a list that must match whole.

    A model without a price stays in the file: it may hide a broader pattern after it.
    """
    if isinstance(match, types.ClauseOr):
        return [alternative for clause in match.or_ for alternative in patterns(clause)]
    return [_pattern(match)]


def _pattern(match: Any) -> Any:
    match match:
        case types.ClauseEquals(equals=text):
            return "=" + text.lower()
        case types.ClauseStartsWith(starts_with=text):
            return "^" + text.lower()
        case types.ClauseEndsWith(ends_with=text):
            return "$" + text.lower()
        case types.ClauseContains(contains=text):
            return "~" + text.lower()
        case types.ClauseRegex(regex=text):
            return "/" + text
        case types.ClauseAnd(and_=clauses):
            return [patterns(clause) for clause in clauses]
        case _:
            raise TypeError(f"genai-prices has learnt a new clause: {match!r}")


def rates(model: types.ModelInfo, on: date) -> list[Rate] | None:
    """
    Return the rates of input, cached input, output and, where it has a price, writing to the cache.

    None where tokens alone do not give the cost.

    That is: prices by the hour of the day, searches in every answer, reasoning at a rate of its own, and
    models that do not turn text into text. Batch, priority and flex are not asked for, hence not priced.
    """
    if model.id.endswith(":free"):
        return FREE
    if "search" in model.id or _changes_by_the_hour(model):
        return None
    price = model.get_prices(datetime.combine(on, time(12), tzinfo=UTC)).__dict__
    reading, writing = price.get("input_mtok"), price.get("output_mtok")
    if reading is None or writing is None or "output_reasoning_mtok" in price or "requests_kcount" in price:
        return None
    cached = price.get("cache_read_mtok")
    found = [_rate(reading), _rate(reading if cached is None else cached), _rate(writing)]
    keeping = price.get("cache_write_mtok")
    return found if keeping is None else [*found, _rate(keeping)]


def _changes_by_the_hour(model: types.ModelInfo) -> bool:
    conditions = model.prices if isinstance(model.prices, list) else []
    return any(isinstance(condition.constraint, types.TimeOfDateConstraint) for condition in conditions)


def _rate(price: Decimal | types.TieredPrices) -> Rate:
    if isinstance(price, types.TieredPrices):
        return [float(price.base), *([tier.start, float(tier.price)] for tier in price.tiers)]
    return float(price)


if __name__ == "__main__":
    main()
