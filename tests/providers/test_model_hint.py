from __future__ import annotations

import pytest

from sentinel_core.providers.catalogue import model_hint

KNOWN = ("groq", "openai", "custom")


@pytest.mark.parametrize(
    ("provider", "model", "hint"),
    [
        ("groq", "mistral/small", "mistral is a provider without a key here; groq is asked for the whole name"),
        ("custom", "opnai/gpt", "opnai is no provider here, did you mean openai? custom is asked for the whole name"),
        ("groq", "Groq/x", "Groq is no provider here, did you mean groq? groq is asked for the whole name"),
        ("groq", "meta-llama/llama-4", None),
        ("custom", "qwen/qwen3", None),
        ("groq", "openai/gpt-oss-20b", None),
        ("groq", "openai/gpt-4", None),
        ("openrouter", "anthropic/claude", None),
        ("together", "mistralai/small", None),
        ("groq", "a b/c", None),
        ("groq", f"{'x' * 65}/c", None),
        ("groq", "ünknown/c", None),
        ("groq", "/c", None),
    ],
)
def test_a_prefix_that_looks_like_a_provider_is_hinted_at(provider: str, model: str, hint: str | None) -> None:
    assert model_hint(provider, model, KNOWN) == hint
