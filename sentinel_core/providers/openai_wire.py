"""OpenAI's chat JSON as it goes out and comes in, without any network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderProtocolError
from sentinel_core.providers import failures

OURS = frozenset({"stream", "stream_options"})
"""Decided here for each call, whatever the caller's own connection looks like."""


def encode(request: ChatRequest, *, renames: Mapping[str, str], stream: bool, ask_usage: bool) -> bytes:
    """Write the request's body; `renames` maps parameters to what this provider calls them."""
    params = {renames.get(name, name): value for name, value in request.params.items() if name not in OURS}
    body: dict[str, Any] = {"model": request.model, "messages": list(request.messages), **params, **request.hints}
    if stream:
        body["stream"] = True
    if stream and ask_usage:
        body["stream_options"] = {"include_usage": True}
    # ASCII only: a prompt with half a surrogate pair, which JSON allows, must not fail to encode.
    return json.dumps(body, separators=(",", ":"), default=dict).encode("ascii")


def decode(raw: bytes, *, provider: str) -> Any:
    """Read JSON, repairing half surrogate pairs, which no answer of ours could carry. Raises ProviderProtocolError."""
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProviderProtocolError(f"{provider} answered something other than JSON", provider=provider) from error
    return _repaired(value) if b"\\ud" in raw or b"\\uD" in raw else value


def chunk(data: bytes, *, provider: str) -> Chunk:
    """Read one event of a stream. Raises what an error event stands for, ProviderProtocolError for what is no chunk."""
    payload = decode(data, provider=provider)
    if not isinstance(payload, dict):
        raise ProviderProtocolError(f"{provider} streamed something other than a chunk", provider=provider)
    for place in (payload, payload.get("x_groq")):
        if isinstance(place, dict) and place.get("error"):
            raise failures.from_event(place, provider=provider)
    choices = payload.get("choices")
    if not isinstance(choices, list) or not all(_is_delta(choice) for choice in choices):
        raise ProviderProtocolError(f"{provider} streamed a chunk without choices", provider=provider)
    return payload


def _is_delta(choice: Any) -> bool:
    delta = choice.get("delta") if isinstance(choice, dict) else 0
    return delta is None or (isinstance(delta, dict) and _is_message(delta))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


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
    unknown: the answer has been paid for. Raises what an error in place of the answer stands for, and
    ProviderProtocolError for anything that is no answer.
    """
    if isinstance(payload, dict) and payload.get("error") and not payload.get("choices"):
        raise failures.from_event(payload, provider=provider)
    choice = _first_choice(payload, provider)
    message, finish_reason = choice.get("message"), choice.get("finish_reason")
    if not isinstance(message, dict) or not _is_message(message):
        raise ProviderProtocolError(f"{provider} answered without a message", provider=provider)
    if not isinstance(finish_reason, str | None):
        raise ProviderProtocolError(f"{provider} answered with an unreadable finish_reason", provider=provider)
    return Completion(
        provider=provider,
        model=model_of(payload, model),
        message={"role": "assistant", **message},
        finish_reason=finish_reason or "",
        usage=usage.read(payload.get("usage")),
        body=payload,
    )


def model_of(payload: Mapping[str, Any], default: str) -> str:
    """Return the model that answered, where the provider says."""
    model = payload.get("model")
    return model if isinstance(model, str) and model else default


def _first_choice(payload: Any, provider: str) -> dict[str, Any]:
    choices = payload.get("choices") if isinstance(payload, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ProviderProtocolError(f"{provider} answered without choices", provider=provider)
    first: dict[str, Any] = choices[0]
    return first


def _is_message(message: Mapping[str, Any]) -> bool:
    """Content may be a list of parts: Mistral's reasoning models answer so."""
    content, calls = message.get("content"), message.get("tool_calls")
    return (
        isinstance(content, str | list | None)
        and isinstance(calls, list | None)
        and isinstance(message.get("refusal"), str | None)
        and all(isinstance(part, dict) for part in (content if isinstance(content, list) else ()))
        and all(isinstance(call, dict) for call in calls or ())
    )
