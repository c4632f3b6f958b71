from __future__ import annotations

import json
from typing import Any

import pytest

from sentinel_core.cache import backup
from sentinel_core.cache.backup import Row, SavedEntry, SavedPair
from sentinel_core.cache.curated import Record
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.backup_sealer import BackupSealer
from sentinel_core.stores.redis.encryption import Cipher
from tests.stores.contract import entry

SAVED = SavedEntry("a" * 64, "b" * 64, "", entry("hello"))
RECORD = Record("faq", ("How long?", "Dür"), "Two years.", tags=("a",), created=3.0, earlier=({"version": 1},))
PAIR = SavedPair("a" * 64, JudgedPair("b" * 64, Relation.DIFFERENT, Labeller.FEEDBACK, 1.0, 2.0, "s"))
PLAIN, OTHER = BackupSealer(b"secret", None), BackupSealer(b"another", None)
ENCRYPTED = BackupSealer(b"secret", Cipher({"k": b"k" * 32}))


@pytest.mark.parametrize("saved", [SAVED, RECORD, PAIR])
def test_a_row_is_read_as_it_was_written(saved: backup.Saved) -> None:
    row = json.loads(json.dumps(backup.row_of(saved)))

    assert backup.read(row) == saved
    assert backup.row_of(backup.read(row)) == row


@pytest.mark.parametrize("sealer", [PLAIN, ENCRYPTED])
def test_a_sealed_row_opens_in_its_place_only(sealer: BackupSealer) -> None:
    row = backup.row_of(SAVED)
    closed = backup.sealed(row, "ns", sealer)

    assert backup.opened(closed, "ns", sealer) == row
    assert backup.sealed(row, "ns", sealer) == closed
    for forged, namespace, by in [({**closed, "digest": "c" * 64}, "ns", sealer), (closed, "other", sealer),
                                  (closed, "ns", OTHER)]:  # fmt: skip
        with pytest.raises(ForgedEntryError):
            backup.opened(forged, namespace, by)


def test_an_encrypted_row_shows_no_text_and_needs_the_keys() -> None:
    closed = backup.sealed(backup.row_of(SAVED), "ns", ENCRYPTED)

    assert "hello" not in json.dumps(closed)
    with pytest.raises(CorruptEntryError, match="SENTINEL_ENCRYPTION_KEYS"):
        backup.opened(closed, "ns", PLAIN)


@pytest.mark.parametrize(
    "change",
    [{"kind": "pair"}, {"scope": "x"}, {"digest": "A" * 64}, {"vector": None}, {"entry": None}, {"entry": {}}],
)
def test_a_row_of_another_shape_is_refused(change: Row) -> None:
    with pytest.raises(CorruptEntryError):
        backup.read({**backup.row_of(SAVED), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "x"},
        {"id": "c" * 64},
        {"pair": None},
        {"pair": ["b" * 64, "different", "feedback", -1.0, 2.0, ""]},
        {"pair": ["b" * 64, "different", "feedback", 1.0, 1e300, ""]},
        {"pair": ["B" * 64, "same", "judge", 1.0, 2.0, ""]},
    ],
)
def test_a_pair_of_another_shape_is_refused(change: Row) -> None:
    with pytest.raises(CorruptEntryError):
        backup.read({**backup.row_of(PAIR), **change})


@pytest.mark.parametrize("change", [{"created": 1e300}, {"created": -1.0}, {"ttl": 1e12}, {"ttl": -5.0}])
def test_a_row_with_impossible_times_is_refused(change: dict[str, Any]) -> None:
    row = backup.row_of(SAVED)

    with pytest.raises(CorruptEntryError, match="created and ttl"):
        backup.read({**row, "entry": {**row["entry"], **change}})


@pytest.mark.parametrize("change", [{"ttl": "1"}, {"questions": []}, {"answer": 1}, {"earlier": [1]}, {"more": 1}])
def test_a_curated_row_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    row = backup.row_of(RECORD)

    with pytest.raises(CorruptEntryError):
        backup.read({**row, "record": {**row["record"], **change}})


@pytest.mark.parametrize("closed", [1, "", "0 {}", None])
def test_rubbish_is_no_sealed_row(closed: Any) -> None:
    with pytest.raises(CorruptEntryError):
        backup.opened({"kind": "entry", "sealed": closed}, "ns", PLAIN)
