"""A directory over a store of keys in memory, and keys for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sentinel_core.errors import StoreError
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import ApiKey
from sentinel_core.tenants.key_directory import Directory
from tests.support.fakes import FakeClock

SECRET = b"a secret of the server's"


class MemoryKeys:
    """A `KeyStore` that can be taken down; `asked` are the SHA-256 it was asked for."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.sha256: key for key in keys}
        self.asked: list[str] = []
        self.is_down = False

    async def get(self, sha256: str) -> ApiKey | None:
        self.asked.append(sha256)
        if self.is_down:
            raise StoreError("down")
        return self.keys.get(sha256)

    async def put(self, key: ApiKey) -> None:
        self.keys[key.sha256] = key

    async def all(self) -> Sequence[ApiKey]:
        return list(self.keys.values())

    async def aclose(self) -> None:
        """Nothing to give back."""


def key_of(tenant: str, **fields: Any) -> ApiKey:
    """The kept side of `shown_to(tenant)`."""
    return ApiKey(sha256=api_key.digest(shown_to(tenant)), tenant=tenant, **fields)


def shown_to(tenant: str) -> str:
    return f"{api_key.PREFIX}{tenant}-{'x' * 32}"


def directory(
    clock: FakeClock,
    store: MemoryKeys,
    *,
    static: Sequence[ApiKey] = (),
    pools: Mapping[str, str] | None = None,
) -> Directory:
    return Directory(store, secret=SECRET, static=static, pools=pools, clock=clock)
