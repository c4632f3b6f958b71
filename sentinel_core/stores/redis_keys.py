"""Keeps API keys in Redis, for all instances: a hash for each, by its SHA-256."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from pydantic import ValidationError

from sentinel_core.apikey import ApiKey
from sentinel_core.errors import StoreError
from sentinel_core.stores import keys
from sentinel_core.stores.wires import Command, Reply, Wire, checked


class RedisKeys:
    """A `KeyStore` over one wire; a hash that is not a key of ours opens nothing."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def get(self, sha256: str) -> ApiKey | None:
        [reply] = checked(await self._wire.run([("HGETALL", keys.api_key(sha256))]))
        return _read(sha256, reply)

    async def put(self, key: ApiKey) -> None:
        """Write every field, the empty ones too: nothing of what was there before is left."""
        fields = [text for name, value in key.model_dump(mode="json").items() for text in (name, json.dumps(value))]
        name = keys.api_key(key.sha256)
        checked(await self._wire.run([("HSET", name, *fields), ("SADD", keys.API_KEYS, key.sha256)]))

    async def all(self) -> Sequence[ApiKey]:
        [members] = checked(await self._wire.run([("SMEMBERS", keys.API_KEYS)]))
        digests = [str(member) for member in cast("list[Reply]", members or [])]
        asking: list[Command] = [("HGETALL", keys.api_key(digest)) for digest in digests]
        replies = checked(await self._wire.run(asking)) if asking else []
        found = (_read(digest, reply) for digest, reply in zip(digests, replies, strict=True))
        return sorted((key for key in found if key is not None), key=lambda key: (key.created, key.sha256))

    async def aclose(self) -> None:
        await self._wire.aclose()


def _read(sha256: str, reply: Reply) -> ApiKey | None:
    """Raises StoreError for a hash that is not one of ours: whether the key is good, nobody can say."""
    parts = cast("list[str]", reply or [])
    if not parts:
        return None
    try:
        fields = {name: json.loads(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}
        key = ApiKey.model_validate(fields)
    except (ValueError, TypeError, ValidationError) as error:
        raise StoreError("the hash of a key is not ours") from error
    if key.sha256 != sha256:
        raise StoreError("the hash of a key is another's")
    return key
