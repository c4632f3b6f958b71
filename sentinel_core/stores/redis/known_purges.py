"""The log of purges, and whether an entry was stored before one that covers it."""

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
from sentinel_core.stores.shares import Shares

Stamp: TypeAlias = tuple[int, int]
"""The id of an item in a Redis stream: given by the server, larger than all before it."""

FIRST: Stamp = (0, 0)
LOG_LENGTH = 10_000

MERGE_FROM = 0.9
"""Share of a log's length from which on purges are merged."""

FEW_SHARE = 100
"""A namespace with less than one purge in this many is not asked to give way; then the oldest of all are merged."""

SLACK_SECONDS = 600.0
"""How far an instance's clock may be ahead of the server's, for the creation times of a merged purge."""

SPARE = 100
"""Items the stream may hold beyond its length, so that superfluous ones are deleted before a needed one is trimmed."""

_FLOOR = "\0floor"
"""The namespace of a mark, whose tag is the last item trimmed: to older versions a purge of nothing."""

_MARK = "purge"
"""The first field of each item."""

_Reach: TypeAlias = tuple[Stamp, float]
"""When a purge was made, and the creation time before which it covers entries."""


class PurgeLog:
    """
    One instance's copy of the purges, read from a Redis stream.

    An entry carries the stamp of the last purge its writer knew of. A later purge that covers it makes
    it a miss: no clock but the server's own ids takes part, unless a purge goes by age. The stream keeps
    `LOG_LENGTH` purges. Before it is full, the namespace with most purges has its oldest ones merged into one by
    age, so that no tenant's purges push out another's. Should the stream outgrow its length all the same, the writer
    that trims it adds a mark of the last item to go, the floor: for an instance that had not read so far, an entry
    older than that is a miss.
    """

    def __init__(self, length: int = LOG_LENGTH) -> None:
        self.last = FIRST
        self.length = length
        self._live: dict[Stamp, Purge] = {}
        self._spaces: dict[str, dict[Stamp, None]] = {}
        self._counts = Shares()
        self._reaching: dict[Purge, list[_Reach]] = {}
        self._newest: dict[tuple[str, str], tuple[Stamp, str]] = {}
        """The purges that keep a tag, by namespace and tag: entries stored later need the kept tag as well."""
        self._floor = FIRST
        self._superfluous: deque[Stamp] = deque(maxlen=length)
        """Purges that later ones made superfluous, and that may still be in the stream."""
        self._run: list[Stamp] = []
        """Stamps of the reading under way: as many as a full log holds say that older ones may be lost."""
        self._known = FIRST
        """The last item read before the reading under way: whatever was trimmed up to it is known here."""

    def __len__(self) -> int:
        return len(self._live)

    def learn(self, items: Sequence[Any], *, is_last: bool = True) -> list[Purge]:
        """
        Take in the reply of XRANGE and return the purges; `is_last` says that there are no more for now.

        Raise ValueError for anything but items of a stream.
        """
        learned = [(stamp(item[0]), _purge(item[1])) for item in items]
        fresh = [(at, purge) for at, purge in learned if at > self.last]
        for at, purge in fresh:
            self.last = at
            if purge.namespace == _FLOOR:
                self._raise_floor(stamp(purge.tag))
            else:
                self._note(at, purge)
        self._run += [at for at, _ in fresh]
        if len(self._run) >= self.length:
            self._floor = max(self._floor, self._run[0])
        if is_last:
            self._run, self._known = [], self.last
        return [purge for _, purge in learned if purge.namespace != _FLOOR]

    def covers(self, written: Stamp, namespace: str, entry: Entry) -> bool:
        """Whether an entry with this stamp has been purged."""
        if written < self._floor or self._is_outdated(namespace, entry):
            return True
        reaching = (self._reaching.get(purge) for purge in _covering(namespace, entry))
        return any(reach is not None and _reaches(reach, written, entry.created) for reach in reaching)

    def _is_outdated(self, namespace: str, entry: Entry) -> bool:
        """Whether an entry names another version of a document than the newest one."""
        if not self._newest:
            return False
        newest = (self._newest.get((namespace, tag)) for tag in entry.tags)
        return any(each is not None and each[1] not in entry.tags for each in newest)

    def erases(self, namespace: str, entry: Entry, within: float) -> bool:
        """Whether an entry's writer was erased at most `within` seconds before it was made, or since."""
        reaching = (self._reaching.get(purge) for purge in _erasing(namespace, entry))
        return any(reach is not None and entry.created - within < reach[-1][0][0] / 1000 for reach in reaching)

    def has_erased(self, written: Stamp, namespace: str) -> bool:
        """Whether a writer of a namespace was erased since, or may have been."""
        later = (at for at in self._spaces.get(namespace, ()) if at > written)
        return written < self._floor or any(self._live[at].is_erasure for at in later)

    def start_of(self, namespace: str) -> Stamp:
        """Return the stamp of the last purge of this whole namespace: nothing older is left of it."""
        return max(self._last_whole(Purge()), self._last_whole(Purge(namespace)))

    def room_for(self, purge: Purge) -> tuple[list[Purge], list[Stamp]]:
        """Return the items to write for a purge, itself first, and those it makes superfluous."""
        superseded = [*self._superseded(purge), *self._superfluous]
        self._superfluous.clear()
        if len(self._live) < self.length * MERGE_FROM:
            return [purge], superseded
        namespace = self._counts.largest() or ""
        stamps = list(self._spaces[namespace])
        if len(stamps) * FEW_SHARE < self.length:
            namespace, stamps = "", list(self._live)
        # Erasures stay: only by them do instances that were frozen learn what to forget.
        stamps = [at for at in stamps if not self._live[at].is_erasure]
        if not stamps:
            return [purge], superseded
        oldest = stamps[: max(1, len(stamps) // 2 if namespace else len(stamps) // 10)]
        merged = Purge(namespace or None, before=oldest[-1][0] / 1000 + SLACK_SECONDS)
        return [purge, merged], [*dict.fromkeys([*superseded, *oldest])]

    def _raise_floor(self, trimmed: Stamp) -> None:
        if trimmed > self._known:
            self._floor = max(self._floor, trimmed)

    def _note(self, at: Stamp, purge: Purge) -> None:
        for old in self._superseded(purge):
            self._forget(old)
            self._superfluous.append(old)
        self._live[at] = purge
        self._spaces.setdefault(purge.namespace or "", {})[at] = None
        self._counts.add(purge.namespace or "", 1)
        if purge.keeps is not None:
            self._newest[_document(purge)] = at, purge.keeps
        else:
            self._reaching.setdefault(_place(purge), []).append((at, _before(purge)))
        if len(self._live) > self.length:
            oldest = next(iter(self._live))
            self._forget(oldest)
            self._floor = max(self._floor, oldest)

    def _superseded(self, purge: Purge) -> list[Stamp]:
        """Return the purges that cover nothing which a new one does not: of its place, or narrower and old enough."""
        if purge.keeps is not None:
            newest = self._newest.get(_document(purge))
            return [] if newest is None else [newest[0]]
        before = _before(purge)
        same = [at for at, reach in self._reaching.get(_place(purge), []) if reach <= before]
        if _place(purge) != Purge(purge.namespace):
            return same
        among = self._live if purge.namespace is None else self._spaces.get(purge.namespace, {})
        return [*dict.fromkeys([*same, *(at for at in among if self._is_older(at, before))])]

    def _is_older(self, at: Stamp, before: float) -> bool:
        """
        Whether a purge of everything before that time says all that this one does.

        Of an erasure none does; of a document's newest version only the one that makes room in a full log.
        """
        old = self._live[at]
        is_said = not old.is_erasure and (old.keeps is None or before < math.inf)
        return is_said and at[0] / 1000 + SLACK_SECONDS <= before

    def _forget(self, at: Stamp) -> None:
        purge = self._live.pop(at)
        namespace, place = purge.namespace or "", _place(purge)
        del self._spaces[namespace][at]
        if not self._spaces[namespace]:
            del self._spaces[namespace]
        self._counts.add(namespace, -1)
        if purge.keeps is not None:
            if self._newest.get(_document(purge), (FIRST, ""))[0] == at:
                del self._newest[_document(purge)]
            return
        self._reaching[place].remove((at, _before(purge)))
        if not self._reaching[place]:
            del self._reaching[place]

    def _last_whole(self, purge: Purge) -> Stamp:
        at, before = self._reaching.get(purge, [(FIRST, math.inf)])[0]
        return at if before == math.inf else FIRST


def _place(purge: Purge) -> Purge:
    return replace(purge, before=None)


def _document(purge: Purge) -> tuple[str, str]:
    return purge.namespace or "", purge.tag or ""


def _before(purge: Purge) -> float:
    return math.inf if purge.before is None else purge.before


def _reaches(reaching: Sequence[_Reach], written: Stamp, created: float) -> bool:
    """Of the purges after `written` the first reaches farthest."""
    later = bisect_right(reaching, written, key=itemgetter(0))
    return later < len(reaching) and created < reaching[later][1]


def stamp(text: Any) -> Stamp:
    """Read the id of a stream's item; raise ValueError for any other text."""
    if not isinstance(text, str):
        raise ValueError("not a stream id")  # noqa: TRY004  rubbish from outside, not a programmer's mistake
    time, _, sequence = text.partition("-")
    return int(time), int(sequence)


def text_of(stamp: Stamp) -> str:
    return f"{stamp[0]}-{stamp[1]}"


def item_of(purge: Purge) -> list[str]:
    """Write a purge as an item of the stream."""
    given = {"namespace": purge.namespace, "model": purge.model, "tag": purge.tag}
    given |= {"author": purge.author, "key": purge.key, "keeps": purge.keeps}
    given["before"] = None if purge.before is None else repr(purge.before)
    return [_MARK, "1", *(text for name, value in given.items() if value is not None for text in (name, value))]


def floor_item(trimmed: Stamp) -> list[str]:
    """Write the mark that says which items of the stream are gone."""
    return item_of(Purge(_FLOOR, tag=text_of(trimmed)))


def _purge(item: Sequence[Any]) -> Purge:
    """Read a purge; raise ValueError for an item of another stream, lest it purge everything."""
    if item[0] != _MARK:
        raise ValueError("not a purge")
    named = {str(name): str(value) for name, value in zip(item[::2], item[1::2], strict=True)}
    before = named.get("before")
    return Purge(
        named.get("namespace"),
        named.get("model"),
        named.get("tag"),
        None if before is None else _time(before),
        named.get("author"),
        named.get("key"),
        named.get("keeps"),
    )


def _time(text: str) -> float:
    """Read a Unix time; raise ValueError for any other text."""
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
    yield from _erasing(namespace, entry)


def _erasing(namespace: str, entry: Entry) -> Iterator[Purge]:
    if entry.author is not None:
        yield Purge(namespace, author=entry.author)
    if entry.key:
        yield Purge(namespace, key=entry.key)
