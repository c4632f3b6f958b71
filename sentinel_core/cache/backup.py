"""Backups of a namespace: its stored and curated answers and judged pairs as rows of JSON, in clear or sealed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from sentinel_core.cache import curated, entry, pairs
from sentinel_core.cache.curated import Record
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import JudgedPair
from sentinel_core.errors import CorruptEntryError

FORMAT = 1
"""Of the rows; a backup of another format is refused."""

MOST_SECONDS = 1e11
"""Of times and lifetimes: the bounds of curated answers."""

Row: TypeAlias = dict[str, Any]
_DIGITS = 64


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """A stored answer with its place; `vector` is encoded, "" without one."""

    fingerprint: str
    digest: str
    vector: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class SavedPair:
    """A judged pair with the fingerprint of its scope."""

    fingerprint: str
    pair: JudgedPair


Saved: TypeAlias = SavedEntry | Record | SavedPair


class Sealer(Protocol):
    """Closes texts, so that only this deployment can open them, and no one can change them unseen."""

    def close(self, namespace: str, place: str, text: str) -> str:
        """Seal, and encrypt where the deployment encrypts; equal texts of one place give equal results."""

    def open(self, namespace: str, place: str, closed: str) -> str:
        """Return the text; raises ForgedEntryError for another secret's, CorruptEntryError for an unreadable one."""


def row_of(saved: Saved) -> Row:
    """Write in clear."""
    if isinstance(saved, Record):
        return {"kind": "curated", "id": saved.id, "record": json.loads(curated.encode(saved))}
    if isinstance(saved, SavedPair):
        pair = json.loads(pairs.encode(saved.pair))
        return {"kind": "pair", "scope": saved.fingerprint, "id": saved.pair.key, "pair": pair}
    return {
        "kind": "entry",
        "scope": saved.fingerprint,
        "digest": saved.digest,
        "vector": saved.vector,
        "entry": _entry_row(saved.entry),
    }


def read(row: Mapping[str, Any]) -> Saved:
    """Read a row in clear; raises CorruptEntryError for anything else."""
    kind = row.get("kind")
    if kind == "curated":
        record = curated.decode(json.dumps(row.get("record")))
        _check_record(record)
        return record
    if kind == "pair":
        return _read_pair(row)
    if kind != "entry":
        raise CorruptEntryError("not a row of a backup")
    scope, digest, vector = (row.get(name) for name in ("scope", "digest", "vector"))
    if not _is_hash(scope) or not _is_hash(digest) or not isinstance(vector, str):
        raise CorruptEntryError("a row needs scope, digest, vector and entry")
    saved = entry.decode(json.dumps(row.get("entry")))
    if not 0 <= saved.created <= MOST_SECONDS or not 0 <= saved.ttl <= MOST_SECONDS:
        raise CorruptEntryError("created and ttl are seconds from 0 on")
    return SavedEntry(str(scope), str(digest), vector, saved)


def sealed(row: Row, namespace: str, sealer: Sealer) -> Row:
    """Close a row; its place stays readable, so that files can be sorted and compared."""
    places: Row = {name: row[name] for name in ("kind", "id", "scope", "digest") if name in row}
    text = json.dumps(row, separators=(",", ":"))
    return {**places, "sealed": sealer.close(namespace, _place(places), text)}


def opened(row: Mapping[str, Any], namespace: str, sealer: Sealer) -> Mapping[str, Any]:
    """Return a row in clear; raises ForgedEntryError for another secret's, CorruptEntryError for rubbish."""
    if "sealed" not in row:
        return row
    places: Row = {name: row[name] for name in ("kind", "id", "scope", "digest") if name in row}
    if not isinstance(row["sealed"], str):
        raise CorruptEntryError("sealed is a text")
    try:
        found = json.loads(sealer.open(namespace, _place(places), row["sealed"]))
    except (ValueError, RecursionError) as error:
        raise CorruptEntryError("not a sealed row") from error
    if not isinstance(found, dict):
        raise CorruptEntryError("not a sealed row")
    return found


def without_vectors(saved: Saved) -> Saved:
    """Return it without vectors, which are of another embedder."""
    if isinstance(saved, SavedPair):
        return saved
    return replace(saved, vectors=(), embedder="") if isinstance(saved, Record) else replace(saved, vector="")


def _read_pair(row: Mapping[str, Any]) -> SavedPair:
    pair = pairs.decode(json.dumps(row.get("pair")))
    if not _is_hash(row.get("scope")) or not _is_hash(pair.key) or row.get("id") != pair.key:
        raise CorruptEntryError("a pair has scope, id and pair")
    if not 0 <= pair.at <= MOST_SECONDS or not 0 <= pair.expires <= MOST_SECONDS:
        raise CorruptEntryError("the times of a pair are seconds from 0 on")
    return SavedPair(str(row["scope"]), pair)


def _entry_row(saved: Entry) -> Row:
    """Write numbers as floats, as they are after they were read: equal entries are equal rows."""
    row: Row = json.loads(entry.encode(saved))
    return {**row, **{name: float(row[name]) for name in ("created", "ttl", "cost_usd") if row[name] is not None}}


def _place(places: Mapping[str, Any]) -> str:
    return f"backup\n{json.dumps(places, sort_keys=True)}"


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == _DIGITS and not set(value) - set("0123456789abcdef")


def _check_record(record: Record) -> None:
    """Raise CorruptEntryError where a field has a type that answering cannot bear."""
    texts = (record.id, record.answer, record.embedder, *record.questions, *record.tags, *record.vectors)
    maybe = (record.model, record.system, record.surface, record.approved_by)
    times = (record.created, record.ttl, record.valid_from, record.valid_until)
    sound = (
        all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in maybe)
        and all(time is None or (type(time) in (int, float) and math.isfinite(time)) for time in times)
        and type(record.version) is int
        and all(type(each) is bool for each in (record.tools, record.turns, record.formats))
        and all(isinstance(each, dict) for each in record.earlier)
        and bool(record.questions)
    )
    if not sound:
        raise CorruptEntryError("a field of a curated answer has another type")
