"""A chat stream as the events of OpenAI's Responses API, and the response they build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sentinel_core.chat.messages import LONGEST_JSON, Chunk, Json, Usage
from sentinel_core.chat.surfaces.deltas import CallPiece, DeltaReader, Piece
from sentinel_core.chat.surfaces.finish import CUT, FILTERED
from sentinel_core.chat.surfaces.responses_items import OwnNames, item_events, items_in
from sentinel_core.chat.surfaces.responses_to_chat import ENDED, EVENT

Event: TypeAlias = dict[str, Json]
Item: TypeAlias = dict[str, Json]


@dataclass(slots=True)
class ResponseEvents:
    """
    Writes one response; `frame` holds the fields known before it begins, `id` is unique text for its items.

    Call `begin`, then `add` for each chunk, then `end`: in this order they yield a valid stream, and `response` is
    the whole answer. Calls that arrive one after the other are ended one after the other, as OpenAI does. The events
    and items of a provider that speaks this API are written as they are, under our ids.
    """

    frame: Mapping[str, Json]
    id: str
    output: list[Json] = field(default_factory=list)
    _open: Item | None = None
    _text: list[str] = field(default_factory=list)
    _calls: dict[int, tuple[int, Item, list[str]]] = field(default_factory=dict)
    _reader: DeltaReader = field(default_factory=DeltaReader)
    _finish_reason: str = ""
    _usage: Usage | None = None
    _number: int = -1
    _model: str = ""
    _names: OwnNames | None = None
    _own: dict[str, Json] | None = None
    _has_items: bool = False

    def begin(self) -> Iterator[Event]:
        """Yield nothing: the first events name the model that answers, which the first chunk tells."""
        return iter(())

    def add(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the events of one chunk."""
        if self._names is not None or EVENT in chunk:
            yield from self._pass_on(chunk.get(EVENT))
            return
        yield from self._begin(chunk)
        piece = self._reader.read(chunk)
        self._finish_reason = piece.finish_reason or self._finish_reason
        self._usage = piece.usage or self._usage
        if self._has_items:
            return
        if piece.thought:
            yield from self._think(piece.thought)
        if piece.text or piece.refusal or piece.annotations:
            yield from self._say(piece)
        for call in piece.calls:
            yield from self._call(call)

    def end(self, billed: Usage | None = None) -> Iterator[Event]:
        """Yield the last events; `billed` is the usage of this request where the chunks did not say."""
        if self._own is not None:
            return
        yield from self._begin({})
        yield from self._close_item()
        yield from self._end_calls(is_last=True)
        self._usage = self._usage or billed
        response = self.response()
        yield self._event(f"response.{response['status']}", response=response)

    def failed(self, error: Mapping[str, Json]) -> Event:
        """Return the event that ends a broken stream; `error` is OpenAI's error object."""
        named = {name: error.get(name) for name in ("code", "message", "param")}
        return self._event("error", **named, error=dict(error))

    def response(self) -> dict[str, Json]:
        """Return the response as it is so far."""
        if self._own is not None:
            return self._own
        reason = self._finish_reason.casefold()
        why = "max_output_tokens" if reason in CUT else "content_filter" if reason in FILTERED else None
        details: Json = None if why is None else {"reason": why}
        status = "completed" if why is None else "incomplete"
        used = None if self._usage is None else written_usage(self._usage)
        ended: Event = {"status": status, "incomplete_details": details, "output": self.output, "usage": used}
        return {**self.frame, "model": self._model or self.frame.get("model"), **ended}

    def _begin(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the first events, once."""
        if self._number >= 0:
            return
        answered = chunk.get("model")
        self._model = answered if isinstance(answered, str) else ""
        begun: Event = {**self.response(), "status": "in_progress", "output": [], "usage": None}
        yield self._event("response.created", response=begun)
        yield self._event("response.in_progress", response=begun)
        items = items_in(chunk)
        if items is not None:
            self._has_items, names = True, self._own_names()
            for place, item in enumerate(items):
                named = names.item(item, place)
                self.output.append(named)
                yield from (self._numbered(event) for event in item_events(named, place))

    def _own_names(self) -> OwnNames:
        fields = ("id", "previous_response_id", "store")
        return OwnNames(self.id, {name: self.frame[name] for name in fields if name in self.frame})

    def _pass_on(self, event: Any) -> Iterator[Event]:
        """Yield a provider's own event."""
        self._names = self._names or self._own_names()
        if isinstance(event, dict):
            shown, number = self._names.event(event), event.get("sequence_number")
            self._number = number if isinstance(number, int) else self._number
            response = shown.get("response")
            if isinstance(response, dict) and str(response.get("status")) in ENDED:
                self._own = response
            yield shown

    def _event(self, kind: str, **fields: Json) -> Event:
        return self._numbered({"type": kind, **fields})

    def _numbered(self, event: Event) -> Event:
        self._number += 1
        return {"type": event["type"], "sequence_number": self._number, **event}

    def _think(self, thought: str) -> Iterator[Event]:
        if self._open is None or self._open["type"] != "reasoning":
            yield from self._open_item({"id": self._item_id("rs"), "type": "reasoning", "summary": []})
            part: Json = {"type": "summary_text", "text": ""}
            yield self._at("response.reasoning_summary_part.added", summary_index=0, part=part)
        self._text.append(thought)
        yield self._at("response.reasoning_summary_text.delta", summary_index=0, delta=thought)

    def _say(self, piece: Piece) -> Iterator[Event]:
        kind, name, said = (
            ("refusal", "refusal", piece.refusal) if piece.refusal else ("output_text", "text", piece.text)
        )
        if self._open is None or self._open["type"] != "message" or (said and self._kind() != kind):
            item: Item = {
                "id": self._item_id("msg"), "type": "message", "status": "in_progress", "role": "assistant",
                "content": [],
            }  # fmt: skip
            yield from self._open_item(item)
            part = _part(kind, name, "")
            item["content"] = [part]
            yield self._at("response.content_part.added", content_index=0, part=dict(part))
        if said:
            self._text.append(said)
            yield self._at(f"response.{kind}.delta", content_index=0, delta=said, **_logprobs(kind))
        yield from self._annotate(piece)

    def _annotate(self, piece: Piece) -> Iterator[Event]:
        known: Any = self._part().get("annotations")
        for annotation in piece.annotations if isinstance(known, list) else ():
            known.append(flat_annotation(annotation))
            yield self._at(
                "response.output_text.annotation.added", content_index=0, annotation_index=len(known) - 1,
                annotation=known[-1],
            )  # fmt: skip

    def _call(self, call: CallPiece) -> Iterator[Event]:
        if call.index not in self._calls:
            yield from self._close_item()
            yield from self._end_calls()
            item: Item = {
                "id": self._item_id("fc"), "type": "function_call", "status": "in_progress", "arguments": "",
                "call_id": call.id or f"call_{self.id}_{call.index}", "name": call.name,
            }  # fmt: skip
            number = len(self.output)
            self.output.append(item)
            self._calls[call.index] = (number, item, [])
            yield self._event("response.output_item.added", output_index=number, item=dict(item))
        number, item, written = self._calls[call.index]
        if call.arguments and item["status"] != "completed":
            written.append(call.arguments)
            yield self._event(
                "response.function_call_arguments.delta", item_id=item["id"], output_index=number, delta=call.arguments
            )

    def _end_calls(self, *, is_last: bool = False) -> Iterator[Event]:
        """End the calls whose arguments are whole, and at last all: providers may write several in turns."""
        for number, item, written in self._calls.values():
            if item["status"] != "completed" and (is_last or _may_be_whole(written)):
                arguments = "".join(written)
                if is_last or _is_whole(arguments):
                    yield from self._end_call(number, item, arguments)

    def _end_call(self, number: int, item: Item, arguments: str) -> Iterator[Event]:
        item |= {"arguments": arguments, "status": "completed"}
        yield self._event(
            "response.function_call_arguments.done", item_id=item["id"], output_index=number, arguments=arguments,
            name=item["name"],
        )  # fmt: skip
        yield self._event("response.output_item.done", output_index=number, item=dict(item))

    def _open_item(self, item: Item) -> Iterator[Event]:
        yield from self._close_item()
        self._open = item
        self.output.append(item)
        yield self._event("response.output_item.added", output_index=len(self.output) - 1, item=dict(item))

    def _close_item(self) -> Iterator[Event]:
        item, text = self._open, "".join(self._text)
        if item is None:
            return
        if item["type"] == "reasoning":
            done: Json = {"type": "summary_text", "text": text}
            item["summary"] = [done]
            yield self._at("response.reasoning_summary_text.done", summary_index=0, text=text)
            yield self._at("response.reasoning_summary_part.done", summary_index=0, part=done)
        else:
            yield from self._close_message(item, text)
        yield self._event("response.output_item.done", output_index=len(self.output) - 1, item=dict(item))
        self._open, self._text = None, []

    def _close_message(self, item: Item, text: str) -> Iterator[Event]:
        part, kind = self._part(), self._kind()
        name = "refusal" if kind == "refusal" else "text"
        part[name] = text
        item["status"] = "completed"
        done: dict[str, Json] = {name: text, **_logprobs(kind)}
        yield self._at(f"response.{kind}.done", content_index=0, **done)
        yield self._at("response.content_part.done", content_index=0, part=dict(part))

    def _at(self, kind: str, **fields: Json) -> Event:
        """Return an event of the open item."""
        item = self._open or {}
        return self._event(kind, item_id=item.get("id"), output_index=len(self.output) - 1, **fields)

    def _part(self) -> dict[str, Json]:
        content = (self._open or {}).get("content")
        first = content[0] if isinstance(content, list) and content else None
        return first if isinstance(first, dict) else {}

    def _kind(self) -> str:
        return str(self._part().get("type"))

    def _item_id(self, kind: str) -> str:
        return f"{kind}_{self.id}_{len(self.output)}"


def _may_be_whole(written: Sequence[str]) -> bool:
    """Whether the last piece may end an object: to join and parse long arguments at each new call takes minutes."""
    last = written[-1].rstrip() if written else ""
    return not last or last.endswith("}")


def _is_whole(arguments: str) -> bool:
    """Return whether arguments are a whole JSON object, after which nothing but blanks can come."""
    if len(arguments) > LONGEST_JSON:
        return False  # such a call ends with the answer
    if not (arguments.lstrip().startswith("{") and arguments.rstrip().endswith("}")):
        return False
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True


def _part(kind: str, name: str, text: str) -> dict[str, Json]:
    return {"type": kind, name: text, **({"annotations": [], "logprobs": []} if kind == "output_text" else {})}


def _logprobs(kind: str) -> dict[str, Json]:
    return {"logprobs": []} if kind == "output_text" else {}


def flat_annotation(annotation: Mapping[str, Json]) -> dict[str, Json]:
    """Chat nests a citation's fields under its type (`url_citation`); Responses does not."""
    kind = annotation.get("type")
    nested = annotation.get(kind) if isinstance(kind, str) else None
    return {"type": kind, **nested} if isinstance(nested, dict) else dict(annotation)


def written_usage(usage: Usage) -> dict[str, Json]:
    """Write usage as the Responses API does."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }
