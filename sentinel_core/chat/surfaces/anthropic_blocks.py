"""Content blocks of Anthropic's messages as chat messages."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sentinel_core.chat.messages import Json
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields, refuse
from sentinel_core.chat.surfaces.translated import joined

_NO_CHAT = "cannot be carried to a chat completion"
_FAILED = "Error: "
"""Before the result of a tool that failed, for chat has no field for it."""


def text_of_blocks(blocks: Iterable[Fields]) -> str:
    """Return the texts of a system prompt, joined by line ends."""
    texts = []
    for block in blocks:
        if block.text("type") != "text":
            refuse(block.at("type"), "must be text", code="invalid_value")
        texts.append(block.text("text"))
    return "\n".join(texts)


def assistant_message(turn: Fields, carry: Carry) -> dict[str, Json]:
    """Return an assistant's turn: its texts and its tool calls; thoughts are left out."""
    if isinstance(turn.get("content"), str):
        return {"role": "assistant", "content": turn.get("content")}
    parts: list[Json] = []
    calls: list[Json] = []
    for block in turn.children("content"):
        kind = block.text("type")
        if kind == "text":
            parts.append(_text(block))
        elif kind == "tool_use":
            calls.append(_call(block))
        elif kind not in ("thinking", "redacted_thinking"):
            parts.append(_raw(block, kind, carry))
    return {"role": "assistant", "content": joined(parts), **({"tool_calls": calls} if calls else {})}


def user_messages(turn: Fields, carry: Carry) -> list[dict[str, Json]]:
    """Return a user's turn: tool results as messages of their own, the rest as one message after them."""
    if isinstance(turn.get("content"), str):
        return [{"role": "user", "content": turn.get("content")}]
    results: list[dict[str, Json]] = []
    parts: list[Json] = []
    for block in turn.children("content"):
        if block.text("type") == "tool_result":
            results.append(_result(block, carry))
        else:
            parts.append(_part(block, carry))
    if not parts and not results:
        refuse(turn.at("content"), "must not be empty", code="invalid_value")
    return [*results, {"role": "user", "content": joined(parts)}] if parts else results


def _call(block: Fields) -> Json:
    arguments = json.dumps(block.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": block.text("id"),
        "type": "function",
        "function": {"name": block.text("name"), "arguments": arguments},
    }


def _result(block: Fields, carry: Carry) -> dict[str, Json]:
    content = block.get("content")
    if content is None or isinstance(content, str):
        given: Json = content or ""
    else:
        given = joined([_part(each, carry) for each in block.children("content")]) or ""
    if block.get("is_error"):
        given = _marked(given)
    return {"role": "tool", "tool_call_id": block.text("tool_use_id"), "content": given}


def _marked(content: Json) -> Json:
    if isinstance(content, list):
        return [{"type": "text", "text": _FAILED}, *content]
    return f"{_FAILED}{content}"


def _part(block: Fields, carry: Carry) -> Json:
    kind = block.text("type")
    if kind == "text":
        return _text(block)
    if kind == "image":
        source = block.child("source")
        if carry.is_native and source.get("type") not in ("base64", "url"):
            return _raw(block, kind, carry)
        return {"type": "image_url", "image_url": {"url": _address(source)}}
    if kind == "document" and not _is_own_document(block, carry):
        return _document(block)
    return _raw(block, kind, carry)


def _is_own_document(block: Fields, carry: Carry) -> bool:
    """Whether a document is one that only Anthropic takes: with citations or context, of content or a stored file."""
    cites = block.get("citations") is not None and block.child("citations").get("enabled")
    kind = block.child("source").get("type")
    return carry.is_native and bool(cites or block.get("context") or kind not in ("base64", "url", "text"))


def _text(block: Fields) -> Json:
    return {"type": "text", "text": block.text("text")}


def _document(block: Fields) -> Json:
    source = block.child("source")
    if source.text("type") == "text":
        title = block.optional_text("title")
        data = source.text("data")
        return {"type": "text", "text": f"{title}\n{data}" if title else data}
    if block.get("citations") is not None and block.child("citations").get("enabled"):
        refuse(block.at("citations"), _NO_CHAT)
    name = block.optional_text("title") or "document.pdf"
    return {"type": "file", "file": {"filename": name, "file_data": _address(source)}}


def _address(source: Fields) -> str:
    kind = source.text("type")
    if kind == "base64":
        return f"data:{source.text('media_type')};base64,{source.text('data')}"
    if kind != "url":
        refuse(source.at("type"), "must be base64 or url: no provider keeps files here")
    return source.text("url")


def _raw(block: Fields, kind: str, carry: Carry) -> Json:
    return carry.raw(block, "type", f"{kind[:64]} blocks {_NO_CHAT}")
