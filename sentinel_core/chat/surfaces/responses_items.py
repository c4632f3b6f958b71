"""Items of a provider's own response: under names of ours, and as the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sentinel_core.chat.messages import Chunk, Json
from sentinel_core.chat.streaming import RESPONSES

_KIND = re.compile(r"[a-z]{1,8}(?=_)")
_EMPTY: Mapping[str, Mapping[str, Json]] = {
    "message": {"status": "in_progress", "content": []},
    "reasoning": {"summary": []},
    "function_call": {"status": "in_progress", "arguments": ""},
    "custom_tool_call": {"input": ""},
    "web_search_call": {"status": "in_progress"},
    "file_search_call": {"status": "in_progress", "results": None},
}
_SEARCHES = ("web_search_call", "file_search_call")


@dataclass(slots=True)
class OwnNames:
    """
    Puts our ids into a provider's response, whose own name nothing in this gateway.

    `id` is unique text; `fields` replace those of the response. An item is named by its kind, `id` and its place.
    """

    id: str
    fields: Mapping[str, Json]
    _names: dict[str, str] = field(default_factory=dict)

    def event(self, event: Mapping[str, Any]) -> dict[str, Json]:
        """Return one event of a stream."""
        shown = dict(event)
        if isinstance(event.get("response"), dict):
            shown["response"] = self.response(event["response"])
        if isinstance(event.get("item"), dict):
            shown["item"] = self.item(event["item"], event.get("output_index"))
        named = event.get("item_id")
        if isinstance(named, str):
            shown["item_id"] = self._names.get(named, named)
        return shown

    def response(self, response: Mapping[str, Any]) -> dict[str, Json]:
        """Return a response."""
        output = response.get("output")
        items = output if isinstance(output, list) else []
        named = [self.item(each, at) if isinstance(each, dict) else each for at, each in enumerate(items)]
        return {**response, **self.fields, "output": named}

    def item(self, item: Mapping[str, Any], place: Any) -> dict[str, Json]:
        """Return an item; one without an id stays so."""
        given = item.get("id")
        if not isinstance(given, str):
            return dict(item)
        kind = _KIND.match(given)
        own = f"{kind[0] if kind else 'item'}_{self.id}_{place if isinstance(place, int) else len(self._names)}"
        return {**item, "id": self._names.setdefault(given, own)}


def items_in(chunk: Chunk) -> list[dict[str, Any]] | None:
    """Return the provider's items that the first chunk of a replay holds; None where it has none."""
    choices = chunk.get("choices") or [{}]
    native = (choices[0].get("delta") or {}).get(RESPONSES)
    items = native.get("output") if isinstance(native, dict) else None
    return items if isinstance(items, list) and all(isinstance(item, dict) for item in items) else None


def item_events(item: Mapping[str, Any], place: int) -> Iterator[dict[str, Json]]:
    """Yield the events of one whole item, in the order in which OpenAI streams it."""
    kind, at = str(item.get("type")), {"item_id": item.get("id"), "output_index": place}
    begun = {name: _EMPTY.get(kind, {}).get(name, value) for name, value in item.items()}
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    if kind in _SEARCHES:
        for step in ("in_progress", "searching", "completed"):
            yield {"type": f"response.{kind}.{step}", **at}
    elif kind == "function_call":
        yield from _whole("function_call_arguments", at, "arguments", item.get("arguments"), name=item.get("name"))
    elif kind == "custom_tool_call":
        yield from _whole("custom_tool_call_input", at, "input", item.get("input"))
    elif kind in ("message", "reasoning"):
        yield from _parts_of(item, kind, at)
    yield {"type": "response.output_item.done", "output_index": place, "item": dict(item)}


def _whole(event: str, at: Mapping[str, Json], field: str, text: Any, **more: Json) -> Iterator[dict[str, Json]]:
    yield {"type": f"response.{event}.delta", **at, "delta": text}
    yield {"type": f"response.{event}.done", **at, field: text, **more}


def _parts_of(item: Mapping[str, Any], kind: str, at: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    is_thought = kind == "reasoning"
    parts = item.get("summary" if is_thought else "content")
    for number, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict):
            yield from _part(part, {**at, "summary_index" if is_thought else "content_index": number}, is_thought)


def _part(part: Mapping[str, Any], at: Mapping[str, Json], is_thought: bool) -> Iterator[dict[str, Json]]:
    name = "refusal" if part.get("type") == "refusal" else "text"
    holder = "reasoning_summary_part" if is_thought else "content_part"
    said = "reasoning_summary_text" if is_thought else "refusal" if name == "refusal" else "output_text"
    logprobs: dict[str, Json] = {"logprobs": part.get("logprobs") or []} if said == "output_text" else {}
    annotations = part.get("annotations")
    noted = annotations if isinstance(annotations, list) else []
    empty: dict[str, Json] = {"annotations": []} if "annotations" in part else {}
    yield {"type": f"response.{holder}.added", **at, "part": {**part, name: "", **empty}}
    yield {"type": f"response.{said}.delta", **at, "delta": part.get(name), **logprobs}
    for number, annotation in enumerate(noted):
        noting: dict[str, Json] = {"annotation_index": number, "annotation": annotation}
        yield {"type": "response.output_text.annotation.added", **at, **noting}
    yield {"type": f"response.{said}.done", **at, name: part.get(name), **logprobs}
    yield {"type": f"response.{holder}.done", **at, "part": dict(part)}
