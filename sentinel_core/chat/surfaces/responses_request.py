"""OpenAI's Responses API to chat: items, tools, formats (platform.openai.com/docs/api-reference/responses)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sentinel_core.chat.messages import Json, Message
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields, as_fields, refuse
from sentinel_core.chat.surfaces.translated import Translated, joined

_HINTS = (*("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier"),)
_KNOWN = frozenset(
    {
        *("model", "provider", "input", "instructions", "tools", "tool_choice", "text", "reasoning", "stream"),
        *("stream_options", "previous_response_id", "store", "max_output_tokens", "temperature", "top_p"),
        *("parallel_tool_calls", "include", "truncation", "background", *_HINTS),
    }
)
_NO_CHAT = "cannot be carried to a chat completion; leave it out"
_INCLUDED = frozenset({"reasoning.encrypted_content"})
"""Accepted without effect: thoughts are not sealed here, and those sent back are left out."""
_FILE = frozenset({"type", "filename", "file_data"})
_ROLES = frozenset({"user", "assistant", "system", "developer"})
_BUILT_IN = "is a tool that the provider runs; this gateway carries functions only"


def translate(body: Fields, earlier: Sequence[Message] = (), carry: Carry | None = None) -> Translated:
    """
    Return the meaning of a request; `earlier` are the messages of the response before it.

    `instructions` stand first and hold for this request alone. Where the provider speaks this API, all that no chat
    can carry belongs to the scope as it is. Raises InvalidRequestError with the name of a field that the provider
    cannot carry.
    """
    carry = Carry() if carry is None else carry
    others = _others(body, carry)
    instructions = body.optional_text("instructions")
    first: list[Message] = [] if not instructions else [{"role": "system", "content": instructions}]
    messages = [*first, *earlier, *_messages(body, carry)]
    if not messages:
        refuse("input", "must not be empty", code="invalid_value")
    params = {**body.chosen("temperature", "top_p", "parallel_tool_calls"), **_renamed(body, carry), **others}
    params |= _tools(body, carry)
    return Translated(messages, params, body.chosen(*_HINTS))


def input_messages(body: Fields, carry: Carry) -> list[Message]:
    """Return the messages of `input` alone, which the next request may build on."""
    return _messages(body, carry)


def _others(body: Fields, carry: Carry) -> dict[str, Json]:
    """Return the fields that chat does not know."""
    if body.get("background"):
        refuse("background", "answers are not made in the background")
    names = _unknown(body, _KNOWN, carry)
    if body.get("truncation") not in (None, "disabled"):
        carry.check(body, "truncation", "must be disabled: no model's limit is known here")
        names.append("truncation")
    included = body.get("include")
    if not all(
        isinstance(name, str) and name in _INCLUDED for name in (included if isinstance(included, list) else [])
    ):
        carry.check(body, "include", f"must hold nothing but {', '.join(_INCLUDED)}")
        names.append("include")
    return body.chosen(*names)


def _unknown(holder: Fields, known: Collection[str], carry: Carry) -> list[str]:
    """Return the names of fields that chat does not know; refuse the first where the provider cannot take it."""
    names = [name for name, value in holder.value.items() if name not in known and value is not None]
    for name in names:
        carry.check(holder, name, _NO_CHAT)
    return names


def _renamed(body: Fields, carry: Carry) -> dict[str, Json]:
    params: dict[str, Json] = {}
    if (most := body.get("max_output_tokens")) is not None:
        params["max_tokens"] = most
    if body.get("reasoning") is not None:
        reasoning = body.child("reasoning")
        if others := _unknown(reasoning, ("effort", "summary", "generate_summary"), carry):
            params["reasoning"] = reasoning.chosen(*others)
        if (effort := reasoning.optional_text("effort")) is not None:
            params["reasoning_effort"] = effort
    if body.get("text") is not None:
        params |= _text(body.child("text"), carry)
    return params


def _text(text: Fields, carry: Carry) -> dict[str, Json]:
    params = text.chosen("verbosity", *_unknown(text, ("format", "verbosity"), carry))
    if text.get("format") is None:
        return params
    wanted = text.child("format")
    kind = wanted.text("type")
    if kind == "json_object":
        return {**params, "response_format": {"type": kind}}
    if kind == "json_schema":
        schema = wanted.chosen("name", "description", "schema", "strict")
        return {**params, "response_format": {"type": kind, "json_schema": schema}}
    if kind != "text":
        refuse(wanted.at("type"), "must be text, json_object or json_schema", code="invalid_value")
    return params


def _tools(body: Fields, carry: Carry) -> dict[str, Json]:
    tools: list[Json] = [_tool(tool, carry) for tool in body.children("tools")]
    params: dict[str, Json] = {"tools": tools} if tools else {}
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        named = as_fields(choice, "tool_choice")
        if named.text("type") != "function":
            params["tool_choice"] = carry.raw(named, "type", _BUILT_IN)
        else:
            params["tool_choice"] = {"type": "function", "function": {"name": named.text("name")}}
    elif choice is not None and (tools or choice != "auto"):
        params["tool_choice"] = body.text("tool_choice")
    return params


def _tool(tool: Fields, carry: Carry) -> Json:
    if tool.text("type") != "function":
        return carry.raw(tool, "type", _BUILT_IN)
    tool.text("name")
    return {"type": "function", "function": tool.chosen("name", "description", "parameters", "strict")}


def _messages(body: Fields, carry: Carry) -> list[Message]:
    given = body.get("input")
    if given is None:
        return []
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    messages: list[dict[str, Json]] = []
    for item in body.children("input"):
        _add_item(messages, item, carry)
    return list(messages)


def _add_item(messages: list[dict[str, Json]], item: Fields, carry: Carry) -> None:
    kind = item.optional_text("type") or "message"
    if kind == "message":
        messages.append(_message(item, carry))
    elif kind == "function_call":
        function: Json = {"name": item.text("name"), "arguments": item.text("arguments")}
        _add_call(messages, {"id": item.text("call_id"), "type": "function", "function": function})
    elif kind == "function_call_output":
        call = item.text("call_id")
        messages.append({"role": "tool", "tool_call_id": call, "content": _content(item, "output", carry)})
    elif kind != "reasoning":  # thoughts that come back are the provider's own affair
        raw = carry.raw(item, "type", f"{kind[:64]} items {_NO_CHAT}")
        _add_raw(messages, {name: value for name, value in raw.items() if name != "id"}, kind)


def _add_raw(messages: list[dict[str, Json]], item: dict[str, Json], kind: str) -> None:
    """Add an item that only this API has; its own id and that of its call, drawn at random, are no part of it."""
    call = item.pop("call_id", None)
    if not isinstance(call, str):
        messages.append({"role": "tool" if kind.endswith("_output") else "assistant", "content": [item]})
    elif kind.endswith("_output"):
        messages.append({"role": "tool", "tool_call_id": call, "content": [item]})
    else:
        _add_call(messages, {**item, "id": call})


def _message(item: Fields, carry: Carry) -> dict[str, Json]:
    role = item.text("role")
    if role not in _ROLES:
        refuse(item.at("role"), f"must be one of {', '.join(sorted(_ROLES))}", code="invalid_value")
    return {"role": role, "content": _content(item, "content", carry)}


def _add_call(messages: list[dict[str, Json]], call: Json) -> None:
    """Add a call to the assistant's message before it; chat has one message for text and calls together."""
    last = messages[-1] if messages else {}
    if last.get("role") != "assistant":
        last = {"role": "assistant", "content": None}
        messages.append(last)
    calls = last.get("tool_calls")
    last["tool_calls"] = [*(calls if isinstance(calls, list) else []), call]


def _content(item: Fields, name: str, carry: Carry) -> Json:
    if isinstance(item.get(name), str):
        return item.get(name)
    parts: list[Json] = []
    for part in item.children(name):
        kind = part.text("type")
        other = next((each for each in part.value if kind == "input_file" and each not in _FILE), None)
        if kind not in _PARTS or other is not None:
            parts.append(carry.raw(part, other or "type", f"{kind[:64]} parts {_NO_CHAT}"))
        else:
            parts.append(_PARTS[kind](part))
    return joined(parts) if parts else ""


def _text_part(part: Fields) -> Json:
    return {"type": "text", "text": part.text("text")}


def _refusal_part(part: Fields) -> Json:
    return {"type": "refusal", "refusal": part.text("refusal")}


def _image_part(part: Fields) -> Json:
    if part.get("file_id") is not None:
        refuse(part.at("file_id"), "files are kept by no provider here")
    return {"type": "image_url", "image_url": {"url": part.text("image_url"), **part.chosen("detail")}}


def _file_part(part: Fields) -> Json:
    return {"type": "file", "file": part.chosen("filename", "file_data")}


def _audio_part(part: Fields) -> Json:
    return {"type": "input_audio", **part.chosen("input_audio")}


_PARTS: dict[str, Callable[[Fields], Json]] = {
    "input_text": _text_part,
    "output_text": _text_part,
    "text": _text_part,
    "refusal": _refusal_part,
    "input_image": _image_part,
    "input_file": _file_part,
    "input_audio": _audio_part,
}
