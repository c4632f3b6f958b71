"""The latest requests and served hits of all instances, in Redis: sealed texts in one capped stream of each owner."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple, cast
from zlib import crc32

from sentinel_core.errors import CorruptEntryError, ForgedEntryError, StoreError
from sentinel_core.stores.redis import key_names, ring_rows
from sentinel_core.stores.redis.cargo import Load
from sentinel_core.stores.redis.connection import Command, Reply, checked, listed
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import stamp, text_of
from sentinel_core.stores.redis.ring_queue import Kind, Line, RingQueue, Row
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.sealing import SealedTexts, derived, seal
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.shared_rings import SeenHit, Verdict, Whose
from sentinel_core.telemetry.sums import SeenRequest

KEPT: dict[Kind, int] = {"requests": 500, "hits": 100}
"""Rows of one owner in Redis: at most about 0.5 MB of requests, and 0.7 MB of hits."""

MOST_OWNERS = 64
"""Owners in Redis: at most about 80 MB. The owners without a request for longest are evicted."""

KEEP_SECONDS = 7 * 86_400
MOST_READ = 2_000
"""Rows that one view reads."""

_REFRESH_SECONDS = 1_800.0
_MOST_TEXTS = 200
_BATCH, _VERDICT = "b", "v"
_VERDICTS = ("right", "wrong_match", "wrong_answer")


class _Item(NamedTuple):
    """One item of a stream: its id, whose it is, its field and its text."""

    at: tuple[int, int]
    line: Line
    key: str
    field: str
    text: str


class RedisRings:
    """
    `SharedRings` in Redis, and a `Queue`: rows travel with later round trips, and those of a failed one are lost.

    A text goes once a writer of its namespace is erased, even with rows of others: a hit shows another writer's answer.
    Forged texts and those that are no rows go to `faults`.
    """

    def __init__(self, trips: Trips, secret: bytes, cipher: Cipher | None, faults: Faults, clock: Clock) -> None:
        self._trips = trips
        self._secret = secret
        self._cipher = cipher
        self._faults = faults
        self._clock = clock
        self._queue = RingQueue()
        self._texts = SealedTexts(secret, "rings")
        self._names: BoundedMap[Whose, Whose] = BoundedMap(1_000)
        self._listed: BoundedMap[Line, float] = BoundedMap(1_000)
        self._sent: BoundedMap[tuple[str, str], deque[str]] = BoundedMap(1_000)
        trips.queues.append(self)

    def __len__(self) -> int:
        """Return the number of rows that wait here."""
        return len(self._queue)

    def note(self, whose: Whose, seen: SeenRequest) -> None:
        self._queue.add(Line(self._hidden(whose), "requests"), (0, seen), self._clock.monotonic())

    def note_hit(self, whose: Whose, hit: SeenHit) -> None:
        self._queue.add(Line(self._hidden(whose), "hits"), (secrets.randbits(52) or 1, hit), self._clock.monotonic())

    def erase(self, namespace: str) -> None:
        """Forget the rows that wait, and take back the texts that were sent while the erasure was not known here."""
        self._queue.erase(namespace)
        for place in [place for place in self._sent if place[0] == namespace]:
            if (ids := self._sent.pop(place)) is not None:
                self._trips.later([("XDEL", place[1], *ids)])

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        commands: list[Command] = []
        keys: list[tuple[str, str]] = []
        for line, rows in self._queue.take(now, is_flush=is_flush):
            key = _stream(line)
            keys.append((line.whose.namespace, key))
            commands.append(self._adding(line, _BATCH, ring_rows.encode(rows), _most(line.kind, rows)))
            if now - (self._listed.get(line) or -_REFRESH_SECONDS) >= _REFRESH_SECONDS:
                self._listed.put(line, now)
                commands += self._listing(line)
        return Load(commands, partial(self._unload, keys, commands)) if commands else None

    async def requests(self, whose: Whose | None, *, after: int) -> Sequence[tuple[int, SeenRequest]]:
        found: list[tuple[int, SeenRequest]] = []
        for item in await self._items(whose, "requests", since=after >> 12):
            for index, (_, seen) in enumerate(self._read_requests(item)):
                found.append((_number(item, index), seen))
            if len(found) >= MOST_READ:
                break
            await asyncio.sleep(0)
        return sorted((each for each in found if each[0] > after), key=lambda each: -each[0])

    async def hits(self, whose: Whose | None) -> Sequence[tuple[int, SeenHit]]:
        found: list[tuple[int, SeenHit]] = []
        verdicts: dict[tuple[Whose, int], Verdict] = {}
        for item in await self._items(whose, "hits"):
            if item.field == _VERDICT:
                for number, verdict in self._read_verdict(item):
                    verdicts.setdefault((item.line.whose, number), verdict)
                continue
            for number, hit in self._read_hits(item):
                hit.verdict = verdicts.get((item.line.whose, number))
                found.append((number, hit))
            if len(found) >= MOST_READ:
                break
            await asyncio.sleep(0)
        return sorted(found, key=lambda each: -each[1].at)

    async def judge(self, whose: Whose, number: int, verdict: Verdict) -> bool:
        line = Line(self._hidden(whose), "hits")
        adding = self._adding(line, _VERDICT, json.dumps([number, verdict]), KEPT["hits"])
        [at] = checked(await self._trips.run([adding]))
        judged = [
            item.at
            for item in await self._items(whose, "hits")
            if item.field == _VERDICT and any(each == number for each, _ in self._read_verdict(item))
        ]
        return not judged or min(judged) == stamp(at)

    def _adding(self, line: Line, field: str, text: str, most: int) -> Command:
        return "XADD", _stream(line), "MAXLEN", str(most), "*", field, self._sealed(line, field, text)

    def _listing(self, line: Line) -> list[Command]:
        """Name the owner among those that the operator sees, and read those that are too many."""
        return [
            ("EXPIRE", _stream(line), str(KEEP_SECONDS)),
            ("ZADD", key_names.RINGS, f"{self._clock.now():.3f}", " ".join(line.whose)),
            ("EXPIRE", key_names.RINGS, str(KEEP_SECONDS)),
            ("ZRANGE", key_names.RINGS, "0", str(-MOST_OWNERS - 1)),
        ]

    def _unload(
        self, keys: Sequence[tuple[str, str]], commands: Sequence[Command], replies: Sequence[Reply] | None
    ) -> None:
        if replies is None:
            return
        added = [reply for command, reply in zip(commands, replies, strict=False) if command[0] == "XADD"]
        for place, at in zip(keys, added, strict=False):
            if isinstance(at, str):
                self._remember(place, at)
        if excess := {str(each) for reply in replies if isinstance(reply, list) for each in reply}:
            self._evict(sorted(excess))

    def _remember(self, place: tuple[str, str], at: str) -> None:
        sent = self._sent.get(place)
        if sent is None:
            sent = deque(maxlen=8)
            self._sent.put(place, sent)
        sent.append(at)

    def _evict(self, members: Sequence[str]) -> None:
        """Free the streams of the owners that asked last before all others."""
        keys = [_stream(Line(_whose(member), kind)) for member in members for kind in KEPT]
        self._trips.later([("ZREM", key_names.RINGS, *members), ("UNLINK", *keys)])

    async def _items(self, whose: Whose | None, kind: Kind, *, since: int = 0) -> list[_Item]:
        """Return the items of an owner's stream, or of all, the latest first; what waits here is sent before."""
        await self._trips.flush()
        owners = await self._owners() if whose is None else [self._hidden(whose)]
        count = str(max(4, _MOST_TEXTS // max(1, len(owners))))
        lines = [Line(each, kind) for each in owners]
        keys = [_stream(line) for line in lines]
        replies = await self._trips.run([("XREVRANGE", key, "+", str(since), "COUNT", count) for key in keys])
        await self._trips.catch_up()
        pages = zip(lines, keys, replies, strict=True)
        items = [item for line, key, reply in pages for item in _items_of(line, key, reply)]
        return sorted(items, key=lambda item: item.at, reverse=True)

    async def _owners(self) -> list[Whose]:
        [reply] = await self._trips.run([("ZRANGE", key_names.RINGS, "0", str(MOST_OWNERS - 1), "REV")])
        return [_whose(member) for member in listed(reply)]

    def _read_requests(self, item: _Item) -> list[tuple[int, SeenRequest]]:
        text = self._text(item)
        try:
            return [] if text is None else ring_rows.decode_requests(text)
        except CorruptEntryError:
            self._faults.note_corrupt(1)
            return []

    def _read_hits(self, item: _Item) -> list[tuple[int, SeenHit]]:
        text = self._text(item)
        try:
            return [] if text is None else ring_rows.decode_hits(text)
        except CorruptEntryError:
            self._faults.note_corrupt(1)
            return []

    def _read_verdict(self, item: _Item) -> Iterator[tuple[int, Verdict]]:
        text = self._text(item)
        if text is not None:
            number, verdict = json.loads(text)  # sealed, hence ours
            if verdict in _VERDICTS:
                yield number, cast("Verdict", verdict)

    def _text(self, item: _Item) -> str | None:
        """Open a text; None for one that is erased, forged or not ours."""
        namespace = item.line.whose.namespace
        try:
            opened = self._texts.open(namespace, _place(item.line, item.field), item.text)
            written, _, text = opened.partition(" ")
            if self._trips.purges.has_erased(stamp(written), namespace):
                self._trips.later([("XDEL", item.key, text_of(item.at))])
                return None
            return text if self._cipher is None else self._cipher.decrypt(namespace, item.key, text)
        except ForgedEntryError:
            self._faults.note_forged_text(namespace)
            return None
        except (CorruptEntryError, ValueError):
            self._faults.note_corrupt(1)
            return None

    def _hidden(self, whose: Whose) -> Whose:
        """Put a pseudonym in a tenant's place: names of keys tell no reader of Redis who there is."""
        if not whose.tenant:
            return whose
        hidden = self._names.get(whose)
        if hidden is None:
            hidden = Whose(whose.namespace, seal(derived(self._secret, "ring-owners"), whose.namespace, whose.tenant))
            self._names.put(whose, hidden)
        return hidden

    def _sealed(self, line: Line, field: str, text: str) -> str:
        if self._cipher is not None:
            text = self._cipher.encrypt(line.whose.namespace, _stream(line), text)
        text = f"{text_of(self._trips.purges.last)} {text}"
        return self._texts.close(line.whose.namespace, _place(line, field), text)


def _place(line: Line, field: str) -> str:
    return f"{_stream(line)} {field}"


def _stream(line: Line) -> str:
    return key_names.ring(line.whose.namespace, line.whose.tenant, line.kind)


def _whose(member: Reply) -> Whose:
    namespace, _, tenant = str(member).partition(" ")
    return Whose(namespace, tenant)


def _most(kind: Kind, rows: Sequence[Row]) -> int:
    """Return the items of a stream that hold as many rows as one owner may have, if all have as many as this one."""
    return min(_MOST_TEXTS, max(1, KEPT[kind] // len(rows)))


def _number(item: _Item, index: int) -> int:
    """Return a request's number: Redis's milliseconds, then the place of the row; below 2**53 until 2039."""
    time, sequence = item.at
    return time << 12 | ((sequence ^ crc32(item.key.encode())) & 63) << 6 | (index & 63)


def _items_of(line: Line, key: str, reply: Reply) -> Iterator[_Item]:
    if isinstance(reply, StoreError):
        return
    for each in listed(reply):
        at, fields = listed(each, 2)
        name, text, *_ = [str(part) for part in listed(fields)]
        yield _Item(stamp(at), line, key, name, text)
