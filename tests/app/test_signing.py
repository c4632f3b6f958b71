"""Signatures made before the first API key of an open server hold after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_core.app import signing, stores
from sentinel_core.app.settings import Settings
from sentinel_core.telemetry.audit import Action
from sentinel_core.telemetry.audit_check import check
from tests.support.fakes import FakeClock


def _settings(folder: Path, **fields: object) -> Settings:
    return Settings.model_validate({"keys_file": str(folder / "keys.json"), **fields})


@pytest.mark.anyio
async def test_records_before_and_after_the_first_key_are_one_chain(tmp_path: Path, clock: FakeClock) -> None:
    settings = _settings(tmp_path)
    store = stores.audit_store(settings, None)
    trail = signing.audit_trail(settings, store, clock)
    await trail.record(Action("admin", "POST /v1/admin/purge"))
    signed = signing.receipt_key(settings).read()
    stores.namespace_secret(settings)  # the first key makes it
    await trail.record(Action("admin", "POST /v1/admin/keys"))

    lines = [line for _, line in await store.read(None, 10)]
    restarted = signing.audit_trail(_settings(tmp_path), store, clock)
    assert (len(lines), list(check(lines, [], {}, restarted.key.read()))) == (2, [])
    assert (len(signed), signing.receipt_key(settings).read()) == (32, signed)
    assert stores.asks_for_keys(settings)


def test_a_secret_for_signatures_alone_leaves_the_server_open(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    key = signing.receipt_key(settings).read()

    assert not stores.asks_for_keys(settings)
    assert signing.receipt_key(_settings(tmp_path)).read() == key


@pytest.mark.parametrize("fields", [{"keys_file": "/dev/null/keys.json"}, {"open": True}])
def test_a_server_without_a_place_for_a_secret_has_no_key(tmp_path: Path, fields: dict[str, object]) -> None:
    assert signing.receipt_key(_settings(tmp_path, **fields)).read() == b""


def test_a_shared_secret_gives_every_instance_the_same_keys(tmp_path: Path) -> None:
    secret = {"namespace_secret": "a secret of the tests"}
    first, second = _settings(tmp_path / "a", **secret), _settings(tmp_path / "b", **secret)

    assert signing.receipt_key(first).read() == signing.receipt_key(second).read() != b""
    assert not list(tmp_path.iterdir())
