"""The old Completions API (`POST /v1/completions`) to chat and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sentinel_core.chat.messages import Chunk, Json, Usage
from sentinel_core.chat.surfaces.deltas import DeltaReader
from sentinel_core.chat.surfaces.fields import Fields, refuse
from sentinel_core.chat.surfaces.translated import Translated
from sentinel_core.chat.usage import write

_PARAMS = (
    *("max_tokens", "temperature", "top_p", "stop", "presence_penalty", "frequency_penalty", "logit_bias", "seed"),
)
_KNOWN = frozenset(
    {"model", "provider", "prompt", "stream", "stream_options", "user", "n", "best_of", "echo", *_PARAMS}
)
_NO_CHAT = "cannot be carried to a chat completion; leave it out"


def translate(body: Fields) -> Translated:
    """Return the meaning of a request: one prompt is one user turn. Raises InvalidRequestError."""
    body.only(_KNOWN, _NO_CHAT)
    for name, harmless in (("n", 1), ("best_of", 1), ("echo", False)):
        if body.get(name) not in (None, harmless):
            refuse(name, _NO_CHAT)
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        refuse("prompt", "must be one text: token lists and several prompts are not carried")
    return Translated([{"role": "user", "content": prompt}], body.chosen(*_PARAMS), body.chosen("user"))


@dataclass(slots=True)
class CompletionEvents:
    """Writes one text completion in the `frame`; as ResponseEvents does."""

    frame: Mapping[str, Json]
    include_usage: bool = False
    _reader: DeltaReader = field(default_factory=DeltaReader)
    _text: list[str] = field(default_factory=list)
    _reason: str = ""
    _usage: Usage | None = None

    def begin(self) -> Iterator[dict[str, Json]]:
        yield from ()

    def add(self, chunk: Chunk) -> Iterator[dict[str, Json]]:
        piece = self._reader.read(chunk)
        self._reason = piece.finish_reason or self._reason
        self._usage = piece.usage or self._usage
        self._text.append(piece.text)
        if piece.text or piece.finish_reason:
            yield {**self.frame, "choices": [_choice(piece.text, piece.finish_reason or None)]}

    def end(self, billed: Usage | None = None) -> Iterator[dict[str, Json]]:
        self._usage = self._usage or billed
        if self.include_usage:
            yield {**self.frame, "choices": [], "usage": write(self._usage or Usage())}

    def completion(self) -> dict[str, Json]:
        """Return the whole completion."""
        choice = _choice("".join(self._text), self._reason or None)
        return {**self.frame, "choices": [choice], "usage": write(self._usage or Usage())}


def _choice(text: str, reason: str | None) -> Json:
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": reason}
