"""The price table against the library it is made from."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

import genai_prices
import pytest

from scripts import update_prices
from sentinel_core.chat.messages import Usage
from sentinel_core.providers.catalogue import SPECS
from sentinel_core.providers.pricing import PRICES, cost_usd

TABLE = json.loads(PRICES.read_text())
NOON = datetime.combine(date.fromisoformat(TABLE["date"]), time(12), tzinfo=UTC)
USAGES = [Usage(500, 300), Usage(500, 300, 400), Usage(0, 0), Usage(300_000, 2_000, 100_000)]


def expected(source: str, model: str, usage: Usage) -> float:
    price = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.prompt_tokens,
            cache_read_tokens=usage.cached_tokens,
            output_tokens=usage.completion_tokens,
        ),
        model,
        provider_id=source,
        genai_request_timestamp=NOON,
    )
    return float(price.total_price)


def named_models(name: str) -> list[str]:
    """The models that one exact name selects."""
    return [match[0][1:] for match, price in TABLE["providers"][name] if price and str(match[0]).startswith("=")]


def test_the_default_model_costs_what_groq_says() -> None:
    assert cost_usd("groq", "openai/gpt-oss-20b", Usage(500, 300)) == 0.0001275


def test_cached_tokens_are_cheaper() -> None:
    assert cost_usd("groq", "openai/gpt-oss-20b", Usage(500, 300, 400)) == 0.0001125


def test_the_simulated_provider_pretends_to_the_same_price() -> None:
    assert cost_usd("simulated", "simulated-1", Usage(500, 300)) == 0.0001275


@pytest.mark.parametrize(
    ("provider", "model", "usage"),
    [
        ("groq", "no-such-model", Usage(500, 300)),
        ("nobody", "openai/gpt-oss-20b", Usage(500, 300)),
        ("ollama", "gpt-oss:20b", Usage(500, 300)),
        ("groq", "openai/gpt-oss-20b", None),
        ("groq", "", Usage(500, 300)),
        ("deepseek", "deepseek-v4-flash", Usage(500, 300)),
        ("openai", "gpt-4o-search-preview", Usage(500, 300)),
        ("openai", "text-embedding-3-small", Usage(500, 0)),
    ],
)
def test_what_is_not_known_is_not_guessed(provider: str, model: str, usage: Usage | None) -> None:
    assert cost_usd(provider, model, usage) is None


@pytest.mark.parametrize("name", update_prices.SOURCES)
def test_prices_are_the_librarys(name: str) -> None:
    models = named_models(name)
    sample = models[:: max(1, len(models) // 60)]

    assert len(sample) >= 3
    for model in sample:
        for usage in USAGES:
            assert cost_usd(name, model, usage) == pytest.approx(
                expected(update_prices.SOURCES[name], model, usage), abs=1e-12
            ), (model, usage)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai", "gpt-4o-2024-08-06"),
        ("openai", "gpt-4.1-mini-2025-04-14"),
        ("openai", "GPT-4o-Mini"),
        ("anthropic", "claude-haiku-4-5-20251001"),
        ("anthropic", "claude-sonnet-4-5"),
        ("gemini", "gemini-2.5-pro"),
        ("gemini", "gemini-2.5-flash-lite-preview-06-17"),
        ("xai", "grok-4-fast-reasoning-latest"),
        ("mistral", "mistral-small-latest"),
        ("cerebras", "gpt-oss-120b"),
    ],
)
def test_other_names_of_a_model_have_its_price(name: str, model: str) -> None:
    for usage in USAGES:
        assert cost_usd(name, model, usage) == pytest.approx(
            expected(update_prices.SOURCES[name], model, usage), abs=1e-12
        )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_default_models_have_a_price_unless_it_depends_on_the_hour_or_nobody_bills(spec: Any) -> None:
    known = cost_usd(spec.name, spec.default_model, Usage(500, 300)) is not None

    assert known is (spec.name not in ("ollama", "deepseek"))


def test_the_file_is_what_the_script_writes() -> None:
    assert PRICES.read_text() == update_prices.render(date.fromisoformat(TABLE["date"]))


def test_the_file_stays_small() -> None:
    assert PRICES.stat().st_size < 200_000
