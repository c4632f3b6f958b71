"""Calls of tools in a conversation: their ids as positions, and which answers with calls may be repeated."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sentinel_core.chat.messages import LONGEST_JSON, ChatRequest, Completion, Json, Message, text_of

RESULTS = frozenset({"tool", "function"})
"""Roles of a message that holds the result of a call."""


def positioned(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the messages with each id of a call replaced by its position, for providers draw ids at random."""
    if not any(message.get("tool_calls") or message.get("tool_call_id") for message in messages):
        return messages
    positions: dict[str, str] = {}
    return [_positioned(message, positions) for message in messages]


def _positioned(message: Message, positions: dict[str, str]) -> Message:
    changed: dict[str, Json] = {}
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        changed["tool_calls"] = [_renamed(call, positions) for call in calls]
    answered = message.get("tool_call_id")
    if isinstance(answered, str):
        changed["tool_call_id"] = _position(answered, positions)
    return {**message, **changed}


def _renamed(call: Json, positions: dict[str, str]) -> Json:
    id_ = call.get("id") if isinstance(call, dict) else None
    return {**call, "id": _position(id_, positions)} if isinstance(call, dict) and isinstance(id_, str) else call


def _position(id_: str, positions: dict[str, str]) -> str:
    return positions.setdefault(id_, f"#{len(positions)}")


def renumbered(completion: Completion, request: ChatRequest) -> Completion:
    """
    Give the calls of a stored answer other ids where the conversation has one of them: `call` and five digits.

    An id that stands twice in one conversation would name two calls. Nine letters and digits are Mistral's rule for
    ids, the strictest one.
    """
    calls = _calls(completion.message)
    if not calls:
        return completion
    earlier = [call for message in request.messages for call in _calls(message)]
    if not {_id(call) for call in calls} & {_id(call) for call in earlier}:
        return completion
    first = len(earlier)
    renamed: list[Json] = [
        {**call, "id": f"call{first + number:05d}"} if isinstance(call, dict) else call
        for number, call in enumerate(calls)
    ]
    return replace(completion, message={**completion.message, "tool_calls": renamed})


def called(completion: Completion) -> list[str]:
    """Return the names of the functions that an answer calls, "" for a nameless one."""
    if not ("tool_calls" in completion.message or "function_call" in completion.message):
        return []  # as most answers: each hit asks
    functions = [call.get("function") if isinstance(call, dict) else None for call in _calls(completion.message)]
    old = completion.message.get("function_call")
    return [_name(function) for function in [*functions, *([old] if old else [])]]


def used(completion: Completion, request: ChatRequest) -> frozenset[str]:
    """Return the names of the functions that an answer rests on: it calls them, or their results stand before it."""
    # Conversations may be long: a message that calls nothing costs no call here either.
    earlier = [call for message in request.messages if "tool_calls" in message for call in _calls(message)]
    names = [_name(call.get("function")) for call in earlier if isinstance(call, dict)]
    named = (message for message in request.messages if "name" in message)
    old = [str(message.get("name") or "") for message in named if message.get("role") == "function"]
    return frozenset((*called(completion), *names, *old)) - {""}


def is_forced(request: ChatRequest) -> bool:
    """Whether the caller forced one function: by its name, or as the only one where a call is required."""
    choice = request.params.get("tool_choice", request.params.get("function_call"))
    if isinstance(choice, dict):
        return bool(_name(choice.get("function")) or _name(choice))
    tools = request.params.get("tools")
    return choice == "required" and isinstance(tools, list) and len(tools) == 1


def may_repeat(completion: Completion, request: ChatRequest, *, read_only: Collection[str], free: bool) -> bool:
    """
    Whether an answer may be given again: it calls nothing, or a forced or read-only function.

    With `free`, the operator's setting, it may call any.
    """
    names = called(completion)
    return not names or free or is_forced(request) or all(name in read_only for name in names)


def is_compared(completion: Completion, read_only: Collection[str]) -> bool:
    """Whether an answer may be found by meaning: it calls nothing but read-only functions."""
    return all(name in read_only for name in called(completion))


def are_sound(completion: Completion, request: ChatRequest) -> bool:
    """Whether every call names an offered function, and its arguments are a JSON object."""
    tools = request.params.get("tools")
    offered = tools if isinstance(tools, list) else []
    known = {_name(tool.get("function")) for tool in offered if isinstance(tool, dict)}
    return all(_is_sound(call, known) for call in _calls(completion.message))


def answer_characters(completion: Completion) -> int:
    """Return the length of an answer's text and of all arguments of its calls."""
    if "tool_calls" not in completion.message:
        return len(completion.text)
    functions = [call.get("function") if isinstance(call, dict) else None for call in _calls(completion.message)]
    arguments = (each.get("arguments") for each in functions if isinstance(each, dict))
    return len(completion.text) + sum(len(str(each or "")) for each in arguments)


def _is_sound(call: Json, known: Collection[str]) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return True  # a custom tool, whose input is text
    text = str(function.get("arguments") or "{}")
    if len(text) > LONGEST_JSON:
        return False
    try:
        arguments = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(arguments, dict) and (not known or _name(function) in known)


def asked_text(request: ChatRequest) -> str:
    """Return what the user asked last, also where results of tools follow."""
    for message in reversed(request.messages):
        if message.get("role") not in RESULTS and message.get("role") != "assistant":
            return text_of(message.get("content"))
    return ""


def _calls(message: Mapping[str, Json]) -> list[Json]:
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _id(call: Json) -> str:
    id_ = call.get("id") if isinstance(call, dict) else None
    return id_ if isinstance(id_, str) else ""


def _name(function: Json) -> str:
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""
