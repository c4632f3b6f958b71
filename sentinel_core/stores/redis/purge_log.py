"""What was purged, and whether an entry was stored before that."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, TypeAlias

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge

Stamp: TypeAlias = tuple[int, int]
"""The id of an item in a Redis stream: given by the server, larger than all before it."""

FIRST: Stamp = (0, 0)
LOG_LENGTH = 10_000

_MARK = "purge"
"""The first field of each item."""

_Reach: TypeAlias = tuple[Stamp, float]
"""When a purge was made, and the creation time before which it covers entries."""


class PurgeLog:
    """
    One instance's copy of the purges, read from a Redis stream.

    An entry carries the stamp of the last purge its writer knew of. A later purge that covers it makes
    it a miss: no clock but the server's own ids takes part, unless a purge goes by age. The stream keeps
    `LOG_LENGTH` purges; an entry older than the first of a full log may have been covered by one that is
    gone, and is a miss too.
    """

    def __init__(self, length: int = LOG_LENGTH) -> None:
        self.last = FIRST
        self.length = length
        self._stamps: deque[Stamp] = deque(maxlen=length)
        self._reaching: dict[Purge, list[_Reach]] = {}

    def learn(self, items: Sequence[Any]) -> list[Purge]:
        """Take in what XRANGE returned and return the purges; raises ValueError for what is no item of a stream."""
        learned = [(stamp(item[0]), _purge(item[1])) for item in items]
        for at, purge in learned:
            if at > self.last:
                self._stamps.append(at)
                self.last = at
                self._note(at, purge)
        return [purge for _, purge in learned]

    def covers(self, written: Stamp, namespace: str, entry: Entry) -> bool:
        """Whether an entry with this stamp has been purged."""
        if len(self._stamps) == self.length and written < self._stamps[0]:
            return True
        reaching = (self._reaching.get(purge) for purge in _covering(namespace, entry))
        return any(reach is not None and _reaches(reach, written, entry.created) for reach in reaching)

    def start_of(self, namespace: str) -> Stamp:
        """Return the stamp of the last purge of this whole namespace: nothing older is left of it."""
        return max(self._last_whole(Purge()), self._last_whole(Purge(namespace)))

    def _note(self, at: Stamp, purge: Purge) -> None:
        """Keep only what some entry may still be covered by: a later purge that reaches as far covers more."""
        before = math.inf if purge.before is None else purge.before
        reaching = self._reaching.setdefault(replace(purge, before=None), [])
        while reaching and reaching[-1][1] <= before:
            reaching.pop()
        reaching.append((at, before))

    def _last_whole(self, purge: Purge) -> Stamp:
        at, before = self._reaching.get(purge, [(FIRST, math.inf)])[0]
        return at if before == math.inf else FIRST


def _reaches(reaching: Sequence[_Reach], written: Stamp, created: float) -> bool:
    """Of the purges after `written` the first reaches farthest."""
    later = bisect_right(reaching, written, key=itemgetter(0))
    return later < len(reaching) and created < reaching[later][1]


def stamp(text: Any) -> Stamp:
    """Raises ValueError for what is not the id of a stream's item."""
    if not isinstance(text, str):
        raise ValueError("not a stream id")  # noqa: TRY004  rubbish from outside, not a programmer's mistake
    time, _, sequence = text.partition("-")
    return int(time), int(sequence)


def text_of(stamp: Stamp) -> str:
    return f"{stamp[0]}-{stamp[1]}"


def item_of(purge: Purge) -> list[str]:
    """Write a purge as an item of the stream."""
    given = {"namespace": purge.namespace, "model": purge.model, "tag": purge.tag}
    given["before"] = None if purge.before is None else repr(purge.before)
    return [_MARK, "1", *(text for name, value in given.items() if value is not None for text in (name, value))]


def _purge(item: Sequence[Any]) -> Purge:
    """Raises ValueError for what is none: items of other streams are no purges of everything."""
    if item[0] != _MARK:
        raise ValueError("not a purge")
    named = {str(name): str(value) for name, value in zip(item[::2], item[1::2], strict=True)}
    before = named.get("before")
    return Purge(
        named.get("namespace"), named.get("model"), named.get("tag"), None if before is None else _time(before)
    )


def _time(text: str) -> float:
    """Raises ValueError for what is no time."""
    time = float(text)
    if not math.isfinite(time):
        raise ValueError("not a time")
    return time


def _covering(namespace: str, entry: Entry) -> Iterator[Purge]:
    yield Purge()
    yield Purge(namespace)
    yield Purge(namespace, model=entry.completion.model)
    for tag in entry.tags:
        yield Purge(namespace, tag=tag)
