from __future__ import annotations

import pytest

from sentinel_core.app import providers
from sentinel_core.app.settings import Settings
from sentinel_core.chat.messages import ChatRequest

REASON = ("model", "no price is known for it, and SENTINEL_UNPRICED=refuse")


@pytest.mark.parametrize(
    ("unpriced", "provider", "model", "refusal"),
    [
        ("refuse", "groq", "of-my-own", REASON),
        ("refuse", "groq", "openai/gpt-oss-20b", None),
        ("refuse", "simulated", "simulated-1", None),
        ("estimate", "groq", "of-my-own", None),
    ],
)
def test_a_model_without_a_price_is_refused_where_the_operator_wants_it(
    unpriced: str, provider: str, model: str, refusal: tuple[str, str] | None
) -> None:
    settings = Settings.from_environ({"GROQ_API_KEY": "k", "SENTINEL_UNPRICED": unpriced})
    request = ChatRequest(provider, model, ({"role": "user", "content": "Hi"},))

    assert providers.refusal(settings, providers.specs(settings), request) == refusal
