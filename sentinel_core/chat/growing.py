"""Values of a message that grow by the deltas of a stream, in time by what is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WHOLE = frozenset({"role", "id", "type", "name", "index", "format"})
"""Fields of a delta that are never sent in pieces: a second one replaces the first."""

_MOST_COMPARED = 64
"""Items of one index that a new one is compared with, the latest."""


def size_of(value: Any) -> int:
    """Count the characters of all strings; every other value counts as one."""
    size, waiting = 0, [value]  # not recursive: a provider may nest as deep as JSON allows
    while waiting:
        each = waiting.pop()
        size += len(each) if isinstance(each, str) else 1
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
    return size


class _Text(list[str]):
    """Pieces of one text: to join them at each chunk costs the square of their number."""


class _Fields(dict[str, Any]):
    """Fields that grow in place; chunks still belong to the caller."""


class _Items(list[Any]):
    """Items that grow in place, and their places by `index`."""

    def __init__(self, items: list[Any]) -> None:
        super().__init__()
        self._places: dict[int, list[int]] = {}
        self.extend_by(items)

    def extend_by(self, new: list[Any]) -> None:
        """Add the items of one chunk: they never meet each other, only those of earlier chunks, the latest first."""
        count = len(self)
        for item in new:
            place = next((place for place in self._meeting(item, count) if _meet(self[place], item)), None)
            if place is None:
                self._add(item)
            else:
                self[place] = joined("", self[place], item)

    def _meeting(self, item: Any, count: int) -> Iterator[int]:
        """Yield places of the first `count` items that the item may continue."""
        if not isinstance(item, dict):
            return iter(())
        if not isinstance(item.get("index"), int):
            return iter([count - 1] if count and _is_rest_of_call(item) else [])
        places = self._places.get(item["index"], [])[-_MOST_COMPARED:]
        return (place for place in reversed(places) if place < count)

    def _add(self, item: Any) -> None:
        if isinstance(item, dict) and isinstance(item.get("index"), int):
            self._places.setdefault(item["index"], []).append(len(self))
        self.append(item)


def joined(name: str, old: Any, new: Any) -> Any:
    """Return the old value grown by the new one; values of chunks are copied before they grow."""
    match old, new:
        case _, None:
            return old
        case ((_Text() | str()), str()):
            if name in WHOLE:
                return new or old
            old = old if isinstance(old, _Text) else _Text([old])
            old.append(new)
        case dict(), dict():
            old = old if isinstance(old, _Fields) else _Fields(old)
            for field, value in new.items():
                old[field] = joined(field, old.get(field), value)
        case list(), list() if not isinstance(old, _Text):
            old = old if isinstance(old, _Items) else _Items(old)
            old.extend_by(new)
        case _:
            return new
    return old


def plain(value: Any) -> Any:
    """Return a grown value as JSON; values that never grew are JSON already."""
    match value:
        case _Text():
            return "".join(value)
        case _Fields():
            return {name: plain(each) for name, each in value.items()}
        case _Items():
            return [plain(each) for each in value]
        case _:
            return value


def _meet(earlier: Any, item: Mapping[str, Any]) -> bool:
    """Two calls under one index are two where each has an id of its own; a piece without index continues the last."""
    if not isinstance(earlier, dict):
        return False
    return not _differ(earlier.get("type"), item.get("type")) and not _differ(earlier.get("id"), item.get("id"))


def _differ(one: Any, other: Any) -> bool:
    return bool(one) and bool(other) and one != other


def _is_rest_of_call(item: Mapping[str, Any]) -> bool:
    function = item.get("function")
    return not item.get("id") and isinstance(function, dict) and not function.get("name") and "arguments" in function
