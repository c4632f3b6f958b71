from __future__ import annotations

import os
from pathlib import Path

import pytest

from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.tenants.key_file import FileKeys, secret_in
from tests.tenants.doors import key_of

pytestmark = pytest.mark.anyio


async def test_keys_are_there_for_whoever_reads_the_file_next(tmp_path: Path) -> None:
    mine, theirs = FileKeys(tmp_path / "new" / "keys.json"), FileKeys(tmp_path / "new" / "keys.json")
    first, second = key_of("acme", created=2.0, models=("small",), name="ci"), key_of("globex", created=1.0)
    assert await theirs.all() == []
    await mine.put(first)
    await theirs.put(second)
    await mine.put(first.revoked())

    assert await theirs.all() == [second, first.revoked()]
    assert await mine.get(second.sha256) == second
    assert await mine.get("0" * 64) is None


async def test_the_file_and_its_folder_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    await FileKeys(path).put(key_of("acme"))
    secret_in(path.with_name("secret"))

    assert [oct(each.stat().st_mode & 0o777) for each in (path.parent, path, path.with_name("secret"))] == [
        "0o700", "0o600", "0o600",
    ]  # fmt: skip
    assert sorted(each.name for each in path.parent.iterdir()) == ["keys.json", "secret"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("hush", "the file of keys: Invalid JSON"),
        ("{}", "the file of keys: Input should be a valid array"),
        ('[{"sha256": "hush", "tenant": "acme"}]', "the file of keys: 0.sha256: String should match"),
        ('[{"sha256": "%s", "tenant": "a b"}]' % ("0" * 64), "the file of keys: 0.tenant: String should match"),
        ('[{"sha256": "%s", "tenant": "a", "rate": 1}]' % ("0" * 64), "the file of keys: 0.rate: Extra inputs"),
    ],
)
async def test_a_file_that_is_not_one_of_keys_opens_nothing(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)

    with pytest.raises(StoreError) as caught:
        await FileKeys(path).get("0" * 64)

    assert str(caught.value).startswith(complaint)
    assert "hush" not in str(caught.value)


async def test_what_cannot_be_read_or_written_is_the_stores_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    under_a_file = FileKeys(tmp_path / "file" / "keys.json")

    with pytest.raises(StoreError):
        await under_a_file.get("0" * 64)
    with pytest.raises(StoreError):
        await FileKeys(tmp_path).all()
    with pytest.raises(StoreError):
        await FileKeys(tmp_path).put(key_of("acme"))
    with pytest.raises(ConfigurationError, match="SENTINEL_NAMESPACE_SECRET is not set"):
        secret_in(tmp_path / "file" / "secret")
    assert os.listdir(tmp_path) == ["file"]


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    first = secret_in(tmp_path / "a")

    assert len(first) == 64
    assert secret_in(tmp_path / "a") == first
    assert secret_in(tmp_path / "b") != first
