"""Time series of all instances, in Redis: each instance writes its own sums of a step, and a reader adds them up."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load
from sentinel_core.stores.redis.connection import Command, Reply, paired
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.sealing import SealedTexts, derived, seal
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.series import KEPT, SECONDS, Point, Series, Step
from sentinel_core.telemetry.shared_rings import Settling

SEND_SECONDS = 30.0
MOST_OWNERS = 32
"""Owners whose sums travel with one round trip."""

BUCKET: dict[Step, int] = {"minute": 60, "hour": 24, "day": 16}
"""Points of one hash, which expires when the last of them is no longer shown."""

_KNOWN = 10_000


class RedisSeries:
    """
    `SharedSeries` in Redis, and a `Queue`: sums travel with a later round trip.

    A field is of one point of one instance, and is written as a whole, so that a lost reply counts nothing twice. A
    hash grows with the instances of its time: by about 0.5 kB for each of them and point.
    """

    def __init__(self, trips: Trips, secret: bytes, cipher: Cipher | None, faults: Faults, clock: Clock) -> None:
        self._trips = trips
        self._secret = secret
        self._texts = SealedTexts(secret, "series")
        self._cipher = cipher
        self._faults = faults
        self._now = clock.now
        self._source: Settling | None = None
        self._changed: dict[str, Series] = {}
        self._sent: BoundedMap[str, float] = BoundedMap(_KNOWN)
        self._expiring: BoundedMap[str, None] = BoundedMap(_KNOWN)
        self._names: BoundedMap[str, str] = BoundedMap(_KNOWN)
        self._at = -math.inf
        trips.queues.append(self)

    def follow(self, source: Settling) -> None:
        self._source = source

    def changed(self, tenant: str, series: Series) -> None:
        self._changed[tenant] = series

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        if self._source is None or not (is_flush or now - self._at >= SEND_SECONDS):
            return None
        self._source.settle()
        taken = {each: self._changed.pop(each) for each in list(islice(self._changed, MOST_OWNERS))}
        self._at = -math.inf if self._changed else now
        commands = [command for tenant, series in taken.items() for command in self._writing(tenant, series)]
        return Load(commands, partial(self._unload, taken, self._now(), commands)) if commands else None

    async def points(self, tenant: str, step: Step, since: float) -> Sequence[Point]:
        await self._trips.flush()
        width = BUCKET[step] * SECONDS[step]
        keys = [self._key(tenant, step, bucket) for bucket in range(int(since // width), int(self._now() // width) + 1)]
        replies = await self._trips.run([("HGETALL", key) for key in keys])
        merged: dict[int, Point] = {}
        for key, reply in zip(keys, replies, strict=True):
            for point in self._read(tenant, key, reply):
                merged.setdefault(point.at, Point(point.at)).add(point)
        return [merged[at] for at in sorted(merged) if at >= since]

    def _writing(self, tenant: str, series: Series) -> Iterator[Command]:
        """Write the points that changed since they were sent last."""
        now, sent = self._now(), self._sent.get(series.id) or 0.0
        for step, seconds in SECONDS.items():
            fields: dict[str, list[str]] = {}
            for point in series.points(step, now):
                if point.at >= sent // seconds * seconds:
                    key = self._key(tenant, step, point.at // (BUCKET[step] * seconds))
                    name = f"{series.id}:{point.at}"
                    fields.setdefault(key, []).extend((name, self._sealed(tenant, f"{key} {name}", _text(point))))
            for key, parts in fields.items():
                yield ("HSET", key, *parts)
                if key not in self._expiring:
                    yield "EXPIRE", key, str((KEPT[step] + BUCKET[step]) * seconds)

    def _unload(
        self, taken: Mapping[str, Series], at: float, commands: Sequence[Command], replies: Sequence[Reply] | None
    ) -> None:
        """Note what arrived; sums that did not are sent again with the next ones."""
        is_refused = replies is None or any(isinstance(reply, Exception) for reply in replies)
        for name, key, *_ in () if is_refused else commands:
            if name == "EXPIRE":
                self._expiring.put(key, None)
        for tenant, series in taken.items():
            if is_refused:
                self._changed.setdefault(tenant, series)
            else:
                self._sent.put(series.id, at)

    def _read(self, tenant: str, key: str, reply: Reply) -> Iterator[Point]:
        for name, sealed in paired(reply).items():
            place = f"{key} {name}"
            try:
                text = self._texts.open(self._owner(tenant), place, sealed)
                if self._cipher is not None:
                    text = self._cipher.decrypt(self._owner(tenant), place, text)
                yield _point(json.loads(text))
            except ForgedEntryError:
                self._faults.note_forged_text(self._owner(tenant))
            except (CorruptEntryError, ValueError, TypeError, KeyError):
                self._faults.note_corrupt(1)

    def _key(self, tenant: str, step: Step, bucket: int) -> str:
        return key_names.series(self._owner(tenant), step, bucket)

    def _owner(self, tenant: str) -> str:
        """Return an owner's name in Redis, which tells no reader of it who there is."""
        name = self._names.get(tenant)
        if name is None:
            name = seal(derived(self._secret, "series-owners"), "series", tenant) if tenant else "everyone"
            self._names.put(tenant, name)
        return name

    def _sealed(self, tenant: str, place: str, text: str) -> str:
        if self._cipher is not None:
            text = self._cipher.encrypt(self._owner(tenant), place, text)
        return self._texts.close(self._owner(tenant), place, text)


_SUMS = ("cost_usd", "saved_usd", "unpriced", "own_usd")


def _text(point: Point) -> str:
    fields: dict[str, Any] = {name: value for name in _SUMS if (value := getattr(point, name))}
    bins = [[name, number, count] for (name, number), count in point.bins.items()]
    fields |= {"at": point.at, "outcomes": point.outcomes, "bins": bins, "verdicts": point.verdicts}
    return json.dumps(fields, separators=(",", ":"))


def _point(fields: Mapping[str, Any]) -> Point:
    bins = Counter({(str(name), int(number)): int(count) for name, number, count in fields["bins"]})
    sums = {name: fields[name] for name in _SUMS if name in fields}
    return Point(int(fields["at"]), Counter(fields["outcomes"]), bins, Counter(fields["verdicts"]), **sums)
