"""Checks chains of the audit log: finds edited, missing, moved and cut records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

from sentinel_core.telemetry.audit import FIRST, RECORDED, Checkpoint, Record, parsed

_HEAD = re.compile(r"\bchain\W+([0-9a-f]{16})\W+number\W+([0-9]{1,18})\W+head\W+([0-9a-f]{64})")


@dataclass(slots=True)
class _Chain:
    """One chain, as far as it was read; `known` maps numbers to hashes."""

    number: int
    hash: str
    known: dict[int, str] = field(default_factory=dict)


def check(
    lines: Iterable[str], checkpoints: Sequence[Checkpoint], heads: Mapping[tuple[str, int], str], key: bytes
) -> Iterator[str]:
    """
    Yield the problems of stored records, in words.

    `heads` are the hashes in the log by chain and number; without them a chain that lost its end looks whole.
    """
    chains: dict[str, _Chain] = {}
    for checkpoint in checkpoints:
        if not compare_digest(checkpoint.signed(key).signature, str(checkpoint.signature)):
            yield f"checkpoint of chain {checkpoint.chain}: its signature is wrong"
        chains[checkpoint.chain] = _Chain(checkpoint.number, checkpoint.hash)
    trimmed = {chain: state.number for chain, state in chains.items()}
    for place, line in enumerate(lines, start=1):
        record = parsed(line)
        if record is None:
            yield f"line {place}: not a record"
        elif record.number > trimmed.get(record.chain, -1):
            yield from _follow(record, chains.setdefault(record.chain, _Chain(-1, FIRST)), key)
    yield from _unlogged(chains, trimmed, heads)


def _follow(record: Record, chain: _Chain, key: bytes) -> Iterator[str]:
    """Check one record against the one before it."""
    where = f"chain {record.chain}, record {record.number}"
    if chain.known.get(record.number) == record.hash:
        return  # stored twice, because the first reply was lost
    if not compare_digest(record.hashed(key).hash, str(record.hash)):
        yield f"{where}: edited"
    if record.number <= chain.number:
        yield f"{where}: out of order"
        return
    if record.number > chain.number + 1:
        yield f"chain {record.chain}: records {chain.number + 1} to {record.number - 1} are missing"
    elif record.previous != chain.hash:
        yield f"{where}: does not follow the record before it"
    chain.number, chain.hash = record.number, record.hash
    chain.known[record.number] = record.hash


def _unlogged(
    chains: Mapping[str, _Chain], trimmed: Mapping[str, int], heads: Mapping[tuple[str, int], str]
) -> Iterator[str]:
    for (name, number), head in sorted(heads.items()):
        chain = chains.get(name)
        if number <= trimmed.get(name, -1):
            continue
        found = None if chain is None else chain.known.get(number)
        if found is None:
            yield f"chain {name}, record {number}: in the log, but not stored"
        elif found != head:
            yield f"chain {name}, record {number}: stored with another hash than logged"


def heads_in(lines: Iterable[str]) -> dict[tuple[str, int], str]:
    """Return the hashes in lines of a log, JSON or text, by chain and number; other lines are skipped."""
    heads: dict[tuple[str, int], str] = {}
    for line in lines:
        found = _HEAD.search(line) if RECORDED in line else None
        if found is not None:
            heads[found[1], int(found[2])] = found[3]
    return heads
