from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.billing import Bill, Billing
from sentinel_core.chat.messages import ChatRequest, Usage
from sentinel_core.chat.token_estimate import estimated
from tests.support.fakes import USAGE, chat, completion


def price(provider: str, model: str, usage: Usage | None) -> float | None:
    """A dollar a token, of priced models."""
    return None if usage is None or model == "unpriced" else float(usage.total_tokens)


BILLING = Billing(price, 500_000.0)
"""Half a dollar a token, where no price is known."""


def test_a_known_price_is_no_estimate() -> None:
    assert BILLING.bill(chat(), completion()) == Bill(12, 12.0, None)
    assert BILLING.bill(chat(), completion()).charged_usd == 12.0


def test_a_model_without_a_price_is_estimated_at_the_ceiling() -> None:
    bill = BILLING.bill(chat(), completion(model="unpriced"))

    assert (bill, bill.charged_usd) == (Bill(12, None, 6.0), 6.0)


def test_an_answer_without_usage_is_estimated_from_its_text() -> None:
    tokens = estimated(chat(), completion()).total_tokens

    assert BILLING.bill(chat(), completion(usage=None)) == Bill(tokens, None, float(tokens))


@pytest.mark.parametrize(
    ("tier", "bill"),
    [
        *((tier, Bill(12, 12.0)) for tier in ("auto", "default", "on_demand")),
        ("flex", Bill(12, None, 12.0)),
        ("priority", Bill(12, None, 24.0)),
    ],
)
def test_a_tier_of_another_price_is_an_estimate(tier: str, bill: Bill) -> None:
    request = replace(chat(), hints={"service_tier": tier})

    assert BILLING.bill(request, completion()) == bill


def test_the_tier_that_was_used_counts_before_the_one_asked_for() -> None:
    request = replace(chat(), hints={"service_tier": "priority"})

    assert BILLING.bill(request, replace(completion(), body={"service_tier": "default"})) == Bill(12, 12.0)


def test_an_overtaken_call_is_counted_at_its_own_price() -> None:
    answer = replace(completion(), also_asked=(("other", "unpriced"), ("other", "m")))

    assert BILLING.bill(chat(), answer) == Bill(12, 12.0, 6.0 + 12.0)


def test_a_simulated_answer_costs_nothing() -> None:
    assert BILLING.bill(chat(), replace(completion(), provider="simulated")) == Bill(12, 0.0)


def test_tokens_are_counted_from_texts_tools_and_parts() -> None:
    parts = [{"type": "text", "text": "abc"}, {"type": "image_url", "image_url": {"url": "data:" + "x" * 9_000}}]
    request = ChatRequest("p", "m", ({"role": "user", "content": parts},), {"tools": [{}]})  # type: ignore[dict-item]

    assert estimated(request, completion("abcd")) == Usage(4 + 1 + 1_500 + 2, 4 + 2)
    assert estimated(request, replace(completion(), message={})) == Usage(1_507, 0)


def test_an_estimate_is_seldom_below_what_is_billed() -> None:
    assert estimated(chat("什么是机器学习"), completion()).prompt_tokens >= 7
    assert USAGE.prompt_tokens <= estimated(chat(), completion()).prompt_tokens
