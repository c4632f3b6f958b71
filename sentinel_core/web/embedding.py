"""Embeddings with an exact cache for each input: a batch asks a provider for the missing ones alone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache import freshness
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Embedder, Store
from sentinel_core.cache.scope import Query, canonical_json, digest
from sentinel_core.chat import usage
from sentinel_core.chat.messages import Completion, Json, Usage
from sentinel_core.errors import (
    CacheError,
    InvalidRequestError,
    PromptTooLongError,
    ProviderProtocolError,
    ServiceUnavailableError,
)
from sentinel_core.providers.direct_calls import DirectCalls
from sentinel_core.support.clock import Clock
from sentinel_core.support.off_loop import off_loop

Numbers: TypeAlias = NDArray[np.float32]
Input: TypeAlias = str | list[Json]
SAVED_AT_ONCE = 32
MOST_ON_LOOP = 8
"""Vectors read or written on the event loop; 1,536 numbers take 0.5 ms."""
_LONG = 65_536
"""Characters, or tokens, of an input, and bytes of an answer, that are written and read outside the event loop."""
MOST_DIMENSIONS = 65_536
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Inputs and the other facts that decide their vectors; `extra` are fields passed on unread."""

    provider: str
    model: str
    inputs: Sequence[Input]
    dimensions: int | None
    extra: Mapping[str, Json]

    def queries(self, namespace: str) -> list[Query]:
        """Return the place of each input's vector; the texts themselves are not kept."""
        scope: dict[str, Json] = {
            "embedding": 1,
            "provider": self.provider,
            "model": self.model,
            "dimensions": self.dimensions,
        }
        fingerprint = hashlib.sha256(canonical_json({**scope, "extra": dict(self.extra)})).hexdigest()
        digests = [digest(each if isinstance(each, str) else f"tokens:{json.dumps(each)}") for each in self.inputs]
        return [Query(namespace, fingerprint, f"embedding:{each}", each) for each in digests]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Vectors of the inputs that were asked for, in their order, and their usage; None where it is not known."""

    vectors: Sequence[Numbers]
    usage: Usage | None


Ask: TypeAlias = Callable[[Sequence[Input]], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of all inputs; `entries` are those that were stored, `fetched` those that were asked for."""

    vectors: Sequence[Numbers]
    entries: Sequence[Entry]
    fetched: Fetched | None
    missing: Sequence[int]


@dataclass(frozen=True, slots=True)
class VectorCache:
    """Looks vectors up and stores them, each under its own input."""

    store: Store
    clock: Clock
    ttl: float
    owner: str = ""

    async def load(self, queries: Sequence[Query], controls: Controls) -> list[Entry | None]:
        """Return fresh entries; a store that fails has none."""
        if controls.directives.no_cache:
            return [None] * len(queries)
        try:
            entries = await self.store.load_many(queries)
        except CacheError:
            return [None] * len(queries)
        now = self.clock.now()
        fresh = [entry if entry and freshness.is_fresh(entry, controls.directives, now) else None for entry in entries]
        return await off_loop(partial(_valid, fresh), is_large=len(fresh) > MOST_ON_LOOP)

    async def save(
        self, vectors: Sequence[tuple[Query, Numbers, Usage, float | None]], request: EmbeddingRequest
    ) -> None:
        """Store vectors, each with its share of usage and cost, some at a time; never raises CacheError."""
        for start in range(0, len(vectors), SAVED_AT_ONCE):
            entries = [
                (query, self.entry(query, vector, request, usage, cost))
                for query, vector, usage, cost in vectors[start : start + SAVED_AT_ONCE]
            ]
            await asyncio.gather(*(self._save(*pair) for pair in entries))

    def entry(
        self, query: Query, vector: Numbers, request: EmbeddingRequest, usage: Usage, cost: float | None
    ) -> Entry:
        """Return the entry of one vector, with its share of usage and cost."""
        message: dict[str, Json] = {"role": "assistant", "embedding": as_base64(vector)}
        completion = Completion(request.provider, request.model, message, "stop", usage)
        return Entry(
            prompt=query.prompt,
            completion=completion,
            created=self.clock.now(),
            ttl=self.ttl,
            cost_usd=cost,
            key=self.owner,
        )

    async def _save(self, query: Query, entry: Entry) -> None:
        with suppress(CacheError):
            await self.store.save(query, entry, None)


async def ask_provider(
    calls: DirectCalls, request: EmbeddingRequest, inputs: Sequence[Input], *, timeout: float, owner: str
) -> Fetched:
    """Ask a provider for the vectors of some inputs. Raises ProviderError."""
    body: dict[str, Json] = {"model": request.model, "input": [*inputs], **request.extra}
    body |= {} if request.dimensions is None else {"dimensions": request.dimensions}
    body |= {"encoding_format": "base64"} if calls.name == "openai" else {}
    is_large = len(inputs) > MOST_ON_LOOP or any(len(each) > _LONG for each in inputs)
    written = await off_loop(lambda: json.dumps(body, separators=(",", ":")).encode("ascii"), is_large=is_large)
    answer = await calls.post("/embeddings", written, timeout=timeout, owner=owner)
    try:
        return await off_loop(lambda: _fetched(answer.body, len(inputs)), is_large=len(answer.body) > _LONG)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ProviderProtocolError(f"{calls.name} answered without embeddings", provider=calls.name) from error


def _fetched(body: bytes, count: int) -> Fetched:
    payload = json.loads(body)
    return Fetched(_vectors(payload["data"], count), usage.read(payload.get("usage")))


def _vectors(data: Any, count: int) -> list[Numbers]:
    """Put vectors in the order of their `index`. Raises ValueError for other than `count` finite vectors."""
    by_index = {item.get("index", place): _numbers(item["embedding"]) for place, item in enumerate(data)}
    if sorted(by_index) != list(range(count)):
        raise ValueError("another number of vectors")
    return [by_index[index] for index in range(count)]


def _numbers(value: Any) -> Numbers:
    if isinstance(value, str):
        vector: Numbers = np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
    else:
        with np.errstate(over="ignore"):
            vector = np.asarray(value, np.float32)
    if vector.ndim != 1 or not 0 < len(vector) <= MOST_DIMENSIONS or not np.isfinite(vector).all():
        raise ValueError("not a vector")
    return vector


async def ask_locally(embedder: Embedder, request: EmbeddingRequest, inputs: Sequence[Input]) -> Fetched:
    """Embed in this process; raises InvalidRequestError for inputs or dimensions that the model does not take."""
    texts = [each for each in inputs if isinstance(each, str)]
    if len(texts) < len(inputs):
        raise InvalidRequestError("input: must be text", code="invalid_type", param="input")
    found = await embedder.embed_many(texts)
    vectors = []
    for place, vector in enumerate(found):
        if isinstance(vector, PromptTooLongError):
            raise InvalidRequestError(
                f"input[{place}]: is longer than the model reads", code="context_length_exceeded", param="input"
            )
        if isinstance(vector, Exception):
            raise ServiceUnavailableError("the embedder does not answer", what="embedder")
        vectors.append(vector)
    if request.dimensions not in (None, *(len(vector) for vector in vectors[:1])):
        raise InvalidRequestError(f"dimensions: must be {len(vectors[0])}", code="invalid_value", param="dimensions")
    return Fetched(vectors, Usage(prompt_tokens=sum(-(-len(text) // CHARACTERS_PER_TOKEN) for text in texts)))


async def embedded(
    cache: VectorCache, request: EmbeddingRequest, queries: Sequence[Query], found: Sequence[Entry | None], ask: Ask
) -> Vectors:
    """Return all vectors; ask once for the inputs without an entry, equal ones once."""
    missing: dict[str, int] = {}
    for place, (query, entry) in enumerate(zip(queries, found, strict=True)):
        if entry is None:
            missing.setdefault(query.digest, place)
    places = list(missing.values())
    fetched = await ask([request.inputs[place] for place in places]) if places else None
    vectors = dict(zip(missing, fetched.vectors, strict=True)) if fetched is not None else {}

    def whole_of() -> list[Numbers]:
        pairs = zip(queries, found, strict=True)
        return [vectors[query.digest] if entry is None else _kept(entry) for query, entry in pairs]

    whole = await off_loop(whole_of, is_large=len(found) > MOST_ON_LOOP)
    return Vectors(whole, [entry for entry in found if entry is not None], fetched, places)


def shares(total: Usage | None, cost: float | None, sizes: Sequence[int]) -> list[tuple[Usage, float | None]]:
    """Divide usage and cost among inputs by their sizes."""
    whole = sum(sizes) or 1
    tokens = 0 if total is None else total.prompt_tokens
    return [
        (Usage(prompt_tokens=math.ceil(tokens * size / whole)), None if cost is None else cost * size / whole)
        for size in sizes
    ]


def numbers_of(entry: Entry) -> Numbers | None:
    """Return the vector of an entry; None where there is none."""
    try:
        return _numbers(entry.completion.message["embedding"])
    except (ValueError, KeyError, TypeError):
        return None


def _valid(entries: Sequence[Entry | None]) -> list[Entry | None]:
    return [entry if entry and numbers_of(entry) is not None else None for entry in entries]


def _kept(entry: Entry) -> Numbers:
    vector = numbers_of(entry)
    assert vector is not None  # noqa: S101  `load` returns no other entries
    return vector


def dimensions(entry: Entry) -> int:
    """Return the numbers of a stored vector, by its length in base64 of 4 bytes each."""
    return len(str(entry.completion.message["embedding"])) * 3 // 16


def as_base64(vector: Numbers) -> str:
    """Write a vector as little-endian float32 in base64, as OpenAI does."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
