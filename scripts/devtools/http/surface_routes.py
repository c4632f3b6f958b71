"""OpenAI's Responses and embeddings, and Anthropic's Messages, as routes of the local `Upstream`, scripted as chats."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from scripts.devtools.http import anthropic_upstream
from scripts.devtools.http.replies import CREATED, Call, Reply, raw
from scripts.devtools.http.upstream import Upstream

_ECHOED = ("instructions", "max_output_tokens", "previous_response_id", "user")
_KINDS = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def add_surfaces(upstream: Upstream) -> None:
    """Serve `/responses`, `/embeddings` and `/messages` with the replies that each model's chats would get."""
    upstream.routes |= {
        "/responses": _scripted(upstream, _response),
        "/messages": _scripted(upstream, _message),
        "/embeddings": _embeddings,
    }


def responses(*items: dict[str, Any], **fields: Any) -> Callable[[Call], Reply]:
    """Answer each call to `/responses` with these items of output, and these fields of the whole response."""
    used = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    return lambda call: _written(Reply(), call, list(_response_events(call, list(items), {"usage": used, **fields})))


def _scripted(upstream: Upstream, write: Callable[[Reply, Call], Reply]) -> Callable[[Call], Reply]:
    return lambda call: write(upstream.reply_to(call), call)


def _message(reply: Reply, call: Call) -> Reply:
    """Write a chat's reply as Anthropic does."""
    if reply.body is not None:
        message = json.loads(reply.body)["error"]["message"]
        error = {"type": _KINDS.get(reply.status, "api_error"), "message": message}
        return replace(reply, body=json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode())
    blocks = [*_thoughts(reply), *_texts(reply), *_calls(reply)]
    reason = "tool_use" if reply.finish_reason == "tool_calls" else "end_turn"
    written = anthropic_upstream.messages(*blocks, reason=reason)(call)
    body = (written.body or b"").replace(b"msg_upstream", f"msg_{_digest(call.body['messages'])}".encode())
    return replace(reply, body=body, headers=written.headers)


def _digest(turns: Any) -> str:
    """Return an id that each step of a conversation has for itself."""
    return hashlib.sha256(json.dumps(turns, sort_keys=True).encode()).hexdigest()[:16]


def _thoughts(reply: Reply) -> Iterator[dict[str, Any]]:
    if thought := reply.message.get("reasoning_content"):
        yield {"type": "thinking", "thinking": thought, "signature": "EqQB"}


def _texts(reply: Reply) -> Iterator[dict[str, Any]]:
    if text := reply.message.get("content"):
        yield {"type": "text", "text": text}


def _calls(reply: Reply) -> Iterator[dict[str, Any]]:
    for call in reply.message.get("tool_calls") or ():
        function = call["function"]
        given = json.loads(function["arguments"])
        yield {"type": "tool_use", "id": call["id"], "name": function["name"], "input": given}


def _embeddings(call: Call) -> Reply:
    """Embed each text as its length and a constant, in the encoding that was asked for."""
    given = call.body["input"]
    texts = given if isinstance(given, list) and not isinstance(given[0], int) else [given]
    vectors = [[len(text) / 8, 0.5, -0.25] for text in texts]
    shown = [_packed(each) if call.body.get("encoding_format") == "base64" else each for each in vectors]
    data = [{"object": "embedding", "index": place, "embedding": each} for place, each in enumerate(shown)]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return raw(json.dumps({"object": "list", "data": data, "model": call.body["model"], "usage": usage}).encode())


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _response(reply: Reply, call: Call) -> Reply:
    """Write a chat's reply as the Responses API does."""
    if reply.body is not None:
        return reply
    used = reply.usage or {}
    usage = {
        "input_tokens": used.get("prompt_tokens"),
        "input_tokens_details": used.get("prompt_tokens_details"),
        "output_tokens": used.get("completion_tokens"),
        "output_tokens_details": used.get("completion_tokens_details"),
        "total_tokens": used.get("total_tokens"),
    }
    fields = {"model": reply.model or call.body["model"], "usage": usage}
    return _written(reply, call, list(_response_events(call, list(_items(reply)), fields)))


def _written(reply: Reply, call: Call, events: list[dict[str, Any]]) -> Reply:
    """Write a response, streamed if the call asks for that."""
    if not call.stream:
        return replace(reply, body=json.dumps(events[-1]["response"]).encode())
    written = b"".join(
        b"event: %s\ndata: %s\n\n" % (event["type"].encode(), json.dumps({**event, "sequence_number": place}).encode())
        for place, event in enumerate(events)
    )
    return replace(reply, body=written, headers={"content-type": "text/event-stream"})


def _response_events(call: Call, output: list[dict[str, Any]], fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a response in the order in which OpenAI streams it."""
    whole = {**_frame(call), "status": "completed", "output": output, **fields}
    frame = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": frame}
    yield {"type": "response.in_progress", "response": frame}
    for place, item in enumerate(output):
        yield from _item_events(item, place)
    yield {"type": f"response.{whole['status']}", "response": whole}


def _frame(call: Call) -> dict[str, Any]:
    body = call.body
    return {
        "id": f"resp_{_digest(body.get('input'))}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": body.get("model"),
        "output": [],
        "usage": None,
        **{name: body.get(name) for name in _ECHOED},
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "store": body.get("store", True),
        "temperature": body.get("temperature"),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": "disabled",
    }


def _items(reply: Reply) -> Iterator[dict[str, Any]]:
    message = reply.message
    if thought := message.get("reasoning_content"):
        yield {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}
    if text := message.get("content"):
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        yield {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    for place, call in enumerate(message.get("tool_calls") or ()):
        function = {"arguments": call["function"]["arguments"], "name": call["function"]["name"]}
        yield {"id": f"fc_{place}", "type": "function_call", "status": "completed", "call_id": call["id"], **function}


def _item_events(item: dict[str, Any], place: int) -> Iterator[dict[str, Any]]:
    at = {"item_id": item["id"], "output_index": place}
    kind = item["type"]
    empty: dict[str, dict[str, Any]] = {
        "reasoning": {"summary": []},
        "message": {"status": "in_progress", "content": []},
        "function_call": {"status": "in_progress", "arguments": ""},
        "web_search_call": {"status": "in_progress"},
        "custom_tool_call": {"input": ""},
    }
    begun = {**item, **empty.get(kind, {})}
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    if kind == "function_call":
        yield from _call_events(item, at)
    elif kind == "custom_tool_call":
        yield {"type": f"response.{kind}_input.delta", **at, "delta": item["input"]}
        yield {"type": f"response.{kind}_input.done", **at, "input": item["input"]}
    elif kind == "web_search_call":
        yield from ({"type": f"response.{kind}.{step}", **at} for step in ("in_progress", "searching", "completed"))
    elif kind in ("message", "reasoning"):
        yield from _text_events(item, at)
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def _call_events(item: dict[str, Any], at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    arguments = item["arguments"]
    for part in (arguments[:3], arguments[3:]):
        yield {"type": "response.function_call_arguments.delta", **at, "delta": part}
    yield {"type": "response.function_call_arguments.done", **at, "arguments": arguments, "name": item["name"]}


def _text_events(item: dict[str, Any], at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    is_thought = item["type"] == "reasoning"
    for number, part in enumerate(item["summary" if is_thought else "content"]):
        yield from _part_events(part, {**at, "summary_index" if is_thought else "content_index": number}, is_thought)


def _part_events(part: dict[str, Any], at: dict[str, Any], is_thought: bool) -> Iterator[dict[str, Any]]:
    name = "refusal" if part["type"] == "refusal" else "text"
    holder = "reasoning_summary_part" if is_thought else "content_part"
    said = "reasoning_summary_text" if is_thought else "refusal" if name == "refusal" else "output_text"
    odds: dict[str, Any] = {"logprobs": []} if said == "output_text" else {}
    noted: dict[str, Any] = {"annotations": []} if said == "output_text" else {}
    yield {"type": f"response.{holder}.added", **at, "part": {**part, **noted, name: ""}}
    for number, word in enumerate(part[name].split(" ")):
        yield {"type": f"response.{said}.delta", **at, "delta": word if number == 0 else f" {word}", **odds}
    for number, annotation in enumerate(part.get("annotations") or ()):
        place = {**at, "annotation_index": number}
        yield {"type": "response.output_text.annotation.added", **place, "annotation": annotation}
    yield {"type": f"response.{said}.done", **at, name: part[name], **odds}
    yield {"type": f"response.{holder}.done", **at, "part": part}
