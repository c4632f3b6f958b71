"""The provider that only pretends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Completion, Usage
from sentinel_core.errors import ProviderTimeoutError
from sentinel_core.providers.simulated import Simulated

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest(
    provider="simulated",
    model="openai/gpt-oss-20b",
    messages=({"role": "user", "content": "What is  machine learning?"},),
    params={"max_tokens": 500},
)
TEXT = (
    "[simulated] No provider key is set, so no model was asked. A model would now answer: What is machine learning? "
    "Set GROQ_API_KEY for real answers; caching works the same with both."
)


class Pauses(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def test_an_answer_is_labelled_priced_and_derived_from_the_prompt() -> None:
    pauses = Pauses()
    provider = Simulated(pause=pauses)

    assert await provider.complete(REQUEST, timeout=10.0) == Completion(
        provider=provider.name,
        model="simulated-1",
        message={"role": "assistant", "content": TEXT},
        finish_reason="stop",
        usage=Usage(prompt_tokens=7, completion_tokens=56),
    )
    assert pauses == [2.0]


async def test_a_stream_says_the_same_word_by_word() -> None:
    pauses = Pauses()
    chunks = [chunk async for chunk in Simulated(pause=pauses).stream(REQUEST, timeout=10.0)]

    assert "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]) == TEXT
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert usage.read_chunk(chunks[-1]) == Usage(prompt_tokens=7, completion_tokens=56)
    assert pauses[0] == 1.0
    assert sum(pauses) == pytest.approx(2.0)


async def test_an_answer_longer_than_allowed_is_cut() -> None:
    completion = await Simulated(delay=0.0).complete(replace(REQUEST, params={"max_tokens": 5}), timeout=10.0)

    assert (completion.text, completion.finish_reason) == ("[simulated] No", "length")


async def test_a_long_prompt_is_only_quoted_in_part() -> None:
    request = replace(REQUEST, messages=({"role": "user", "content": "word " * 1000},))

    assert len((await Simulated(delay=0.0).complete(request, timeout=10.0)).text) < 500


@pytest.mark.parametrize("timeout", [1.0, 0.0, -1.0])
async def test_a_deadline_before_the_delay_is_a_timeout(timeout: float) -> None:
    pauses = Pauses()
    provider = Simulated(pause=pauses)

    with pytest.raises(ProviderTimeoutError):
        await provider.complete(REQUEST, timeout=timeout)
    with pytest.raises(ProviderTimeoutError):
        await anext(provider.stream(REQUEST, timeout=timeout))
    assert pauses == [max(0.0, timeout)] * 2
