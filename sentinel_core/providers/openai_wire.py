"""OpenAI's chat JSON as it goes out and comes in, without any network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Message
from sentinel_core.chat.streaming import NATIVE, RESPONSES
from sentinel_core.errors import ProviderProtocolError
from sentinel_core.providers import failures, sound
from sentinel_core.support import json_pieces

OURS = frozenset({"stream", "stream_options"})
"""Decided here for each call, whatever the caller's own connection looks like."""

ASCII = json.JSONEncoder(separators=(",", ":"), default=dict)
"""Writes requests."""


def encode(
    request: ChatRequest,
    *,
    renames: Mapping[str, str],
    stream: bool,
    ask_usage: bool,
    may_have_options: bool = True,
) -> bytes:
    """
    Write the request's body; `renames` maps parameters to this provider's names.

    The caller's own `stream_options` go along in a stream, unless the provider is known to refuse them.
    """
    params = {renames.get(name, name): value for name, value in request.params.items() if name not in OURS}
    hints = {name: value for name, value in request.hints.items() if name not in OURS}
    messages = [_without_own(message) for message in request.messages]
    body: dict[str, Any] = {"model": request.model, "messages": messages, **params, **hints}
    if stream:
        body["stream"] = True
        own = request.hints.get("stream_options")
        options = dict(own) if isinstance(own, Mapping) and may_have_options else {}
        if options or ask_usage:
            body["stream_options"] = {**options, **({"include_usage": True} if ask_usage else {})}
    # ASCII only: a prompt with half a surrogate pair, which JSON allows, must not fail to encode.
    return json_pieces.encode(body, ASCII).encode("ascii")


def _without_own(message: Message) -> Message:
    """Leave out what a stored answer held beside the chat's fields, where it comes back as a turn of the assistant."""
    if NATIVE not in message and RESPONSES not in message:
        return message
    return {name: value for name, value in message.items() if name not in (NATIVE, RESPONSES)}


def decode(raw: bytes, *, provider: str) -> Any:
    """Read JSON, repairing half surrogate pairs, which no answer of ours could carry. Raises ProviderProtocolError."""
    try:
        value = _DECODER.decode(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ProviderProtocolError(f"{provider} answered something other than JSON", provider=provider) from error
    return _repaired(value) if b"\\ud" in raw or b"\\uD" in raw else value


def chunk(data: bytes, *, provider: str) -> Chunk | None:
    """
    Read one event of a stream, None where it is no part of an answer, such as a ping.

    Fields of another type than OpenAI's are left out. Raises the error that an error event stands for, and
    ProviderProtocolError where the delta itself is unreadable.
    """
    payload = decode(data, provider=provider)
    if not isinstance(payload, dict):
        return None
    for place in (payload, payload.get("x_groq")):
        if isinstance(place, dict) and place.get("error"):
            raise failures.from_event(place, provider=provider)
    choices = payload.get("choices")
    if not isinstance(choices, list):
        if choices is None and not usage.is_in_chunk(payload):
            return None
        payload["choices"] = choices = []
    payload["choices"] = [_sound_choice(choice, provider) for choice in choices if isinstance(choice, dict)]
    return sound.envelope(payload)


def _sound_choice(choice: dict[str, Any], provider: str) -> dict[str, Any]:
    delta = choice["delta"] = choice.get("delta") or {}
    if not (isinstance(delta, dict) and sound.message(delta)):
        raise ProviderProtocolError(f"{provider} streamed an unreadable delta", provider=provider)
    return sound.choice(choice)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float | None:
    """Read a number; null stands for one that no float can hold, for it would be written as Infinity."""
    value = float(text)
    return value if isfinite(value) else None


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    return value


def completion(payload: Any, *, provider: str, model: str) -> Completion:
    """
    Build from a plain answer's JSON; `model` stands in where the provider does not name its own.

    An empty answer is one: null content, no tool call, no refusal. An unreadable `usage` only leaves the usage
    unknown: the answer has been paid for. Raises the error that stands in place of the answer, and
    ProviderProtocolError for anything that is no answer.
    """
    if isinstance(payload, dict) and payload.get("error") and not payload.get("choices"):
        raise failures.from_event(payload, provider=provider)
    choices = _choices(payload, provider)
    message = choices[0].get("message")
    if not isinstance(message, dict) or not sound.message(message):
        raise ProviderProtocolError(f"{provider} answered without a message", provider=provider)
    payload = sound.envelope({**payload, "choices": [sound.choice(choice) for choice in choices]})
    return Completion(
        provider=provider,
        model=model_of(payload, model),
        message={"role": "assistant", **message},
        finish_reason=choices[0].get("finish_reason") or "",
        usage=usage.read(payload.get("usage")),
        body={"model": model, **payload},
    )


def model_of(payload: Mapping[str, Any], default: str) -> str:
    """Return the model that answered, where the provider says."""
    model = payload.get("model")
    return model if isinstance(model, str) and model else default


def _choices(payload: Any, provider: str) -> list[dict[str, Any]]:
    choices = payload.get("choices") if isinstance(payload, dict) else None
    found = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    if not found:
        raise ProviderProtocolError(f"{provider} answered without choices", provider=provider)
    return found
