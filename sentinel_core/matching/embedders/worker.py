"""Runs a model in its own threads, loaded once, so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.embedders.model_files import PUBLISHED, TOKEN_LIMIT, Graph
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.turns import OWNER, Lanes, Turns

State: TypeAlias = Literal["loading", "ready", "failed"]
T = TypeVar("T")

RETRY_SECONDS = 30.0
WORKERS = 2
BATCH_TOKENS = TOKEN_LIMIT
"""Padding included. Larger batches are no faster per text, and hold single prompts up and memory for good."""

CHARACTERS_A_TOKEN = 4
"""Of English, about."""
COUNTED = 16_384
"""Characters whose tokens are counted in one go: about 5 ms."""


class Model(Protocol):
    """A loaded model; called from worker threads, several at a time."""

    def count_tokens(self, text: str) -> int:
        """Embed; raises PromptTooLongError past the limit."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """All within the limit; nothing of one text may show in the vector of another."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A text that waits for a worker, and the future of its vector."""

    text: str
    vector: Future[Vector] = field(default_factory=Future)


class _Outcome(NamedTuple, Generic[T]):
    """A future, and the result or error of it."""

    future: Future[T]
    result: T | BaseException


class BackgroundEmbedder:
    """
    An `Embedder` over a `Model` that `load` makes, at the latest for the first text.

    Cheap to construct; belongs to no event loop. Up to `workers` keys are served at once, each by one thread: a short
    text of one key does not wait for a long one of another.

    A failed load is tried again when a text comes `RETRY_SECONDS` later; until then every text fails at once with the
    same reason.
    """

    def __init__(
        self,
        load: Callable[[], Model],
        *,
        graph: Graph = PUBLISHED,
        workers: int = WORKERS,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._load = load
        self._graph = graph
        self._monotonic = clock.monotonic
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._failure: EmbeddingError | None = None
        self._retry_at = 0.0
        self._waiting: Turns[_Asked] = Turns()
        self._jobs: Lanes[Callable[[], Sequence[_Outcome[Any]]]] = Lanes()
        self._pool = ThreadPoolExecutor(workers, "embedder")

    @property
    def id(self) -> str:
        return self._graph.id

    @property
    def state(self) -> State:
        """`loading` also before anyone asked for it."""
        if self._model is not None:
            return "ready"
        return "loading" if self._failure is None else "failed"

    def preload(self) -> None:
        """Load now, and wait for it; errors are raised where texts are embedded."""
        with suppress(EmbeddingError):
            self._loaded()

    async def load(self) -> None:
        """Embed; raises EmbeddingError."""
        await self._run(self._loaded)

    async def embed(self, text: str) -> Vector:
        """Texts that come while the workers are busy are embedded together: in a batch each costs a third less."""
        asked = _Asked(text)
        vector = asyncio.wrap_future(asked.vector)
        self._waiting.put(asked)
        self._queue(partial(self._embed_waiting, OWNER.get()))
        return await vector

    async def embed_many(self, texts: Sequence[str]) -> list[Vector | EmbeddingError]:
        """
        Embed each as `embed` would, in the order given, with the error in place of the vector that failed.

        Batch follows batch, so a prompt that arrives meanwhile waits for one batch, not for all.
        """
        results: list[Vector | EmbeddingError] = [EmbeddingError("not embedded")] * len(texts)
        lengths: dict[int, int] = {}
        for position, length in enumerate(await self._lengths_in_turn(texts)):
            if isinstance(length, EmbeddingError):
                results[position] = length
            else:
                lengths[position] = length
        for batch in batches(lengths):
            for position, result in zip(batch, await self._embed_batch([texts[i] for i in batch]), strict=True):
                results[position] = result
        return results

    async def aclose(self) -> None:
        """Finish the running batch and end the threads; later texts fail with EmbeddingError."""
        await asyncio.to_thread(self._pool.shutdown)

    async def _run(self, job: Callable[[], T]) -> T:
        done: Future[T] = Future()
        self._queue(lambda: _outcome(done, job))
        return await asyncio.wrap_future(done)

    def _queue(self, job: Callable[[], Sequence[_Outcome[Any]]]) -> None:
        """Queue a job; the keys for which jobs wait take turns."""
        is_needed = self._jobs.put(job)
        try:
            if is_needed:
                self._pool.submit(self._run_waiting)
        except RuntimeError as error:
            raise EmbeddingError("the embedder is closed") from error

    def _run_waiting(self) -> None:
        """Run jobs; results are given last, for the event loop needs the interpreter as soon as it has one."""
        taken = self._jobs.take()
        while taken is not None:
            owner, job = taken
            try:
                outcomes = job()
            finally:
                self._jobs.done(owner)
            taken = self._jobs.take()
            _deliver(outcomes)

    async def _embed_batch(self, texts: Sequence[str]) -> Sequence[Vector | EmbeddingError]:
        try:
            return await self._run(lambda: self._embed(texts))
        except EmbeddingError as error:
            return [error] * len(texts)

    async def _lengths_in_turn(self, texts: Sequence[str]) -> list[int | EmbeddingError]:
        """Count tokens some texts at a time: for ten thousand questions of curated answers it takes seconds."""
        lengths: list[int | EmbeddingError] = []
        for part in _parts(texts):
            lengths += await self._run(partial(self._lengths, part))
        return lengths

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

    def _embed_waiting(self, owner: str) -> list[_Outcome[Vector]]:
        """Embed about a batch of the key's waiting texts: those of others would have it wait longer."""
        taken = list(self._take_waiting(owner))
        outcomes, lengths = list[_Outcome[Vector]](), dict[int, int]()
        for position, length in enumerate(self._lengths([asked.text for asked in taken])):
            if isinstance(length, EmbeddingError):
                outcomes.append(_Outcome(taken[position].vector, length))
            else:
                lengths[position] = length
        for batch in batches(lengths):
            _deliver(outcomes)
            outcomes = self._embedded([taken[position] for position in batch])
        return outcomes

    def _take_waiting(self, owner: str) -> Iterator[_Asked]:
        left = BATCH_TOKENS
        while left > 0 and (asked := self._waiting.take(owner)) is not None:
            if asked.vector.set_running_or_notify_cancel():
                left -= len(asked.text) // CHARACTERS_A_TOKEN + 2
                yield asked

    def _embedded(self, batch: Sequence[_Asked]) -> list[_Outcome[Vector]]:
        """Embed a batch; a text that breaks the model fails alone, because the others belong to other requests."""
        try:
            vectors = self._embed([asked.text for asked in batch])
        except EmbeddingError as error:
            if len(batch) == 1:
                return [_Outcome(batch[0].vector, error)]
            return [outcome for asked in batch for outcome in self._embedded([asked])]
        return [_Outcome(asked.vector, vector) for asked, vector in zip(batch, vectors, strict=True)]

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        model = self._loaded()
        try:
            return [vector for _, vector in zip(texts, model.embed(texts), strict=True)]
        except Exception as error:
            raise _translated(error) from error

    def _loaded(self) -> Model:
        if self._model is not None:
            return self._model
        with self._lock:
            return self._model or self._load_or_fail()

    def _load_or_fail(self) -> Model:
        if self._failure is not None and self._monotonic() < self._retry_at:
            raise EmbeddingError(str(self._failure)) from self._failure
        try:
            self._model = self._load()
        except Exception as error:
            self._failure = error if isinstance(error, EmbeddingError) else _translated(error)
            self._retry_at = self._monotonic() + RETRY_SECONDS
            raise self._failure from error
        self._failure = None
        return self._model


def _outcome(done: Future[T], job: Callable[[], T]) -> list[_Outcome[T]]:
    """Run a job that is still wanted."""
    if not done.set_running_or_notify_cancel():
        return []
    try:
        return [_Outcome(done, job())]
    except BaseException as error:  # noqa: BLE001  raised again where the job is awaited
        return [_Outcome(done, error)]


def _deliver(outcomes: Sequence[_Outcome[Any]]) -> None:
    for future, result in outcomes:
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)


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


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts in runs of `COUNTED` characters, or of one longer text."""
    part, characters = list[str](), 0
    for text in texts:
        part.append(text)
        characters += len(text)
        if characters >= COUNTED:
            yield part
            part, characters = [], 0
    if part:
        yield part
