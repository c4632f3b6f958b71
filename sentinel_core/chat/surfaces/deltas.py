"""Reads one chunk of a chat stream as the pieces that every surface writes: thoughts, text, refusal, calls, end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sentinel_core.chat import usage
from sentinel_core.chat.messages import Chunk, Usage, text_of
from sentinel_core.chat.streaming import MOST_CHARACTERS
from sentinel_core.errors import ProviderProtocolError

MOST_CALLS = 1_024
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Names of the field of thoughts, by provider; a delta that holds several says the same in each."""


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A piece of a tool call; `id` and `name` come with its first piece."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Piece:
    """The pieces of one chunk; "" and empty where there is none."""

    thought: str = ""
    text: str = ""
    refusal: str = ""
    calls: tuple[CallPiece, ...] = ()
    finish_reason: str = ""
    usage: Usage | None = None
    annotations: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class DeltaReader:
    """
    Reads the first choice of each chunk; numbers calls that come without an index.

    Every surface but chat repeats the whole answer at its end, so that its length is limited: past `most` characters
    ProviderProtocolError is raised.
    """

    most: int = MOST_CHARACTERS
    _calls: list[str] = field(default_factory=list)

    def read(self, chunk: Chunk) -> Piece:
        """Return the pieces of one chunk."""
        piece = self._read(chunk)
        self.most -= len(piece.thought) + len(piece.text) + sum(len(call.arguments) for call in piece.calls)
        if self.most < 0 or len(self._calls) > MOST_CALLS:
            raise ProviderProtocolError("the answer is too long for this surface", provider="the provider")
        return piece

    def _read(self, chunk: Chunk) -> Piece:
        choices = chunk.get("choices") or ()
        choice = next((choice for choice in choices if choice.get("index", 0) == 0), None)
        billed = usage.read_chunk(chunk)
        if choice is None:
            return Piece(usage=billed)
        delta = choice.get("delta") or {}
        thought, text = _texts(delta)
        return Piece(
            thought=thought,
            text=text,
            refusal=_string(delta.get("refusal")),
            calls=tuple(self._pieces(delta)),
            finish_reason=_string(choice.get("finish_reason")),
            usage=billed,
            annotations=tuple(each for each in delta.get("annotations") or () if isinstance(each, dict)),
        )

    def _pieces(self, delta: Mapping[str, Any]) -> Iterator[CallPiece]:
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            id_, name = _string(call.get("id")), _string(function.get("name"))
            index = self._index(call.get("index"), id_)
            yield CallPiece(index, id_, name, _string(function.get("arguments")))

    def _index(self, given: Any, id_: str) -> int:
        """Two calls under one index are two where each has an id of its own (as in `streaming.Collector`)."""
        key = f"{given}"
        if id_:
            known = f"{key}:{id_}"
            if known not in self._calls:
                self._calls.append(known)
            return self._calls.index(known)
        matching = [index for index, known in enumerate(self._calls) if known.startswith(f"{key}:")]
        if matching:
            return matching[-1]
        if given is None and self._calls:
            return len(self._calls) - 1
        self._calls.append(f"{key}:")
        return len(self._calls) - 1


def _texts(delta: Mapping[str, Any]) -> tuple[str, str]:
    """Return thought and text; Mistral streams both as parts of the content."""
    thought = next((delta[name] for name in THOUGHTS if isinstance(delta.get(name), str) and delta[name]), "")
    content = delta.get("content")
    if not isinstance(content, list):
        return thought, _string(content)
    thinking = [part.get("thinking") for part in content if part.get("type") == "thinking"]
    texts = [part for part in content if part.get("type") != "thinking"]
    return thought + "".join(text_of(each) for each in thinking), "".join(_string(part.get("text")) for part in texts)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
