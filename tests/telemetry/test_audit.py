"""Chains of the audit log: every edit, deletion, move and cut is found."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sentinel_core.errors import StoreError
from sentinel_core.stores.audit_file import FileAudit
from sentinel_core.support.signing_key import FixedKey
from sentinel_core.telemetry import audit
from sentinel_core.telemetry.audit import Action, AuditTrail, Checkpoint
from sentinel_core.telemetry.audit_check import check, heads_in
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio
KEY = b"a key of the audit log"
DAY = 86_400.0


class Away(FileAudit):
    """A store that cannot be reached while `is_away`."""

    is_away = True

    async def append(self, line: str) -> None:
        if self.is_away:
            raise StoreError("away")
        await super().append(line)


async def chains(tmp_path: Path, clock: FakeClock, records: int = 5) -> tuple[list[str], dict[tuple[str, int], str]]:
    """Two instances' lines in turn, and the hashes that they logged."""
    store = FileAudit(tmp_path)
    trails = [AuditTrail(store, FixedKey(KEY), clock, chain=name * 16) for name in "ab"]
    logged = [
        await trail.record(Action("admin", f"POST /v1/admin/{number}", after={"n": number}))
        for number in range(records)
        for trail in trails
    ]
    lines = [line for _, line in await store.read(None, 1_000)]
    return lines, {(each.chain, each.number): each.hash for each in logged}


def problems(lines: Sequence[str], heads: dict[tuple[str, int], str], *checkpoints: Checkpoint) -> list[str]:
    return list(check(lines, checkpoints, heads, KEY))


async def test_whole_chains_have_no_problem(tmp_path: Path, clock: FakeClock) -> None:
    lines, heads = await chains(tmp_path, clock)
    assert len(lines) == 10
    assert problems(lines, heads) == []
    assert problems([*lines[:3], lines[2], *lines[3:]], heads) == []  # stored twice


SPOILED: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "an edit": (lambda lines: [*lines[:4], lines[4].replace('"n":2', '"n":9'), *lines[5:]], "record 2: edited"),
    "another actor": (lambda lines: [lines[0].replace("admin", "nimda"), *lines[1:]], "record 0: edited"),
    "a deletion": (lambda lines: [*lines[:4], *lines[5:]], "records 2 to 2 are missing"),
    "a cut beginning": (lambda lines: lines[2:], "records 0 to 0 are missing"),
    "a reorder": (lambda lines: [*lines[:2], lines[4], lines[3], lines[2], *lines[5:]], "record 1: out of order"),
    "a cut end": (lambda lines: lines[:-2], "record 4: in the log, but not stored"),
    "a cut chain": (lambda lines: lines[::2], "record 0: in the log, but not stored"),
    "no record": (lambda lines: [*lines, "{}"], "line 11: not a record"),
    "another key": (lambda lines: [*lines[:8], _forged(lines[8]), lines[9]], "record 4: edited"),
}


def _forged(line: str) -> str:
    record = audit.parsed(line)
    assert record is not None
    return record.hashed(b"another key").line()


@pytest.mark.parametrize(("spoil", "problem"), SPOILED.values(), ids=SPOILED)
async def test_a_spoiled_chain_is_found(
    tmp_path: Path, clock: FakeClock, spoil: Callable[[list[str]], list[str]], problem: str
) -> None:
    lines, heads = await chains(tmp_path, clock)
    found = problems(spoil(lines), heads)
    assert [each for each in found if problem in each] != [], found


async def test_every_single_change_of_a_byte_is_found(tmp_path: Path, clock: FakeClock) -> None:
    lines, heads = await chains(tmp_path, clock, records=2)
    line = lines[1]

    def changed(place: int) -> str:
        return line[:place] + ("1" if line[place] == "0" else "0") + line[place + 1 :]

    spoiled = ([lines[0], changed(place), *lines[2:]] for place in range(len(line)))
    unseen = [place for place, each in enumerate(spoiled) if not problems(each, heads)]
    assert unseen == []


async def test_hashes_are_read_from_both_formats_of_the_log() -> None:
    head, chain = "c" * 64, "a" * 16
    lines = [
        f'{{"time":"t","level":"info","event":"audit.recorded","chain":"{chain}","number":3,"head":"{head}"}}',
        f"12:00:00 audit.recorded chain={chain} number=4 head={head} action=x",
        "12:00:00 warmed state=ok",
    ]
    assert heads_in(lines) == {(chain, 3): head, (chain, 4): head}


async def test_old_records_leave_a_signed_checkpoint(tmp_path: Path, clock: FakeClock) -> None:
    store = FileAudit(tmp_path)
    trail = AuditTrail(store, FixedKey(KEY), clock, days=30, chain="a" * 16)
    old = [await trail.record(Action("admin", "old")) for _ in range(3)]
    clock.advance(31 * DAY)
    new = await trail.record(Action("admin", "new"))
    await trail.retain()

    [checkpoint] = await store.checkpoints()
    lines = [line for _, line in await store.read(None, 10)]
    assert lines == [new.line()]
    assert checkpoint == Checkpoint("a" * 16, 2, old[2].hash, clock.now()).signed(KEY)
    assert problems(lines, {(each.chain, each.number): each.hash for each in [*old, new]}, checkpoint) == []
    forged = Checkpoint("a" * 16, 2, old[1].hash, clock.now(), checkpoint.signature)
    assert problems(lines, {}, forged) != []
    assert problems(lines, {}) == [f"chain {'a' * 16}: records 0 to 2 are missing"]


async def test_surplus_records_go_first(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST_STORED", 2)
    store = FileAudit(tmp_path)
    trail = AuditTrail(store, FixedKey(KEY), clock)
    for _ in range(5):
        await trail.record(Action("admin", "x"))
    await trail.retain()
    assert [audit.parsed(line).number for _, line in await store.read(None, 9)] == [3, 4]  # type: ignore[union-attr]
    assert problems([line for _, line in await store.read(None, 9)], {}, *await store.checkpoints()) == []


async def test_records_wait_while_the_store_is_away(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sentinel")
    store = Away(tmp_path)
    trail = AuditTrail(store, FixedKey(KEY), clock)
    first = await trail.record(Action("admin", "first"))
    store.is_away = False
    second = await trail.record(Action("admin", "second"))

    assert [line for _, line in await store.read(None, 9)] == [first.line(), second.line()]
    assert [each.message for each in caplog.records] == ["audit.recorded", "audit.not_stored", "audit.recorded"]
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0


async def test_every_edit_deletion_move_and_cut_is_found_wherever_it_is(tmp_path: Path, clock: FakeClock) -> None:
    lines, heads = await chains(tmp_path, clock, records=6)
    own = range(0, len(lines), 2)  # of one chain; two chains may stand in any order
    spoiled: dict[tuple[Any, ...], list[str]] = {
        **{("edit", at, name): _edited(lines, at, name) for at in range(len(lines)) for name in json.loads(lines[at])},
        **{("deletion", at, size): lines[:at] + lines[at + size :] for at in range(len(lines)) for size in (1, 2, 3)},
        **{("cut", at): lines[:at] for at in range(len(lines))},
        **{("beheading", at): lines[at:] for at in range(1, len(lines))},
        **{("move", at, to): _moved(lines, at, to) for at in own for to in own if at != to},
    }

    assert [what for what, each in spoiled.items() if each != lines and not problems(each, heads)] == []


def _edited(lines: Sequence[str], at: int, name: str) -> list[str]:
    """Change one field of one line, or drop it where it holds nothing."""
    fields = json.loads(lines[at])
    changed = {**fields, name: "x"} if fields[name] else {key: value for key, value in fields.items() if key != name}
    return [*lines[:at], json.dumps(changed, separators=(",", ":")), *lines[at + 1 :]]


def _moved(lines: Sequence[str], at: int, to: int) -> list[str]:
    rest = [*lines[:at], *lines[at + 1 :]]
    return [*rest[:to], lines[at], *rest[to:]]
