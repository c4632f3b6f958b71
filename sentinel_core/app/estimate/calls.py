"""Reads a row of a log as a call to a model: OpenAI's requests, LiteLLM, Helicone, Langfuse, or a plain prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sentinel_core.app.estimate.answers import (
    Fields,
    decoded,
    finish_reason,
    first,
    message,
    number,
    response,
    text,
    time,
    usage,
)
from sentinel_core.app.estimate.rows import snake
from sentinel_core.chat.messages import Json, Usage
from sentinel_core.web.routes.chat_schema import ChatBody

_PARAMS = (
    "model provider messages temperature top_p max_tokens max_completion_tokens n stop seed presence_penalty "
    "frequency_penalty response_format tools tool_choice functions function_call parallel_tool_calls logit_bias "
    "logprobs top_logprobs reasoning_effort verbosity modalities user metadata safety_identifier service_tier stream"
)
_KNOWN = frozenset(_PARAMS.split())
_WHOLE = frozenset({"n", "max_tokens", "max_completion_tokens", "seed", "top_logprobs"})
_REQUESTS = (
    "request_body proxy_server_request request body messages input prompt question query user_prompt text content"
)
_IDS = "request_id custom_id id"
_TIMES = "start_time request_created_at created_at timestamp created time"
_COSTS = "spend cost_usd calculated_total_cost total_cost cost"
_MILLISECONDS = "delay_ms latency_ms duration_ms request_duration_ms response_time_ms"
_ROUTES = "route path name call_type"
_KINDS = "span event trace tool retriever embedding agent chain evaluator guardrail"
_NOT_MODEL_CALLS = frozenset(_KINDS.split())
_OTHER_CALLS = ("embedding", "image", "speech", "transcription", "moderation", "rerank")
_MANY_SECONDS = 100.0  # a larger latency is in milliseconds


@dataclass(frozen=True, slots=True)
class NoCall:
    """A row that is no call to a chat model."""

    kind: str


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call of a log.

    `answer` is the assistant's message, None where the log does not hold it. `seconds` and `cost_usd` are the log's,
    None where it does not say; `time` is Unix time. `is_failed` says that the provider gave no answer.
    """

    body: ChatBody
    answer: Mapping[str, Json] | None = None
    finish_reason: str = "stop"
    usage: Usage | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    time: float | None = None
    route: str = ""
    id: str | None = None
    is_failed: bool = False


def call(row: Any) -> Call | NoCall:
    """Read a row; raise ValueError with the rule that it broke."""
    if isinstance(row, str):
        return Call(_body({"messages": [_user(row)]}))
    if isinstance(row, list):
        return Call(_body({"messages": row}))
    if not isinstance(row, dict):
        raise ValueError("a row is a JSON object or a text")  # noqa: TRY004  the rule that a row broke
    fields = {snake(str(name)): decoded(value) for name, value in row.items()}
    if (other := _other_kind(fields)) is not None:
        return other
    body, said = _request(fields), response(fields)
    return Call(
        body=_body(body),
        answer=message(said),
        finish_reason=finish_reason(said),
        usage=usage(fields, said),
        seconds=_seconds(fields),
        cost_usd=number(fields, _COSTS),
        time=time(first(fields, _TIMES)),
        route=_route(fields),
        id=text(first(fields, _IDS)),
        is_failed=_is_failed(fields, said),
    )


def _other_kind(fields: Fields) -> NoCall | None:
    kind = str(fields.get("type", "")).lower()
    if kind in _NOT_MODEL_CALLS and "messages" not in fields:
        return NoCall(kind)
    named = str(fields.get("call_type", "")).lower()
    is_other = any(other in named for other in _OTHER_CALLS)
    return NoCall(named) if is_other else None


def _request(fields: Fields) -> Fields:
    for name in _REQUESTS.split():
        found = _as_request(fields.get(name), depth=3)
        if found is not None:
            return _completed(found, fields)
    is_litellm = "spend" in fields or "call_type" in fields
    raise ValueError("holds no prompt" + (": LiteLLM logs them with store_prompts_in_spend_logs" if is_litellm else ""))


def _as_request(value: Any, depth: int) -> Fields | None:
    """Return a request's body, None if this is none."""
    value = decoded(value)
    if isinstance(value, str):
        return {"messages": [_user(value)]} if value.strip() else None
    if isinstance(value, list):
        is_chat = bool(value) and all(isinstance(each, dict) and "role" in each for each in value)
        return {"messages": value} if is_chat else None
    if not isinstance(value, dict) or depth == 0:
        return None
    if isinstance(messages := decoded(value.get("messages")), list) and messages:
        return {**value, "messages": messages}
    if "role" in value and "content" in value:
        return {"messages": [value]}
    inner = (_as_request(value.get(name), depth - 1) for name in ("body", "json", "kwargs", "input", "prompt"))
    return next((each for each in inner if each is not None), None)


def _completed(body: Fields, fields: Fields) -> Fields:
    """Add the fields beside the request: the model, its parameters, the system prompt and the end user."""
    given = {**_parameters(fields.get("model_parameters")), **_parameters(fields)}
    if "call_type" in fields or "end_user" in fields:
        given.pop("user", None)  # LiteLLM's own user; the end user has a field of their own
    whole = {**given, **{name: value for name, value in body.items() if name in _KNOWN}}
    for name, other in (("model", "model_group"), ("user", "end_user"), ("provider", "custom_llm_provider")):
        if whole.get(name) in (None, "") and isinstance(fields.get(other), str) and fields[other]:
            whole[name] = fields[other]
    system = fields.get("system") or fields.get("system_prompt")
    if isinstance(system, str) and system and not any(_is_system(each) for each in whole["messages"]):
        whole["messages"] = [{"role": "system", "content": system}, *whole["messages"]]
    return {name: value for name, value in whole.items() if value not in (None, "")}


def _is_system(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") in ("system", "developer")


def _parameters(value: Any) -> Fields:
    """Return the known parameters of a request, cells of a CSV as numbers; the log's own fields are left out."""
    if not isinstance(value, dict):
        return {}
    named = {snake(str(name)): decoded(each) for name, each in value.items()}
    kept = {name: _typed(name, each) for name, each in named.items() if name in _KNOWN - {"messages", "metadata"}}
    return {name: each for name, each in kept.items() if each is not None}


def _typed(name: str, value: Any) -> Any:
    if name in ("model", "user", "provider") or not isinstance(value, str):
        return value
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    try:
        number = float(value)
    except ValueError:
        return value or None
    if not math.isfinite(number):
        return None
    return int(number) if name in _WHOLE else number


def _user(text: str) -> Fields:
    if not text.strip():
        raise ValueError("an empty prompt")
    return {"role": "user", "content": text}


def _body(fields: Fields) -> ChatBody:
    try:
        return ChatBody.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"][:3])
        raise ValueError(f"not a chat request: {where}: {first['msg']}"[:200]) from None


def _is_failed(fields: Fields, response: Any) -> bool:
    if isinstance(response, dict) and response.get("error") and not response.get("choices"):
        return True
    status = str(fields.get("status") or fields.get("response_status") or fields.get("level") or "").lower()
    return status in ("failure", "error", "failed") or (status[:3].isdigit() and int(status[:3]) >= 400)


def _seconds(fields: Fields) -> float | None:
    """Return how long the answer took: by its ends, else as the log says."""
    start, end = (
        time(first(fields, "start_time request_created_at")),
        time(first(fields, "end_time response_created_at completion_end_time")),
    )
    if start is not None and end is not None and end >= start:
        return end - start
    milliseconds = number(fields, _MILLISECONDS)
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    said = number(fields, "latency duration response_time latency_seconds seconds")
    if said is None or said < 0:
        return None
    return said / 1000 if said > _MANY_SECONDS else said


def _route(fields: Fields) -> str:
    return str(next((fields[name] for name in _ROUTES.split() if isinstance(fields.get(name), str)), ""))[:80]
