"""Two tenants of a hundred users each on every surface: how many answers reach another user, or another tenant."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvloop

from scripts.benches import report, whose_traffic
from scripts.benches.report import Row
from scripts.benches.whose_traffic import ASKER, NOBODY, READING, Ask, body_of, owners
from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Provider, Vector
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Usage
from sentinel_core.chat.streaming import replay
from sentinel_core.matching.vectors import DIMENSION
from sentinel_core.support import patterns
from sentinel_core.tenants import api_key

CALLERS = 32
MOST_NOTED = 20
STORE_MS = "20000"
"""A soak on a busy machine is to wait for Redis, not to pass it by."""

STEP = 1_000
"""Requests between two notes of how far the run is."""

SETTINGS = {
    "GROQ_API_KEY": "none",
    "SENTINEL_PROVIDER": "groq",
    "SENTINEL_JUDGE": "groq/openai/gpt-oss-20b",
    "SENTINEL_JUDGE_USD_PER_DAY": "1000000",
    "SENTINEL_AUDIT_SHARE": "0.02",
    "SENTINEL_MAX_ENTRIES": "60000",
    "SENTINEL_TTL_SECONDS": "600",
    "SENTINEL_NAMESPACE_SECRET": "a secret of a server that lives for minutes",
    "SENTINEL_API_KEYS": ", ".join(f"{tenant}:{api_key.digest(tenant)}" for tenant in whose_traffic.TENANTS),
}


class Words:
    """An embedder without a model: the cosine of two texts is that of their words."""

    id = "words"
    state = "ready"

    async def embed(self, text: str) -> Vector:
        return _vector(text)

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        return [_vector(text) for text in texts]

    async def aclose(self) -> None:
        """Nothing to give back."""


@lru_cache(100_000)
def _vector(text: str) -> Vector:
    vector = np.zeros(DIMENSION, np.float32)
    for word in text.lower().split():
        vector[int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4]) % DIMENSION] += 1
    length = np.linalg.norm(vector)
    return cast("Vector", vector / length if length else np.eye(1, DIMENSION, dtype=np.float32)[0])


class Naming:
    """A provider whose answers name the caller for whom it was asked; as a judge it takes all prompts for the same."""

    name = "groq"

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        await asyncio.sleep(0)
        text = "same" if request.key == "judge" else _answer(prompt_of(request))
        return Completion("groq", request.model, {"role": "assistant", "content": text}, "stop", Usage(10, 10))

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        for chunk in replay(await self.complete(request, timeout=timeout), id="x", created=0, usage={}):
            yield chunk

    async def aclose(self) -> None:
        """Nothing to give back."""


def _answer(prompt: str) -> str:
    tenant, user = ASKER.get()
    return f"This is own:{tenant}:{user}:{'p' if whose_traffic.is_personal(prompt) else 's'} and none other's."


def _is_listed(ask: Ask, user: str) -> bool:
    """Whether a listing may show another's answer: a key without a user sees its tenant's, a user those of no user."""
    return ask.surface in READING and NOBODY in (ask.user, user)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench whose", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--start", type=int, default=0, help="number of the first request, to go on where a run ended")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3_600.0, help="end after this time at the latest")
    parser.add_argument("--store", choices=("memory", "redis"), default="memory")
    parser.add_argument("--progress", type=Path, help="file that says how far the run is, in JSON")
    row = uvloop.run(_run(parser.parse_args(argv)))
    report.publish("whose", {"Whose answer it is": [row]})
    return 1 if row["across users"] or row["across tenants"] or not row["hits"] else 0


async def _run(asked: argparse.Namespace) -> Row:
    with ExitStack() as stack:
        environ = SETTINGS
        if asked.store == "redis":
            server = RedisServer(report.OUT / "whose-redis", durable=False)
            (report.OUT / "whose-redis").mkdir(parents=True, exist_ok=True)
            server.start()
            stack.callback(server.kill)
            environ = {**SETTINGS, "SENTINEL_REDIS_URL": server.url, "SENTINEL_STORE_TIMEOUT_MS": STORE_MS}
        sentinel = build(Settings.from_environ(environ), embedder=Words(), has_background=True)
        providers = cast("dict[str, Provider]", sentinel.parts.providers)
        providers |= dict.fromkeys(providers, Naming())
        await sentinel.parts.warm()
        patterns.warm()
        try:
            return await Soak(sentinel, asked).run()
        finally:
            await sentinel.parts.aclose()


class Soak:
    """Callers side by side, who check each body that they get."""

    def __init__(self, sentinel: Sentinel, asked: argparse.Namespace) -> None:
        self._app = sentinel.app
        self._asked = asked
        self._next = asked.start
        self._until = time.monotonic() + asked.seconds
        self._begun = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.crossed: list[str] = []
        self.failed: list[str] = []

    async def run(self) -> Row:
        await asyncio.gather(*(self._caller() for _ in range(CALLERS)))
        self._note()
        return self._row()

    async def _caller(self) -> None:
        while (number := self._next) < self._asked.start + self._asked.requests and time.monotonic() < self._until:
            self._next += 1
            ask = whose_traffic.ask(self._asked.seed, number)
            ASKER.set((ask.tenant, ask.user))
            for _ in range(1 + (ask.surface == "feedback")):
                status, answer = await self._call(ask)
                self._judge(number, ask, status, answer)
                ask = ask.after(answer)
            if number % STEP == 0:
                self._note()

    async def _call(self, ask: Ask) -> tuple[int, bytes]:
        """Call the application without a socket; return status and body."""
        content, pieces, status = body_of(ask), list[bytes](), 0
        has_asked = asyncio.Event()

        async def receive() -> Any:
            if has_asked.is_set():
                await asyncio.Event().wait()  # the caller stays
            has_asked.set()
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.append(message.get("body", b""))

        scope = {
            "type": "http",
            "method": ask.method,
            "path": ask.path,
            "raw_path": ask.path.encode(),
            "scheme": "http",
        }
        await self._app({**scope, "query_string": b"", "root_path": "", "headers": ask.headers()}, receive, send)
        return status, b"".join(pieces)

    def _judge(self, number: int, ask: Ask, status: int, answer: bytes) -> None:
        """Count the outcome, and note every answer in the body that is not this caller's."""
        self.counts[ask.surface] += 1
        self.counts[f"status {status // 100}xx"] += 1
        self.counts["hits"] += b"hit_" in answer
        if status >= 500 and len(self.failed) < MOST_NOTED:
            self.failed.append(f"{status}: request {number}, {ask.surface}: {answer[:500].decode(errors='replace')}")
        found = owners(answer)
        self.counts["answers read"] += len(found)
        for tenant, user, kind in found:
            if tenant != ask.tenant:
                self._cross("across tenants", number, ask, f"{tenant}/{user}/{kind}")
            elif kind == "p" and user != ask.user and not _is_listed(ask, user):
                self._cross("across users", number, ask, f"{tenant}/{user}/{kind}")

    def _cross(self, what: str, number: int, ask: Ask, whose: str) -> None:
        self.counts[what] += 1
        if len(self.crossed) < MOST_NOTED:
            self.crossed.append(
                f"{what}: request {number}, {ask.surface}, {ask.tenant}/{ask.user} got {whose}: {ask.prompt}"
            )

    def _note(self) -> None:
        if self._asked.progress is not None:
            done = {**self._row(), "next": self._next, "crossed": self.crossed, "failed": self.failed}
            with suppress(OSError):
                self._asked.progress.write_text(json.dumps(done, indent=1))

    def _row(self) -> Row:
        took = time.monotonic() - self._begun
        done = self._next - self._asked.start
        fixed = {name: self.counts[name] for name in ("across users", "across tenants", "hits", "answers read")}
        others = {name: count for name, count in sorted(self.counts.items()) if name not in fixed}
        return {"store": self._asked.store, "requests": done, **fixed, "per second": round(done / took, 1), **others}
