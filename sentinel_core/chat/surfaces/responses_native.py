"""A Responses request for a provider that speaks that API: as it came, without names of the gateway's account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sentinel_core.chat.messages import Json
from sentinel_core.chat.surfaces.fields import Fields, refuse

_OURS = frozenset({"provider", "stream", "store", "previous_response_id", "input"})
_NAMED_BY_US = frozenset(
    {"message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"}
)
"""Items whose ids are this gateway's, or mean nothing to a provider that keeps no response."""
_IN_THE_ACCOUNT = frozenset({"file_id", "file_ids", "vector_store_ids", "container_id"})
_SHARED = "is kept in the provider's account, which all callers of this gateway share"
_DEEPEST = 8


def check_account(body: Fields) -> None:
    """Raise InvalidRequestError for a name of something that the provider keeps for its account."""
    for name in ("conversation", "prompt"):
        if body.get(name) is not None:
            refuse(name, _SHARED)
    for tool in body.children("tools"):
        if tool.get("type") == "function":
            continue
        if isinstance(tool.get("container"), str):
            refuse(tool.at("container"), _SHARED)
        _check(tool)
    for item in body.children("input") if isinstance(body.get("input"), list) else ():
        if item.get("type") != "code_interpreter_call":  # it is left out
            _check(item)


def _check(holder: Fields) -> None:
    found = next(_account_paths(holder.value, holder.path, 0), None)
    if found is not None:
        refuse(found, _SHARED)


def _account_paths(value: Any, path: str, depth: int) -> Iterator[str]:
    """Yield the paths of names in the account, down to `_DEEPEST` steps, where OpenAI's have three."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name in _IN_THE_ACCOUNT and each:
                yield f"{path}.{name}"
            if name == "annotations":  # of answers that come back: they name, and give access to nothing
                continue
            yield from _account_paths(each, f"{path}.{name[:64]}", depth + 1)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _account_paths(each, f"{path}[{number}]", depth + 1)


def as_items(given: Json) -> list[Json]:
    """Return `input` as items."""
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [{"role": "user", "content": given}]


def body_of(body: Fields, earlier: Sequence[Json]) -> dict[str, Json]:
    """
    Return the request as the provider gets it; `earlier` are the items of the conversation before it.

    The provider keeps nothing (`store`), so that thoughts which are not sealed mean nothing to it and are left out.
    """
    own = {name: value for name, value in body.value.items() if name not in _OURS}
    given = body.get("input")
    is_text = isinstance(given, str) and not earlier
    items: list[Json] = [sent for item in [*earlier, *as_items(given)] if (sent := _sent(item)) is not None]
    return {**own, "input": given if is_text else items, "store": False}


def _sent(item: Json) -> Json:
    if not isinstance(item, dict):
        return item
    kind = str(item.get("type", "message"))
    if kind == "code_interpreter_call" or (kind == "reasoning" and not item.get("encrypted_content")):
        return None
    # A message with a status and no id is neither of the two forms that OpenAI describes.
    left_out = ("id", "status") if kind == "message" else ("id",)
    return {name: value for name, value in item.items() if name not in left_out} if kind in _NAMED_BY_US else item
