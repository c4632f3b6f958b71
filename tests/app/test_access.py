from __future__ import annotations

import os
from pathlib import Path

import pytest

from sentinel_core.app import signing, stores
from sentinel_core.app.access import access, describe
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.telemetry.audit import Action
from sentinel_core.tenants.key_watch import HOLD_SECONDS
from sentinel_core.web.local_access import LocalAccess
from tests.support.fakes import FakeClock
from tests.tenants.doors import key_of


def _settings(folder: Path, **fields: object) -> Settings:
    return Settings.model_validate({"keys_file": str(folder / "keys.json"), **fields})


@pytest.mark.anyio
async def test_a_server_without_keys_serves_this_machine_until_a_key_file_appears(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings = _settings(tmp_path, allowed_hosts="Gateway.lan", cors_origins="https://App.example.com")
    keys = stores.key_store(settings, None)
    built = access(settings, keys, clock)

    assert built.local == LocalAccess({"gateway.lan"}, {"https://app.example.com"})
    assert describe(built, settings) == "none asked for: open to this machine until a key exists"
    assert built.watch is not None
    assert await built.watch.directory() is None
    await keys.put(key_of("acme"))
    clock.advance(HOLD_SECONDS)
    assert await built.watch.directory() is built.current is not None


def test_the_operators_word_opens_a_server_to_every_caller(tmp_path: Path, clock: FakeClock) -> None:
    settings = _settings(tmp_path, open=True)
    built = access(settings, stores.key_store(settings, None), clock)

    assert (built.directory, built.watch, built.local) == (None, None, None)
    assert describe(built, settings) == "none asked for: open to every caller"


def test_a_secret_asks_every_caller_for_a_key(tmp_path: Path, clock: FakeClock) -> None:
    settings = _settings(tmp_path, namespace_secret="s" * 32)
    built = access(settings, stores.key_store(settings, None), clock)

    assert (built.directory is not None, built.watch) == (True, None)
    assert describe(built, settings) == "asked of every caller"


def test_a_secret_left_without_keys_is_named_at_start(tmp_path: Path, clock: FakeClock) -> None:
    settings = _settings(tmp_path)
    stores.namespace_secret(settings)
    built = access(settings, stores.key_store(settings, None), clock)

    assert built.directory is not None
    assert describe(built, settings) == (
        f"asked of every caller, because {tmp_path / 'namespace_secret'} exists: "
        "`sentinel keys create --tenant NAME` makes a key, SENTINEL_OPEN=true opens the server"
    )


@pytest.mark.anyio
@pytest.mark.parametrize("fields", [{}, {"open": True}])
async def test_audit_log_and_receipts_of_an_open_server_make_no_secret(
    tmp_path: Path, clock: FakeClock, fields: dict[str, object]
) -> None:
    settings = _settings(tmp_path, **fields)
    trail = signing.audit_trail(settings, stores.audit_store(settings, None), clock)
    await trail.record(Action("admin", "POST /v1/admin/keys"))
    signing.receipt_key(settings).read()
    stores.backup_sealer(settings)

    assert not [name for name in os.listdir(tmp_path) if "secret" in name]


@pytest.mark.parametrize("hosts", ["localhost:8001", "http://gateway.lan", "a b", "gateway.lan/"])
def test_a_host_with_a_port_or_a_path_is_no_setting(hosts: str) -> None:
    with pytest.raises(ConfigurationError, match="SENTINEL_ALLOWED_HOSTS: must be host names"):
        Settings.from_environ({"SENTINEL_ALLOWED_HOSTS": hosts})
