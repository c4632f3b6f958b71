"""Anthropic's Messages API to chat: content blocks, tools, thinking (docs.anthropic.com/en/api/messages)."""

from __future__ import annotations

import hashlib

from sentinel_core.chat.messages import Json, Message
from sentinel_core.chat.surfaces.anthropic_blocks import assistant_message, text_of_blocks, user_messages
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
_LOW, _MEDIUM = 4_096, 16_384
"""Thinking budgets in tokens up to which the effort is low or medium."""
LONGEST_USER = 64
"""Characters of `user` that every provider takes."""


def translate(body: Fields, *, thinks_natively: bool = False) -> Translated:
    """
    Return the meaning of a request.

    Where the provider `thinks_natively`, as Anthropic's own chat does, `thinking` goes along as it is.
    `cache_control` is left out, because it changes no answer. Thoughts that come back are left out. Raises
    InvalidRequestError with the name of a field that no chat can carry.
    """
    body.only(_KNOWN, _NO_CHAT)
    system = _system(body)
    messages: list[Message] = [] if not system else [{"role": "system", "content": system}]
    for turn in body.children("messages"):
        messages += _turn(turn)
    params = {**body.chosen("max_tokens", "temperature", "top_p", "top_k"), **_stop(body), **_tools(body)}
    native = body.chosen("thinking") if thinks_natively else {}
    params |= {**(native or _thinking(body)), **_format(body)}
    _check_edits(body)
    return Translated(messages, params, _hints(body))


def _system(body: Fields) -> str:
    given = body.get("system")
    if given is None or isinstance(given, str):
        return given or ""
    return _texts(body, "system")


def _texts(holder: Fields, name: str) -> str:
    return text_of_blocks(holder.children(name))


def _turn(turn: Fields) -> list[dict[str, Json]]:
    role = turn.text("role")
    if role == "assistant":
        return [assistant_message(turn)]
    if role == "user":
        return user_messages(turn)
    if role != "system":
        refuse(turn.at("role"), "must be user or assistant", code="invalid_value")
    content = turn.get("content")
    return [{"role": role, "content": content if isinstance(content, str) else _texts(turn, "content")}]


def _stop(body: Fields) -> dict[str, Json]:
    stops = body.get("stop_sequences")
    return {"stop": stops} if stops else {}


def _tools(body: Fields) -> dict[str, Json]:
    tools: list[Json] = [_tool(tool) for tool in body.children("tools")]
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


def _tool(tool: Fields) -> Json:
    if tool.get("type") not in (None, "custom"):
        refuse(tool.at("type"), "is a tool that the provider runs; this gateway carries functions only")
    function = {"name": tool.text("name"), **tool.chosen("description", "strict")}
    if tool.get("input_schema") is not None:
        function["parameters"] = dict(tool.child("input_schema").value)
    return {"type": "function", "function": function}


def _thinking(body: Fields) -> dict[str, Json]:
    """Say how hard to think in the one word that chat has for it."""
    if body.get("output_config") is not None:
        config = body.child("output_config")
        config.only({"effort", "format"}, _NO_CHAT)
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


def _check_edits(body: Fields) -> None:
    """Refuse edits of the context but the removal of old thoughts, which are left out in any case."""
    given = body.get("context_management")
    if given is None:
        return
    for edit in as_fields(given, "context_management").children("edits"):
        if not edit.text("type").startswith("clear_thinking"):
            refuse(edit.at("type"), "the gateway edits no context")


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
