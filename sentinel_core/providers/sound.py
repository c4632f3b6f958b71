"""Fields of a provider's answer that may have any JSON type: coerced or left out before anything relies on them."""

from __future__ import annotations

from typing import Any

from sentinel_core.chat import usage

_STRINGS = ("id", "object", "model", "system_fingerprint", "service_tier", "provider")


def envelope(payload: dict[str, Any]) -> dict[str, Any]:
    """Leave out fields beside the choices whose type is wrong; change the payload in place."""
    for name in _STRINGS:
        if name in payload and not isinstance(payload[name], str):
            _drop_unless_null(payload, name)
    if "created" in payload and not usage.is_count(payload["created"]):
        _drop_unless_null(payload, "created")
    if payload.get("created", 0) is None:
        del payload["created"]
    _mend_usage(payload)
    groq = payload.get("x_groq")
    if isinstance(groq, dict) and "usage" in groq:
        payload["x_groq"] = _mend_usage(dict(groq))
    return payload


def _mend_usage(place: dict[str, Any]) -> dict[str, Any]:
    """Leave out what can be no count; a usage that lacks a count is still the caller's to see."""
    said = place.get("usage")
    if said is None or usage.read(said) is not None:
        return place
    counts = [name for name, value in said.items() if usage.is_count(value)] if isinstance(said, dict) else []
    if counts:
        place["usage"] = {name: value for name, value in said.items() if value is None or name in counts}
    else:
        del place["usage"]
    return place


def _drop_unless_null(payload: dict[str, Any], name: str) -> None:
    if payload[name] is not None or name in ("id", "object", "model"):
        del payload[name]


def choice(value: dict[str, Any]) -> dict[str, Any]:
    """Give one choice a readable index, finish_reason and logprobs; change it in place."""
    index = value.get("index", 0)
    if type(index) is not int or not 0 <= index < 1024:
        value["index"] = 0
    if not isinstance(value.get("finish_reason"), str | None):
        value["finish_reason"] = None
    if not isinstance(value.get("logprobs"), dict | None):
        value["logprobs"] = None
    return value


def message(value: dict[str, Any]) -> bool:
    """
    Return whether a message or delta can be read; mend harmless wrong types in place.

    Content may be a list of parts: Mistral's reasoning models answer so.
    """
    for name in ("role", "refusal"):
        if not isinstance(value.get(name), str | None):
            del value[name]
    if "role" in value and value["role"] is None:
        del value["role"]
    for name in ("tool_calls", "function_call"):
        if name in value and not value[name]:
            value[name] = None
    content, calls = value.get("content"), value.get("tool_calls")
    return (
        isinstance(content, str | list | None)
        and isinstance(calls, list | None)
        and isinstance(value.get("function_call"), dict | None)
        and all(isinstance(part, dict) for part in (content if isinstance(content, list) else ()))
        and all(isinstance(call, dict) and _is_call(call) for call in calls or ())
    )


def _is_call(call: dict[str, Any]) -> bool:
    if call.get("function") is None:
        return True
    function = call["function"]
    return isinstance(function, dict) and isinstance(function.get("name"), str | None)
