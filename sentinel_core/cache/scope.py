"""Splits a request into the scope, which must be equal, and the prompt, which may be alike."""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sentinel_core.cache.tool_calls import positioned
from sentinel_core.chat.messages import ChatRequest, Json, Message, text_of
from sentinel_core.support import json_pieces
from sentinel_core.support.unicode_text import normalised

FORMAT = 2
"""Raised by every change of the fingerprint, which makes misses of all stored entries."""

_REMEMBERED_BYTES = 2_048  # of a scope; longer ones are mostly a conversation's, and asked once
_FOLDED_LINE_ENDS = 1_048_576  # characters; five times as many line ends would take 25 ms
_WITHOUT_REFERENCES = 2  # marshal's format in which equal values are equal bytes, whoever else holds them


@dataclass(frozen=True, slots=True)
class Query:
    """One request as the cache sees it; equal `namespace`, `fingerprint` and `digest` mean the same answer."""

    namespace: str
    fingerprint: str
    prompt: str
    digest: str

    @property
    def scope(self) -> tuple[str, str]:
        return self.namespace, self.fingerprint

    @property
    def entry_id(self) -> str:
        return entry_id(self.fingerprint, self.digest)


@dataclass(frozen=True, slots=True)
class Masked:
    """A prompt with personal data: the masked text, which is kept, and an HMAC of the raw one as its digest."""

    prompt: str
    digest: str


def entry_id(fingerprint: str, digest: str) -> str:
    """Return the public name of an entry, unique within its namespace."""
    return f"{fingerprint}:{digest}"


def split(request: ChatRequest, namespace: str, masked: Masked | None = None) -> Query:
    """
    Separate the last message's text from everything it must not be compared without.

    Two requests may share an answer only if all but their prompts are the same: the tenant, the
    provider, the model, every parameter, every earlier message, and the end user if the answer is personal.
    The last message must be a user's, or the result of a tool; `bypass.bypass_reason` has turned away all others.
    """
    if masked is not None:
        return Query(namespace, fingerprint(request, namespace), masked.prompt, masked.digest)
    prompt = prompt_of(request)
    return Query(namespace, fingerprint(request, namespace), prompt, digest(prompt))


def prompt_of(request: ChatRequest) -> str:
    """Return the text of the last message; "" without any."""
    return text_of(request.messages[-1].get("content")) if request.messages else ""


def is_plain_text(content: Json) -> bool:
    """Whether `prompt_of` holds all of it: a string, or nothing but bare text parts."""
    if isinstance(content, str):
        return True
    return isinstance(content, list) and all(
        isinstance(part, dict) and set(part) == {"type", "text"} and part["type"] == "text" for part in content
    )


def fingerprint(request: ChatRequest, namespace: str) -> str:
    """SHA-256 of the canonical scope, in hex."""
    scope = parts(request, namespace)
    if request.is_large:
        return _fingerprint(scope)
    # Most requests come in a few scopes. Not the values but their bytes tell these apart, for to Python 1 is True.
    packed = marshal.dumps(scope, _WITHOUT_REFERENCES)
    return _remembered(packed) if len(packed) <= _REMEMBERED_BYTES else _fingerprint(scope)


@lru_cache(maxsize=512)
def _remembered(packed: bytes) -> str:
    return _fingerprint(marshal.loads(packed))  # noqa: S302  packed a moment ago, here


def _fingerprint(scope: Json) -> str:
    return hashlib.sha256(canonical_json(scope)).hexdigest()


def parts(request: ChatRequest, namespace: str) -> dict[str, Json]:
    """Return the scope by the names of its parts; each must be equal for an answer to be shared."""
    messages = positioned(request.messages)
    return {
        "format": FORMAT,
        "namespace": namespace,
        "provider": request.provider,
        "model": request.model,
        "params": dict(request.params),
        "earlier": as_json(messages[:-1]),
        "last": {key: value for key, value in messages[-1].items() if key != "content"},
        "mixed": mixed(request),
        # Absent where the answer is anyone's, so that shared entries keep their fingerprints.
        **({} if request.user is None else {"user": request.user}),
    }


def as_json(messages: Iterable[Message]) -> list[Json]:
    """Return messages as they are compared: one bare text part is a text, for clients write either."""
    return [_with_text(message) for message in messages]


def _with_text(message: Message) -> dict[str, Json]:
    content = message.get("content")
    is_one = isinstance(content, list) and len(content) == 1 and is_plain_text(content)
    return {**message, "content": text_of(content)} if is_one else dict(message)


def mixed(request: ChatRequest) -> list[Json]:
    """Return the last content if pictures stand between its texts: the joined prompt cannot say their order."""
    content = request.messages[-1].get("content")
    return [] if is_plain_text(content) else [content]


def digest(prompt: str) -> str:
    """
    SHA-256 of the prompt in NFC with `\\n` line ends, in hex.

    Nothing else is folded: case, spaces and indentation change what code and lists mean. Long prompts, and those
    with long runs of combining marks, keep their form (`unicode_text.normalised`).
    """
    folded = normalised("NFC", prompt)
    if len(folded) <= _FOLDED_LINE_ENDS and "\r" in folded:
        folded = folded.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()


def canonical_json(value: Json) -> bytes:
    """
    Encode so that equal values give equal bytes and different values different bytes.

    Keys are sorted; 1 and 1.0 are one number, as JSON has it (RFC 8259 section 6); True is not 1.
    """
    return json_pieces.encode(value, _CANONICAL, sort_keys=True).encode("ascii")


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class _Canonical:
    """Writes one value; has no state."""

    def encode(self, value: Json) -> str:
        """Make whole floats integers only where some may be: most values hold none, and looking takes as long again."""
        try:
            text = _encode(value)
        except TypeError:  # a mapping that is no dict
            return _encode(_plain(value))
        return _encode(_plain(value)) if ".0" in text or "e+" in text else text


_CANONICAL = _Canonical()


def _plain(value: Json) -> Json:
    kind = type(value)
    if kind is str or kind is int:
        return value
    if kind is float:
        return int(value) if value.is_integer() else value  # type: ignore[union-attr,arg-type]
    if isinstance(value, dict | Mapping):
        return {key: item if type(item) is str else _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
