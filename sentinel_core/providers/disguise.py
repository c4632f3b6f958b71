"""Placeholders for the personal data of one request, and the way back from them in its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sentinel_core.cache.personal_data import Found, Kind, apart, find
from sentinel_core.chat.messages import ChatRequest, Completion, Json, Native
from sentinel_core.errors import ProviderRejectedError

MOST_CHARACTERS = 262_144
"""Characters of one request that are searched: half a second of one core."""

_LONGEST_PLACEHOLDER = 40
_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,38}\]")

_PIECE, _OVERLAP, _NUMBER = 16_384, 4_096, 64
_ARGUMENTS = "arguments"
_UNTOUCHED = frozenset({"role", "id", "type", "name", "index", "finish_reason", "tool_call_id"})
"""Fields whose values name things of the API; what they hold is no text."""


@dataclass(frozen=True, slots=True)
class Disguise:
    """
    The personal data of one request by placeholders such as `[card-1]`; equal data has one placeholder.

    `texts` are the request's texts with data, as they are sent.
    """

    originals: Mapping[str, str]
    texts: Mapping[str, str]

    def hidden(self, request: ChatRequest) -> ChatRequest:
        """Return the request as the provider gets it."""
        return replace(
            request,
            messages=tuple(cast("Mapping[str, Json]", self._walked(message)) for message in request.messages),
            params=cast("Mapping[str, Json]", self._walked(request.params)),
            hints=cast("Mapping[str, Json]", self._walked(request.hints)),
            native=self._native(request.native),
        )

    def _native(self, native: Native | None) -> Native | None:
        """Return the request in another API's words; its events are not passed on, for they hold placeholders."""
        if native is None:
            return None
        return replace(native, body=cast("Mapping[str, Json]", self._walked(native.body)), is_passed_on=False)

    def revealed(self, completion: Completion) -> Completion:
        """Return the answer with the data in place of the placeholders."""
        message, body = self.shown(completion.message), self.shown(completion.body)
        return replace(completion, message=message, body=body)

    def shown(self, value: Any, *, is_json: bool = False) -> Any:
        """Put the data back in all texts of a value; in the arguments of calls, which are JSON, as JSON writes it."""
        if isinstance(value, str):
            return self.text(value, is_json=is_json)
        if isinstance(value, Mapping):
            return {
                name: each if name in _UNTOUCHED else self.shown(each, is_json=name == _ARGUMENTS)
                for name, each in value.items()
            }
        return [self.shown(each) for each in value] if isinstance(value, list) else value

    def text(self, text: str, *, is_json: bool = False) -> str:
        """Put the data back in one text, in one pass however many placeholders there are."""

        def original(found: re.Match[str]) -> str:
            data = self.originals.get(found[0])
            if data is None:
                return found[0]
            return json.dumps(data, ensure_ascii=False)[1:-1] if is_json else data

        return _PLACEHOLDER.sub(original, text) if "[" in text else text

    def begun(self, text: str) -> int:
        """Return where the beginning of a placeholder stands at the end of a text; its length if none does."""
        at = text.rfind("[", max(0, len(text) - _LONGEST_PLACEHOLDER))
        rest = text[at:]
        if at < 0 or "]" in rest:
            return len(text)
        return at if any(each.startswith(rest) for each in self.originals) else len(text)

    def _walked(self, value: Json | Mapping[str, Json]) -> Any:
        if isinstance(value, str):
            return self.texts.get(value, value)
        if isinstance(value, Mapping):
            return {name: self._walked(each) for name, each in value.items()}
        return [self._walked(each) for each in value] if isinstance(value, list) else value


def disguise(request: ChatRequest) -> Disguise | None:
    """
    Return placeholders for the personal data in a request's texts; None without any.

    Raises ProviderRejectedError for more than `MOST_CHARACTERS` of text.
    """
    own = {} if request.native is None else request.native.body
    texts = list(dict.fromkeys(_texts([*request.messages, request.params, request.hints, own])))
    if sum(map(len, texts)) > MOST_CHARACTERS:
        raise ProviderRejectedError(
            "messages: too long to be searched for personal data, which the gateway hides from providers",
            provider=request.provider,
            status=413,
            error={"type": "invalid_request_error", "param": "messages", "code": "personal_data_unread"},
        )
    found = {text: each for text in texts if (each := _found(text))}
    placeholders: dict[str, str] = {}
    everything = "\n".join(texts) if found else ""
    numbers = dict.fromkeys(Kind, 0)
    for text, each in found.items():
        for one in each:
            if (original := text[one.start : one.end]) not in placeholders:
                placeholders[original] = _placeholder(one.kind, numbers, everything)
    if not found:
        return None
    hidden = {text: _replaced(text, each, placeholders) for text, each in found.items()}
    return Disguise({placeholder: original for original, placeholder in placeholders.items()}, hidden)


def _placeholder(kind: Kind, numbers: dict[Kind, int], everything: str) -> str:
    """Return the next placeholder of a kind that the request does not contain by itself."""
    while True:
        numbers[kind] += 1
        name = f"[{kind}-{numbers[kind]}]"
        if name not in everything:
            return name


def _replaced(text: str, found: Sequence[Found], placeholders: Mapping[str, str]) -> str:
    pieces, end = [], 0
    for each in found:
        pieces += [text[end : each.start], placeholders[text[each.start : each.end]]]
        end = each.end
    return "".join([*pieces, text[end:]])


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts of a value but addresses of pictures and sound, which are data of another kind."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name not in _UNTOUCHED and not (isinstance(each, str) and each.startswith("data:")):
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _found(text: str) -> Sequence[Found]:
    """Return the personal data of a text, searched in pieces that overlap by the length of a private key."""
    pieces = [(start, min(len(text), start + _PIECE)) for start in range(0, len(text), _PIECE - _OVERLAP)]
    return apart([each for piece in pieces for each in _in_piece(text, *piece)])


def _in_piece(text: str, start: int, end: int) -> Iterator[Found]:
    """Search one piece; one with too many numbers is halved until it can be read."""
    found = find(text[start:end])
    if not any(each.kind is Kind.UNREAD for each in found):
        yield from (Found(start + each.start, start + each.end, each.kind) for each in found)
        return
    middle = (start + end) // 2
    yield from _in_piece(text, start, min(end, middle + _NUMBER))
    yield from _in_piece(text, middle, end)
