"""Anthropic's Messages API to chat: content blocks, tools, thinking (docs.anthropic.com/en/api/messages)."""

from __future__ import annotations

import hashlib

from sentinel_core.chat.messages import Json, Message
from sentinel_core.chat.surfaces.anthropic_blocks import assistant_message, text_of_blocks, user_messages
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields, as_fields, refuse
from sentinel_core.chat.surfaces.translated import Translated

_KNOWN = frozenset(
    {
        *("model", "provider", "messages", "system", "max_tokens", "stop_sequences", "temperature", "top_p", "top_k"),
        *("metadata", "stream", "tools", "tool_choice", "thinking", "output_config", "output_format", "service_tier"),
        *("cache_control", "context_management"),
    }
)
_NO_CHAT = "cannot be carried to a chat completion; leave it out"
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_TOOL = frozenset({"type", "name", "description", "strict", "input_schema", "cache_control"})
_LOW, _MEDIUM = 4_096, 16_384
"""Thinking budgets in tokens up to which the effort is low or medium."""
LONGEST_USER = 64
"""Characters of `user` that every provider takes."""


def translate(body: Fields, carry: Carry | None = None) -> Translated:
    """
    Return the meaning of a request.

    Where it goes to Anthropic itself, `thinking` and all that no chat can carry belong to the scope as they are.
    `cache_control` is left out, because it changes no answer. Thoughts that come back are left out. Raises
    InvalidRequestError with the name of a field that the provider cannot carry.
    """
    carry = Carry() if carry is None else carry
    others = _others(body, carry)
    system = _system(body)
    messages: list[Message] = [] if not system else [{"role": "system", "content": system}]
    for turn in body.children("messages"):
        messages += _turn(turn, carry)
    params = {**body.chosen("max_tokens", "temperature", "top_p", "top_k"), **_stop(body), **_tools(body, carry)}
    native = body.chosen("thinking") if carry.is_native else {}
    if native:
        carry.check(body, "thinking", _NO_CHAT)
    params |= {**(native or _thinking(body, carry)), **_format(body), **others, **_edits(body, carry), **_config(body)}
    return Translated(messages, params, _hints(body))


def _system(body: Fields) -> str:
    given = body.get("system")
    if given is None or isinstance(given, str):
        return given or ""
    return _texts(body, "system")


def _texts(holder: Fields, name: str) -> str:
    return text_of_blocks(holder.children(name))


def _others(body: Fields, carry: Carry) -> dict[str, Json]:
    """Return the fields that chat does not know."""
    names = [name for name, value in body.value.items() if name not in _KNOWN and value is not None]
    for name in names:
        carry.check(body, name, _NO_CHAT)
    return body.chosen(*names)


def _turn(turn: Fields, carry: Carry) -> list[dict[str, Json]]:
    role = turn.text("role")
    if role == "assistant":
        return [assistant_message(turn, carry)]
    if role == "user":
        return user_messages(turn, carry)
    if role != "system":
        refuse(turn.at("role"), "must be user or assistant", code="invalid_value")
    content = turn.get("content")
    return [{"role": role, "content": content if isinstance(content, str) else _texts(turn, "content")}]


def _stop(body: Fields) -> dict[str, Json]:
    stops = body.get("stop_sequences")
    return {"stop": stops} if stops else {}


def _tools(body: Fields, carry: Carry) -> dict[str, Json]:
    tools: list[Json] = [_tool(tool, carry) for tool in body.children("tools")]
    params: dict[str, Json] = {"tools": tools} if tools else {}
    if body.get("tool_choice") is None:
        return params
    choice = body.child("tool_choice")
    kind = choice.text("type")
    if kind == "tool":
        params["tool_choice"] = {"type": "function", "function": {"name": choice.text("name")}}
    elif kind not in _CHOICES:
        refuse(choice.at("type"), "must be auto, any, tool or none", code="invalid_value")
    elif kind != "auto":
        params["tool_choice"] = _CHOICES[kind]
    if choice.get("disable_parallel_tool_use"):
        params["parallel_tool_calls"] = False
    return params


def _tool(tool: Fields, carry: Carry) -> Json:
    if tool.get("type") not in (None, "custom"):
        return carry.raw(tool, "type", "is a tool that the provider runs; to other providers go functions only")
    function = {"name": tool.text("name"), **tool.chosen("description", "strict")}
    if tool.get("input_schema") is not None:
        function["parameters"] = dict(tool.child("input_schema").value)
    others = {name: value for name, value in tool.value.items() if name not in _TOOL and value is not None}
    return {"type": "function", "function": function, **(others if carry.is_native else {})}


def _thinking(body: Fields, carry: Carry) -> dict[str, Json]:
    """Say how hard to think in the one word that chat has for it."""
    if body.get("output_config") is not None:
        config = body.child("output_config")
        for name, value in config.value.items():
            if name not in ("effort", "format") and value is not None:
                carry.check(config, name, _NO_CHAT)
        if (effort := config.optional_text("effort")) is not None:
            return {"reasoning_effort": {"max": "high", "xhigh": "high"}.get(effort, effort)}
    if body.get("thinking") is None:
        return {}
    thinking = body.child("thinking")
    if thinking.text("type") != "enabled":
        return {}
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int):
        refuse(thinking.at("budget_tokens"), "must be a whole number", code="invalid_type")
    return {"reasoning_effort": "low" if budget <= _LOW else "medium" if budget <= _MEDIUM else "high"}


def _config(body: Fields) -> dict[str, Json]:
    """Return the other fields of `output_config`, which only Anthropic takes."""
    config = body.get("output_config")
    given = config if isinstance(config, dict) else {}
    others: dict[str, Json] = {
        name: value for name, value in given.items() if name not in ("effort", "format") and value is not None
    }
    return {"output_config": others} if others else {}


def _format(body: Fields) -> dict[str, Json]:
    config = body.get("output_config")
    holder = Fields(config, "output_config") if isinstance(config, dict) and config.get("format") else body
    name = "format" if holder is not body else "output_format"
    if holder.get(name) is None:
        return {}
    wanted = holder.child(name)
    if wanted.text("type") != "json_schema":
        refuse(wanted.at("type"), "must be json_schema", code="invalid_value")
    schema: Json = {"name": "answer", "schema": dict(wanted.child("schema").value), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _edits(body: Fields, carry: Carry) -> dict[str, Json]:
    """Return edits of the context, but for the removal of old thoughts, which are left out in any case."""
    given = body.get("context_management")
    if given is None:
        return {}
    others = [
        edit
        for edit in as_fields(given, "context_management").children("edits")
        if not edit.text("type").startswith("clear_thinking")
    ]
    for edit in others:
        carry.check(edit, "type", "the gateway edits no context")
    return {"context_management": given} if others else {}


def _hints(body: Fields) -> dict[str, Json]:
    hints: dict[str, Json] = {}
    if body.get("metadata") is not None:
        user = body.child("metadata").optional_text("user_id")
        if user:
            hints["user"] = user if len(user) <= LONGEST_USER else _shortened(user)
    if body.get("service_tier") == "standard_only":
        hints["service_tier"] = "default"
    return hints


def _shortened(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
