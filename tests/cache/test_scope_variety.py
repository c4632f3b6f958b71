from __future__ import annotations

from typing import Any

from sentinel_core.cache.scope_variety import LEAST_REQUESTS, PartVariety, Sample, Variety, sample, variety
from sentinel_core.chat.messages import ChatRequest


def request(system: str, prompt: str = "What is a bond?", **params: Any) -> ChatRequest:
    messages = ({"role": "system", "content": system}, {"role": "user", "content": prompt})
    return ChatRequest("openai", "gpt-4.1-mini", messages, params)


def varied(*requests: ChatRequest) -> Variety:
    samples: list[Sample] = []
    for each in requests:
        samples.append(sample(each, samples[-1] if samples else None))
    return variety(samples)


def test_no_request_has_no_variety() -> None:
    assert variety([]) == Variety()


def test_a_clock_in_the_system_prompt_is_named() -> None:
    found = varied(*(request(f"It is 12:{minute}. Be kind.") for minute in range(10, 40)))

    assert found.parts[0] == PartVariety("system", 30, 1.0, ("time",))
    assert found.advice is not None
    assert found.advice.startswith("100% of your requests differ in `system`: it holds a time.")


def test_kinds_of_text_in_system_prompts_are_told_apart() -> None:
    texts = {
        "Call 018f4c2e-9b7d-7c3a-b1de-52f0f1c0a9e1": ("id",),
        "Today is Monday, 3 November 2026": ("date",),
        "You talk to anna@example.org": ("address",),
        "You are one of 12 assistants": (),
    }

    assert {text: tuple(sample(request(text)).holds) for text in texts} == texts


def test_a_parameter_that_changes_is_named() -> None:
    found = varied(*(request("Be kind.", seed=number) for number in range(LEAST_REQUESTS)))

    assert found.parts[0].name == "seed"
    assert found.advice is not None
    assert "`seed`" in found.advice


def test_prompts_alone_give_no_advice_until_they_are_long() -> None:
    short, long = (
        varied(*(request("Be kind.", f"{number} {'passage ' * length}") for number in range(LEAST_REQUESTS)))
        for length in (1, 400)
    )

    assert short.advice is None
    assert long.advice is not None
    assert long.advice.startswith("100% of your prompts differ")


def test_few_requests_give_no_advice() -> None:
    assert varied(*(request(f"{number}") for number in range(LEAST_REQUESTS - 1))).advice is None
