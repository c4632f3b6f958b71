"""Requests of users who ask for their own things and for everyone's, on all surfaces; each drawn from its number."""

from __future__ import annotations

import json
import random
import re
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

TENANTS = ("acme", "globex")
USERS = 100
NOBODY = "-"
ASKER: ContextVar[tuple[str, str]] = ContextVar("asker")
"""Tenant and user for whom the provider is asked."""

_THINGS = (
    "account balance", "last order", "next appointment", "credit limit", "phone bill", "refund", "subscription",
    "vacation days", "parcel", "insurance claim", "delivery address", "loyalty points", "invoice of March", "flight",
)  # fmt: skip
_MINE = (
    "What is my {}?", "Show me my {}", "Tell me about the state of my {}", "Can you check my {}?", "Where is my {}?",
    "Wo ist mein {}?", "Has my {} changed?", "Any news on my {}?", "I want to see my {}", "my {}?",
)  # fmt: skip
_TOPICS = (
    "photosynthesis", "inflation", "the French Revolution", "black holes", "recursion", "a balance sheet", "vaccines",
    "the stock market", "sourdough", "the water cycle", "plate tectonics", "an index fund", "gravity", "democracy",
)  # fmt: skip
_ANYONES = (
    "What is {}?", "Explain {}", "Tell me about {}", "How does one understand {}?", "Was ist {}?", "Please explain {}",
    "What is {} in simple words?", "Give a short account of {}", "Write two sentences on {}",
)  # fmt: skip
_SURFACES = {
    "query": 22, "chat": 20, "chat stream": 14, "responses": 8, "responses stream": 4, "messages": 8,
    "messages stream": 4, "completions": 4, "batch": 3, "explain": 5, "entries": 1, "own requests": 1, "hits": 1,
    "feedback": 3, "compare": 1,
}  # fmt: skip
_PATHS = {
    "query": "/v1/query", "feedback": "/v1/query", "chat": "/v1/chat/completions", "responses": "/v1/responses",
    "messages": "/v1/messages", "completions": "/v1/completions", "batch": "/v1/query/batch",
    "explain": "/v1/cache/explain",
    "entries": "/v1/cache/entries", "own requests": "/v1/cache/requests", "hits": "/v1/cache/hits",
    "compare": "/v1/cache/compare",
}  # fmt: skip
READING = frozenset({"entries", "own requests", "hits"})
_OWNER = re.compile(rb"own:([a-z]+):([a-z0-9-]+):([ps])")
_PERSONAL = re.compile(r"\b(?:my|mein)\b", re.IGNORECASE)
_REQUEST_ID = re.compile(rb'"request_id": ?"([0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Ask:
    """One call; `named` says where the user's name stands."""

    tenant: str
    user: str
    surface: str
    prompt: str
    others: tuple[str, ...]
    named: str
    verdict: str
    request_id: str | None = None

    @property
    def method(self) -> str:
        return "GET" if self.surface in READING else "POST"

    @property
    def path(self) -> str:
        if self.request_id is not None:
            return "/v1/cache/feedback"
        return _PATHS[self.surface.removesuffix(" stream")]

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers; the user's name is one of them where the body has no place for it."""
        given = [(b"authorization", f"Bearer {self.tenant}".encode()), (b"content-type", b"application/json")]
        by_header = self.named == "header" or not self.surface.startswith("chat")
        return [*given, (b"x-sentinel-user", self.user.encode())] if by_header and self.user != NOBODY else given

    def after(self, answer: bytes) -> Ask:
        """Return the feedback on an answer, if it names its request."""
        found = _REQUEST_ID.search(answer)
        return replace(self, request_id=found[1].decode()) if self.surface == "feedback" and found else self


def ask(seed: int, number: int) -> Ask:
    """Return the request of this number."""
    draw = random.Random(f"{seed}:{number}")
    user = NOBODY if draw.random() < 0.1 else f"u{draw.randrange(USERS)}"
    return Ask(
        draw.choice(TENANTS),
        user,
        draw.choices(list(_SURFACES), list(_SURFACES.values()))[0],
        _prompt(draw),
        (_prompt(draw), _prompt(draw)),
        draw.choice(("header", "user", "safety_identifier", "metadata")),
        draw.choice(("correct", "wrong-match", "wrong-answer", "wrong")),
    )


def _prompt(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return draw.choice(_MINE).format(draw.choice(_THINGS))
    extra = f" (part {draw.randrange(40)})" if draw.random() < 0.3 else ""
    return draw.choice(_ANYONES).format(draw.choice(_TOPICS)) + extra


def is_personal(prompt: str) -> bool:
    """Whether the answer to a prompt of these depends on who asks."""
    return _PERSONAL.search(prompt) is not None


def owners(body: bytes) -> set[tuple[str, str, str]]:
    """Return tenant, user and kind of all answers in a body, put together from the pieces of a stream."""
    text = body if b"own:" in body and b"data:" not in body else b"".join(_pieces(body)) or body
    return {
        (tenant.decode(), user.decode(), kind.decode()) for tenant, user, kind in _OWNER.findall(text + b" " + body)
    }


def _pieces(body: bytes) -> list[bytes]:
    return [
        piece.encode().decode("unicode_escape", "replace").encode("utf-8", "replace")
        for piece in re.findall(r'"(?:content|text|delta)": ?"((?:[^"\\]|\\.)*)"', body.decode("utf-8", "replace"))
    ]


def body_of(ask: Ask) -> bytes:
    """Return the body in the shape of the surface."""
    if ask.surface in READING:
        return b""
    if ask.request_id is not None:
        return json.dumps({"request_id": ask.request_id, "verdict": ask.verdict}).encode()
    return json.dumps(_fields(ask)).encode()


def _fields(ask: Ask) -> dict[str, Any]:
    turns = [{"role": "user", "content": ask.prompt}]
    match ask.surface.removesuffix(" stream"):
        case "chat":
            fields: dict[str, Any] = {"model": "m", "messages": turns, **_named(ask)}
        case "responses":
            fields = {"model": "m", "input": ask.prompt}
        case "messages":
            fields = {"model": "m", "messages": turns, "max_tokens": 100}
        case "completions":
            fields = {"model": "m", "prompt": ask.prompt}
        case "batch":
            fields = {"items": [{"prompt": prompt} for prompt in (ask.prompt, *ask.others)]}
        case "explain":
            fields = {"query": {"prompt": ask.prompt}}
        case "compare":
            fields = {"first": ask.prompt, "second": ask.others[0]}
        case _:
            fields = {"prompt": ask.prompt}
    return {**fields, "stream": True} if ask.surface.endswith("stream") else fields


def _named(ask: Ask) -> dict[str, Any]:
    if ask.user == NOBODY or ask.named == "header":
        return {}
    return {"metadata": {"user_id": ask.user}} if ask.named == "metadata" else {ask.named: ask.user}
