"""Stands in where no provider key is set: answers that say they are simulated."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import accumulate

from sentinel_core.cache.billing import FREE_PROVIDER
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Usage
from sentinel_core.chat.streaming import replay
from sentinel_core.errors import ProviderTimeoutError

NAME = FREE_PROVIDER
MODEL = "simulated-1"
CHARACTERS_PER_TOKEN = 4
PROMPT_EXCERPT = 200


class Simulated:
    """Gives the same answer to the same prompt, after a delay that feels like a model's."""

    def __init__(self, *, delay: float = 2.0, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """`delay` is in seconds; a stream spends half of it before the first word."""
        self._delay = delay
        self._pause = pause

    @property
    def name(self) -> str:
        return NAME

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        await self._wait(self._delay, timeout)
        return simulate(request)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        completion = simulate(request)
        billed = usage.write(completion.usage or Usage())
        chunks = list(replay(completion, id="chatcmpl-simulated", created=0, usage=billed, pieces=_words))
        if self._delay > timeout:
            await self._wait(self._delay, timeout)
        await self._wait(self._delay / 2, timeout if patience is None else patience)
        for chunk in chunks:
            yield chunk
            await self._pause(self._delay / 2 / len(chunks))

    async def aclose(self) -> None:
        """Nothing is held."""

    async def _wait(self, seconds: float, timeout: float) -> None:
        await self._pause(max(0.0, min(seconds, timeout)))
        if seconds > timeout:
            raise ProviderTimeoutError(f"{NAME} did not answer in time", provider=NAME)


def simulate(request: ChatRequest) -> Completion:
    """Build the answer, cut at `max_tokens` as a model's would be. Tokens are counted at four characters each."""
    words = _words(_answer(request))
    tokens, limit = [_tokens(word) for word in words], _limit(request)
    kept = sum(1 for written in accumulate(tokens) if limit is None or written <= limit)
    return Completion(
        provider=NAME,
        model=MODEL,
        message={"role": "assistant", "content": "".join(words[:kept])},
        finish_reason="stop" if kept == len(words) else "length",
        usage=Usage(
            prompt_tokens=sum(_tokens(str(message.get("content") or "")) for message in request.messages),
            completion_tokens=sum(tokens[:kept]),
        ),
    )


def _answer(request: ChatRequest) -> str:
    asked = prompt_of(request)
    prompt = " ".join(asked[: 2 * PROMPT_EXCERPT].split())
    is_whole = len(asked) <= 2 * PROMPT_EXCERPT and len(prompt) <= PROMPT_EXCERPT
    excerpt = prompt if is_whole else prompt[:PROMPT_EXCERPT] + "…"
    return (
        "[simulated] No provider key is set, so no model was asked. "
        f"A model would now answer: {excerpt} "
        "Set GROQ_API_KEY for real answers; caching works the same with both."
    )


def _words(text: str) -> list[str]:
    """Words with the space before them, so that they join to the text."""
    return re.findall(r"\s*\S+", text)


def _limit(request: ChatRequest) -> int | None:
    limit = request.params.get("max_completion_tokens", request.params.get("max_tokens"))
    return limit if isinstance(limit, int) else None


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
