"""The callers of `soak`: what they ask, and whether what they are told is right."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from scripts.benches import client
from scripts.benches.blocks import CHAT, QUERY
from scripts.benches.servers import Running
from scripts.benches.stub import ASKED

CALLERS = 8
MODELS = ("stub-10ms", "stub-30ms")
"""Two scopes: what one model said is wrong for the other."""

AGAIN = 1 / 8
"""Share of requests that want a new answer, so that the provider is always asked by some."""


class CacheRequest(NamedTuple):
    """One request; `again` asks the provider whatever is stored."""

    door: str
    model: str
    prompt: str
    again: bool = False

    def request(self, directive: str | None = None) -> bytes:
        """Write it, with this in `Cache-Control` where it says something."""
        steering = directive or ("no-cache" if self.again else None)
        headers = {} if steering is None else {"cache-control": steering}
        if self.door == "query":
            return client.post(QUERY, {"model": self.model, "prompt": self.prompt}, headers)
        messages = [{"role": "user", "content": self.prompt}]
        body = {"model": self.model, "messages": messages, "stream": self.door == "stream"}
        return client.post(CHAT, body, headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One request as its caller saw it.

    `kind` is hit, stale, asked (the provider was), or failed; `detail` its reason or the error's code.
    """

    begun: float
    seconds: float
    kind: str
    detail: str = ""
    wrong: bool = False
    stored: bool = False

    @property
    def ended(self) -> float:
        return self.begun + self.seconds


class Weight(NamedTuple):
    at: float
    megabytes: float
    files: int


class _Told(NamedTuple):
    text: str
    model: str
    matched: str | None


@dataclass(slots=True)
class Traffic:
    """All callers together: what they asked, what came of it, and what the server weighed meanwhile."""

    sentinel: Running
    asks: Iterator[CacheRequest]
    until: float
    pause: float
    answers: list[Answer] = field(default_factory=list)
    kept: dict[CacheRequest, float] = field(default_factory=dict)
    """What was said to be stored, and when its caller asked."""
    weights: list[Weight] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _prompts: set[str] = field(default_factory=set)

    def call(self) -> None:
        """Be one caller, who asks, reads, and rests."""
        connection = client.Connection(self.sentinel.port)
        while time.monotonic() < self.until:
            ask = self._next()
            begun = time.monotonic()
            try:
                answer = judged(ask, connection.exchange(ask.request()), begun, self._prompts)
            except OSError:
                answer = Answer(begun, time.monotonic() - begun, "failed", "connection-lost")
                connection.close()
                connection = client.Connection(self.sentinel.port)
            self.answers.append(answer)
            if answer.stored:
                self.kept[ask._replace(again=False)] = begun
            time.sleep(self.pause)
        connection.close()

    def watch(self) -> None:
        while time.monotonic() < self.until:
            self.weights.append(Weight(time.monotonic(), self.sentinel.rss_mb(), _open_files(self.sentinel)))
            time.sleep(1)

    def _next(self) -> CacheRequest:
        with self._turn:
            ask = next(self.asks)
            self._prompts.add(ask.prompt)
        return ask


def mixed(prompts: Iterable[str]) -> Iterator[CacheRequest]:
    """Ask each at a door and of a model drawn by lot, the same ones every time."""
    lot = random.Random(0)
    for prompt in prompts:
        door = lot.choice(("query", "query", "chat", "stream"))
        yield CacheRequest(door, lot.choice(MODELS), prompt, again=lot.random() < AGAIN)


def judged(ask: CacheRequest, reply: client.Reply, begun: float, prompts: Iterable[str] = ()) -> Answer:
    """
    Tell what became of a request: the stub quotes the prompt it was asked, so a wrong answer gives itself away.

    An answer reused for other words must be the one to `matched_prompt`; a stream does not name that, so there
    it must be the answer to one of `prompts`.
    """
    if reply.status != 200:
        return Answer(begun, reply.seconds, "failed", reply.json()["error"]["code"])
    status = [part.strip() for part in _header(reply, "cache-status").split(";")]
    detail = next((part[7:].strip('"') for part in status if part.startswith("detail=")), "")
    kind = {"hit": "hit", "fwd=stale": "stale"}.get(status[1], "asked")
    answer = Answer(begun, reply.seconds, kind, detail, stored="stored" in status)
    if ask.door != "stream":
        return replace(answer, wrong=not _is_right(ask, _told(ask, reply.json()), detail, prompts))
    events = [line[6:].strip() for line in reply.body.split(b"\n") if line.startswith(b"data: ")]
    if not events or events[-1] != b"[DONE]":
        return replace(answer, kind="failed", detail=_code(events))
    told = _heard([json.loads(event) for event in events[:-1]])
    return replace(answer, wrong=not _is_right(ask, told, detail, prompts))


def lost(ask: CacheRequest, port: int) -> bool:
    """Whether a stored answer is gone, or another's."""
    reply = client.once(port, ask.request("only-if-cached"))
    answer = judged(ask, reply, 0.0)
    return (answer.kind, answer.detail, answer.wrong) != ("hit", "exact", False)


def _is_right(ask: CacheRequest, told: _Told, detail: str, prompts: Iterable[str]) -> bool:
    _, quoted, asked = told.text.rpartition(ASKED)
    if not quoted or told.model != ask.model:
        return False
    if detail != "semantic":
        return asked == ask.prompt
    return asked == told.matched if told.matched is not None else ask.door == "stream" and asked in prompts


def _told(ask: CacheRequest, body: dict[str, Any]) -> _Told:
    if ask.door == "query":
        return _Told(body["response"], body["model"], body["matched_prompt"])
    return _Told(body["choices"][0]["message"]["content"], body["model"], body["sentinel"]["matched_prompt"])


def _heard(events: Sequence[dict[str, Any]]) -> _Told:
    choices = [choice for event in events for choice in event["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    return _Told(text, events[0]["model"] if events else "", None)


def _code(events: Sequence[bytes]) -> str:
    """The error that ended a stream."""
    last = json.loads(events[-1]) if events else {}
    return str(last.get("error", {}).get("code", "cut-off"))


def _header(reply: client.Reply, name: str) -> str:
    lines = (line.partition(": ") for line in reply.head.decode("latin-1").split("\r\n"))
    return next((value for key, _, value in lines if key.lower() == name), "")


def _open_files(server: Running) -> int:
    return sum(1 for _ in Path(f"/proc/{server.process.pid}/fd").iterdir())
