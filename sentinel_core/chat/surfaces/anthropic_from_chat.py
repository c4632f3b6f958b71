"""A chat request as a request to Anthropic's Messages API (docs.anthropic.com/en/api/messages)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sentinel_core.chat.messages import ChatRequest, Json, Message

DEFAULT_MAX_TOKENS = 32_000
_OLDER_MAX_TOKENS = (("claude-3-5", 8_192), ("claude-3-7", 32_000), ("claude-3-", 4_096), ("claude-2", 4_096))
"""`max_tokens` where the chat names none, for Anthropic must be given one: by model, as large as each allows."""

BUDGETS = {"minimal": 1_024, "low": 1_024, "medium": 4_096, "high": 16_384, "xhigh": 24_576, "max": 24_576}
"""Tokens of thinking by `reasoning_effort`, for models without an effort of their own."""

_HAS_EFFORT = re.compile(r"claude-(?:opus-4-[5-9]|sonnet-4-[6-9]|[a-z]+-(?:[5-9]|\d\d))")
_OURS = frozenset(
    {
        *("max_tokens", "max_completion_tokens", "stop", "tools", "tool_choice", "parallel_tool_calls", "n", "stream"),
        *("response_format", "reasoning_effort", "temperature", "modalities", "store", "user", "safety_identifier"),
        *("metadata", "prompt_cache_key", "prompt_cache_retention", "prediction", "stream_options", "service_tier"),
        *("presence_penalty", "frequency_penalty", "seed", "logprobs", "anthropic_beta"),
    }
)
"""Parameters of chat that are translated, or that change no answer and are left out; all others are passed on."""

_REFUSED = {
    "logit_bias": "anthropic does not bias tokens",
    "logprobs": "anthropic gives no log probabilities",
    "top_logprobs": "anthropic gives no log probabilities",
    "seed": "anthropic draws without a seed",
    "presence_penalty": "anthropic has no penalties",
    "frequency_penalty": "anthropic has no penalties",
    "functions": "anthropic takes `tools`",
    "function_call": "anthropic takes `tool_choice`",
    "audio": "anthropic answers in text",
    "verbosity": "anthropic has no verbosity",
}


def refused(request: ChatRequest) -> tuple[str, str] | None:
    """Return the first parameter that Anthropic cannot carry, and why; None if there is none."""
    if request.native is not None:
        return None
    for name, reason in _REFUSED.items():
        value = request.params.get(name)
        if value is not None and value is not False and value not in (0, {}, []):
            return name, reason
    wanted = request.params.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_object":
        return "response_format", "anthropic takes json_schema only"
    for place, message in enumerate(request.messages):
        for number, part in enumerate(_parts(message.get("content"))):
            if part.get("type") == "input_audio":
                return f"messages[{place}].content[{number}].type", "anthropic takes no sound"
    return None


def body_of(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a request, without `stream`; a native one goes as it came but for its model."""
    if request.native is not None:
        return {**request.native.body, "model": request.model}
    params, hints = request.params, request.hints
    others = {name: value for name, value in {**hints, **params}.items() if name not in _OURS}
    body: dict[str, Any] = {"model": request.model, "max_tokens": _most_tokens(request), **_messages(request.messages)}
    if (temperature := params.get("temperature")) is not None:
        body["temperature"] = min(1.0, temperature) if isinstance(temperature, int | float) else temperature
    if stops := params.get("stop"):
        given = stops if isinstance(stops, list) else [stops]
        body["stop_sequences"] = [each for each in given if not isinstance(each, str) or each.strip()]
    body |= _tools(params)
    body |= _effort(request, body["max_tokens"])
    user = hints.get("user") or hints.get("safety_identifier")
    if isinstance(user, str):
        body["metadata"] = {"user_id": user}
    if hints.get("service_tier") in ("auto", "default"):
        body["service_tier"] = "auto" if hints["service_tier"] == "auto" else "standard_only"
    return {**body, **others}


def betas_of(request: ChatRequest) -> str | None:
    """Return the beta features that a chat names in `anthropic_beta`; None without any."""
    named = request.params.get("anthropic_beta")
    names = named if isinstance(named, list) else [named]
    return ",".join(name for name in names if isinstance(name, str) and name.isascii() and name.isprintable()) or None


def _most_tokens(request: ChatRequest) -> Json:
    given = request.params.get("max_completion_tokens") or request.params.get("max_tokens")
    known = (most for start, most in _OLDER_MAX_TOKENS if request.model.startswith(start))
    return given or next(known, DEFAULT_MAX_TOKENS)


def _messages(messages: Sequence[Message]) -> dict[str, Any]:
    """Return `system` and `messages`; results of tools join the user's turn after them."""
    system: list[dict[str, Any]] = []
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = message.get("role")
        if role in ("system", "developer"):
            system += _blocks(message.get("content"))
        else:
            own = "assistant" if role == "assistant" else "user"
            blocks = _assistant(message) if role == "assistant" else _user(message)
            if turns and turns[-1]["role"] == own:
                turns[-1]["content"] += blocks
            elif blocks:
                turns.append({"role": own, "content": blocks})
    return {"messages": turns, **({"system": system} if system else {})}


def _user(message: Message) -> list[dict[str, Any]]:
    if message.get("role") not in ("tool", "function"):
        return _blocks(message.get("content"))
    id_, content = message.get("tool_call_id") or message.get("name"), message.get("content")
    given = content if isinstance(content, str) else _blocks(content)
    return [{"type": "tool_result", "tool_use_id": id_, "content": given}]


def _assistant(message: Message) -> list[dict[str, Any]]:
    native = message.get("anthropic")
    kept = native.get("content") if isinstance(native, dict) else None
    if isinstance(kept, list) and all(isinstance(each, dict) for each in kept):
        return [dict(each) for each in kept if isinstance(each, dict)]
    calls = message.get("tool_calls")
    functions = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return [*_blocks(message.get("content")), *(_call(call) for call in functions)]


def _call(call: Mapping[str, Json]) -> dict[str, Any]:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    try:
        given = json.loads(str(function.get("arguments") or "{}"))
    except (ValueError, RecursionError):
        given = {}
    kept = given if isinstance(given, dict) else {}
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": kept}


def _parts(content: Json) -> list[dict[str, Json]]:
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _blocks(content: Json) -> list[dict[str, Any]]:
    """Return blocks of Anthropic's; empty text is left out, for it is refused."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content.strip() else []
    blocks = [_block(part) for part in _parts(content)]
    return [block for block in blocks if block.get("type") != "text" or str(block.get("text") or "").strip()]


def _block(part: Mapping[str, Json]) -> dict[str, Any]:
    cached = {"cache_control": part["cache_control"]} if "cache_control" in part else {}
    kind = part.get("type")
    if kind == "image_url":
        image = part.get("image_url")
        return {"type": "image", "source": _source(image.get("url") if isinstance(image, dict) else image), **cached}
    if kind == "file":
        file = part.get("file")
        file = file if isinstance(file, dict) else {}
        title = {"title": file["filename"]} if file.get("filename") else {}
        return {"type": "document", "source": _source(file.get("file_data")), **title, **cached}
    if kind == "refusal":
        return {"type": "text", "text": part.get("refusal")}
    return dict(part)


def _source(address: Json) -> dict[str, Any]:
    text = address if isinstance(address, str) else ""
    head, comma, data = text.partition(";base64,")
    if comma and head.startswith("data:"):
        return {"type": "base64", "media_type": head.removeprefix("data:"), "data": data}
    return {"type": "url", "url": text}


def _tools(params: Mapping[str, Json]) -> dict[str, Any]:
    given = params.get("tools")
    tools = [_tool(tool) for tool in given if isinstance(tool, dict)] if isinstance(given, list) else []
    if not tools:
        return {}
    choice = params.get("tool_choice")
    wanted: dict[str, Any] = {"type": {"required": "any", "none": "none"}.get(str(choice), "auto")}
    if isinstance(choice, dict):
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else choice.get("name")
        wanted = {"type": "tool", "name": name}
    if params.get("parallel_tool_calls") is False and wanted["type"] != "none":
        wanted["disable_parallel_tool_use"] = True
    return {"tools": tools, **({} if wanted == {"type": "auto"} else {"tool_choice": wanted})}


def _tool(tool: Mapping[str, Json]) -> dict[str, Any]:
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        return dict(tool)
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    kept = {name: function[name] for name in ("description", "strict") if function.get(name) is not None}
    others = {name: value for name, value in tool.items() if name not in ("type", "function")}
    return {"name": function.get("name"), "input_schema": schema, **kept, **others}


def _effort(request: ChatRequest, most: Json) -> dict[str, Any]:
    """Return output format and effort; where the model knows budgets only, the effort is one."""
    config: dict[str, Any] = {}
    found: dict[str, Any] = {}
    wanted, effort = request.params.get("response_format"), request.params.get("reasoning_effort")
    if isinstance(wanted, dict) and isinstance(schema := wanted.get("json_schema"), dict):
        config["format"] = {"type": "json_schema", "schema": schema.get("schema")}
    if isinstance(effort, str) and effort != "none" and "thinking" not in request.params:
        if _HAS_EFFORT.match(request.model):
            config["effort"] = "low" if effort == "minimal" else effort
        elif isinstance(most, int) and most > BUDGETS["low"]:
            found["thinking"] = {"type": "enabled", "budget_tokens": min(BUDGETS.get(effort, 4_096), most - 1)}
    return {**found, **({"output_config": config} if config else {})}
