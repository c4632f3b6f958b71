"""Runs a model in its own threads, loaded once, so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Literal, Protocol, TypeAlias, TypeVar

from sentinel_core.embedders.files import EMBEDDER_ID
from sentinel_core.errors import EmbeddingError
from sentinel_core.ports import Vector

State: TypeAlias = Literal["loading", "ready", "failed"]
T = TypeVar("T")

RETRY_SECONDS = 30.0
BATCH_TOKENS = 512
"""Padding included. Larger batches are no faster per text, and keep single prompts waiting longer."""


class Model(Protocol):
    """A loaded model; called from worker threads, several at a time."""

    def count_tokens(self, text: str) -> int:
        """Raises PromptTooLongError past the limit."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """All within the limit; nothing of one text may show in the vector of another."""


class BackgroundEmbedder:
    """
    An `Embedder` over a `Model` that `load` makes, at the latest for the first text.

    Cheap to construct; belongs to no event loop. A failed load is tried again when a text comes
    `RETRY_SECONDS` later; until then every text fails at once with the same reason.
    """

    def __init__(
        self, load: Callable[[], Model], *, workers: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._failure: EmbeddingError | None = None
        self._retry_at = 0.0
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="embedder")

    @property
    def id(self) -> str:
        return EMBEDDER_ID

    @property
    def state(self) -> State:
        """`loading` also before anyone asked for it."""
        if self._model is not None:
            return "ready"
        return "loading" if self._failure is None else "failed"

    def preload(self) -> None:
        """Load now, and wait for it; what goes wrong is told to those who embed."""
        with suppress(EmbeddingError):
            self._loaded()

    async def load(self) -> None:
        """Raises EmbeddingError."""
        await self._run(self._loaded)

    async def embed(self, text: str) -> Vector:
        return await self._run(lambda: self._embed_one(text))

    async def embed_many(self, texts: Sequence[str]) -> list[Vector | EmbeddingError]:
        """
        Embed each as `embed` would, in the order given, with the error in place of the vector that failed.

        Batch follows batch, so a prompt that arrives meanwhile waits for one batch, not for all.
        """
        results: list[Vector | EmbeddingError] = [EmbeddingError("not embedded")] * len(texts)
        lengths: dict[int, int] = {}
        for position, length in enumerate(await self._run(lambda: self._lengths(texts))):
            if isinstance(length, EmbeddingError):
                results[position] = length
            else:
                lengths[position] = length
        for batch in batches(lengths):
            for position, result in zip(batch, await self._embed_batch([texts[i] for i in batch]), strict=True):
                results[position] = result
        return results

    async def aclose(self) -> None:
        """Finish what runs and end the threads; later texts fail with EmbeddingError."""
        await asyncio.to_thread(self._pool.shutdown)

    async def _run(self, job: Callable[[], T]) -> T:
        try:
            future = self._pool.submit(job)
        except RuntimeError as error:
            raise EmbeddingError("the embedder is closed") from error
        return await asyncio.wrap_future(future)

    async def _embed_batch(self, texts: Sequence[str]) -> Sequence[Vector | EmbeddingError]:
        try:
            return await self._run(lambda: self._embed(texts))
        except EmbeddingError as error:
            return [error] * len(texts)

    def _lengths(self, texts: Sequence[str]) -> list[int | EmbeddingError]:
        lengths: list[int | EmbeddingError] = []
        for text in texts:
            try:
                lengths.append(self._count(text))
            except EmbeddingError as error:
                lengths.append(error)
        return lengths

    def _count(self, text: str) -> int:
        model = self._loaded()
        try:
            return model.count_tokens(text)
        except EmbeddingError:
            raise
        except Exception as error:
            raise _translated(error) from error

    def _embed_one(self, text: str) -> Vector:
        self._count(text)
        return self._embed([text])[0]

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        model = self._loaded()
        try:
            return model.embed(texts)
        except Exception as error:
            raise _translated(error) from error

    def _loaded(self) -> Model:
        if self._model is not None:
            return self._model
        with self._lock:
            return self._model or self._load_or_fail()

    def _load_or_fail(self) -> Model:
        if self._failure is not None and self._clock() < self._retry_at:
            raise EmbeddingError(str(self._failure)) from self._failure
        try:
            self._model = self._load()
        except Exception as error:
            self._failure = error if isinstance(error, EmbeddingError) else _translated(error)
            self._retry_at = self._clock() + RETRY_SECONDS
            raise self._failure from error
        self._failure = None
        return self._model


def batches(lengths: dict[int, int]) -> Iterator[list[int]]:
    """Group the keys by like length, so that padding to the longest stays within `BATCH_TOKENS`."""
    batch: list[int] = []
    for key in sorted(lengths, key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[key] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(key)
    if batch:
        yield batch


def _translated(error: Exception) -> EmbeddingError:
    # The runtime's own message may quote the text; the type alone may not.
    return EmbeddingError(f"the model failed with {type(error).__name__}")
