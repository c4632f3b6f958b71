"""
The audit log: who did what as operator or with a key, in one chain of hashes for each instance.

Each record's hash covers the record and the hash before it, under a key derived from the gateway's secret. Each hash is
logged as well, so that a chain without its end can be found by the log.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from sentinel_core.errors import StoreError
from sentinel_core.support.clock import Clock
from sentinel_core.support.signing_key import SigningKey

_log = logging.getLogger("sentinel")

FIRST = "0" * 64
"""The hash before the first record of a chain."""

RECORDED = "audit.recorded"
"""The event that logs each record's hash."""

MOST_WAITING = 1_000
"""Records kept in this process while they cannot be stored."""

MOST_STORED = 100_000
"""Records kept in all; past it the oldest go, as those do that are too old."""

TRIMMED = 5_000
"""Records looked at in one go for whether they are too old."""

RETAIN_SECONDS = 3_600.0
"""Between two looks for records that are too old."""

_DAY = 86_400

Facts: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """
    One action: `actor` is `admin`, `key:<id>` or `command:<user>@<host>`, `origin` an address or "".

    `before` and `after` are the changed thing's values, as far as the action has any; no names of users, no prompts.
    """

    actor: str
    action: str
    origin: str = ""
    status: int | None = None
    request_id: str = ""
    before: Facts | None = None
    after: Facts | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An action at its place: `number` counts from 0 within a chain, `previous` is the hash of the record before."""

    chain: str
    number: int
    at: float
    action: Action
    previous: str
    hash: str = ""

    def line(self) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))

    def hashed(self, key: bytes) -> Record:
        """Return the record with its hash: the HMAC-SHA256 of all its other fields."""
        return replace(self, hash=hmac.new(key, replace(self, hash="").line().encode(), hashlib.sha256).hexdigest())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Stands for the records of a chain up to `number`, which were removed at `at`; `signature` is over the rest."""

    chain: str
    number: int
    hash: str
    at: float
    signature: str = ""

    def signed(self, key: bytes) -> Checkpoint:
        """Return the checkpoint with its signature."""
        text = f"checkpoint\n{self.chain}\n{self.number}\n{self.hash}\n{self.at!r}"
        return replace(self, signature=hmac.new(key, text.encode(), hashlib.sha256).hexdigest())


class AuditStore(Protocol):
    """Where records are kept, as lines in the order they came. All methods raise StoreError, and nothing else."""

    async def append(self, line: str) -> None: ...

    async def read(self, after: str | None, limit: int) -> Sequence[tuple[str, str]]:
        """Return up to `limit` lines after a cursor, oldest first, each with its own cursor."""

    async def count(self) -> int: ...

    async def checkpoints(self) -> Sequence[Checkpoint]: ...

    async def trim(self, upto: str, checkpoints: Sequence[Checkpoint]) -> None:
        """Keep the checkpoints, then remove the lines up to this cursor, itself included."""


@dataclass
class AuditTrail:
    """One instance's chain; `days` is how long records are kept."""

    store: AuditStore
    key: SigningKey
    clock: Clock
    days: float = 365.0
    chain: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self._next, self._previous = 0, FIRST
        self._waiting: deque[Record] = deque(maxlen=MOST_WAITING)
        self._writing = asyncio.Lock()
        self._retained_at = -RETAIN_SECONDS

    async def record(self, action: Action) -> Record:
        """Add an action to the chain, log its hash, and store it; while the store is away it waits. Never raises."""
        record = Record(self.chain, self._next, self.clock.now(), action, self._previous).hashed(self.key.read())
        self._next, self._previous = record.number + 1, record.hash
        fields = {"chain": record.chain, "number": record.number, "head": record.hash, "action": action.action}
        _log.info(RECORDED, extra={"fields": fields})
        self._waiting.append(record)
        await self.flush()
        return record

    async def flush(self) -> None:
        """Store the records that wait, in order; never raises."""
        async with self._writing:
            while self._waiting:
                try:
                    await self.store.append(self._waiting[0].line())
                except StoreError as error:
                    fields = {"waiting": len(self._waiting), "reason": str(error)}
                    _log.error("audit.not_stored", extra={"fields": fields})
                    return
                self._waiting.popleft()

    async def retain(self) -> None:
        """Once an hour replace the records that are too old, or too many, by signed checkpoints; never raises."""
        now = self.clock.monotonic()
        if now - self._retained_at < RETAIN_SECONDS:
            return
        self._retained_at = now
        await self.flush()
        try:
            while await self._trim():
                pass
        except StoreError as error:
            _log.warning("audit.not_trimmed", extra={"fields": {"reason": str(error)}})

    async def _trim(self) -> bool:
        """Remove the oldest records; return whether there may be more to remove."""
        key, now, surplus = self.key.read(), self.clock.now(), await self.store.count() - MOST_STORED
        oldest = now - self.days * _DAY
        last, upto, removed = {each.chain: each for each in await self.store.checkpoints()}, None, 0
        for cursor, line in await self.store.read(None, TRIMMED):
            record = parsed(line)
            if record is not None and record.at >= oldest and removed >= surplus:
                break
            upto, removed = cursor, removed + 1
            if record is not None and (record.chain not in last or last[record.chain].number < record.number):
                last[record.chain] = Checkpoint(record.chain, record.number, record.hash, now).signed(key)
        if upto is not None:
            await self.store.trim(upto, list(last.values()))
        return removed == TRIMMED


def parsed(line: str) -> Record | None:
    """Read a record's line; None for other text."""
    try:
        fields = json.loads(line)
        record = Record(**{**fields, "action": Action(**fields["action"])})
    except (ValueError, TypeError, KeyError):
        return None
    is_whole = type(record.number) is int and type(record.at) in (int, float) and type(record.chain) is str
    return record if is_whole else None
