from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_core.settings import Settings
from sentinel_core.storage import asks_for_keys, sealing_secret

SECRET = {"SENTINEL_NAMESPACE_SECRET": "a secret of sixteen"}
KEYS = {"SENTINEL_API_KEYS": f"acme:{'0' * 64}"}


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    return {"SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}


@pytest.mark.parametrize(
    ("environ", "asks", "sealed"),
    [
        ({}, False, b""),
        ({"SENTINEL_OPEN": "true"}, False, b""),
        (SECRET, True, b"a secret of sixteen"),
        (SECRET | {"SENTINEL_OPEN": "true"}, False, b"a secret of sixteen"),
    ],
)
def test_values_are_sealed_under_the_secret_that_is_set(
    folder: dict[str, str], environ: dict[str, str], asks: bool, sealed: bytes
) -> None:
    settings = Settings.from_environ({**folder, **environ})

    assert (asks_for_keys(settings), sealing_secret(settings)) == (asks, sealed)


def test_where_keys_are_asked_for_and_none_is_set_it_is_the_one_kept_beside_them(folder: dict[str, str]) -> None:
    settings = Settings.from_environ({**folder, **KEYS})
    made = sealing_secret(settings)

    assert asks_for_keys(settings)
    assert len(made) == 64
    assert sealing_secret(settings) == made
