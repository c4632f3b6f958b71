"""A provider that follows a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Usage
from sentinel_core.chat.streaming import replay
from sentinel_core.errors import ProviderError
from tests.support.fakes import FakeClock


@dataclass(frozen=True)
class Asked:
    model: str
    timeout: float
    patience: float | None = None


class Scripted:
    """Raises the errors of its script one after the other, None standing for an answer; then it answers always."""

    def __init__(
        self,
        name: str,
        *script: ProviderError | None,
        clock: FakeClock | None = None,
        takes: float = 0.0,
        breaks: bool = False,
    ) -> None:
        self.name = name
        self.asked: list[Asked] = []
        self.closed = 0
        self.running = 0
        self.most_running = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self._script = list(script)
        self._clock = clock or FakeClock()
        self._takes = takes
        self._breaks = breaks

    def answer(self, request: ChatRequest) -> Completion:
        message = {"role": "assistant", "content": f"{self.name} says hello"}
        return Completion(self.name, request.model, message, "stop", Usage(1, 3))

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        await self._act(Asked(request.model, timeout))
        return self.answer(request)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        breaks = self._script[0] if self._breaks and self._script else None
        if breaks is None:
            await self._act(Asked(request.model, timeout, patience))
        try:
            for chunk in replay(self.answer(request), id="x", created=0):
                yield chunk
                if breaks is not None:
                    raise self._script.pop(0) or AssertionError
        finally:
            self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1

    async def _act(self, asked: Asked) -> None:
        self.asked.append(asked)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.hold.wait()
            self._clock.advance(self._takes)
            error = self._script.pop(0) if self._script else None
            if error is not None:
                raise error
        finally:
            self.running -= 1


def texts(chunks: Iterable[Chunk]) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
