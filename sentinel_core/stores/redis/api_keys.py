"""Keeps API keys in Redis, for all instances: a sealed record for each, by its SHA-256."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from pydantic import ValidationError

from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import (
    Command,
    RedisConnection,
    Reply,
    checked,
    is_of_another_type,
    listed,
    paired,
)
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.sealing import derived, seal
from sentinel_core.tenants.api_key import ApiKey, same

_log = logging.getLogger("sentinel")
_RECORD, _SEAL = "record", "seal"
_SHA256 = re.compile("[0-9a-f]{64}")


class RedisKeys:
    """
    A `KeyStore` over one wire; a record that was not sealed under this secret opens nothing.

    Such records are listed last, as forged. A request with the key of one is logged, and noted in `faults`.
    """

    def __init__(self, wire: RedisConnection, secret: bytes, faults: Faults | None = None) -> None:
        """Take every record for forged if the secret is empty, since anyone could seal with that."""
        self._wire = wire
        self._has_secret = bool(secret)
        self._key = derived(secret, "api-keys")
        self._faults = faults

    async def get(self, sha256: str) -> ApiKey | None:
        [reply] = await self._wire.run([("HGETALL", key_names.api_key(sha256))])
        key = self._read(sha256, reply)
        if key is None or key.state != "forged":
            return key
        where = {"key": key.id}
        _log.error("key.forged", extra={"fields": where})
        if self._faults is not None:
            self._faults.note_forged(where)
        return None

    async def put(self, key: ApiKey) -> None:
        text = key.model_dump_json(exclude_defaults=True)  # an older version reads it unless it has new fields
        fields = (_RECORD, text, _SEAL, self._seal(key.sha256, text))
        writing: list[Command] = [
            ("HSET", key_names.api_key(key.sha256), *fields),
            ("SADD", key_names.API_KEYS, key.sha256),
        ]
        checked(await self._wire.run(writing))

    async def all(self) -> Sequence[ApiKey]:
        [members] = await self._wire.run([("SMEMBERS", key_names.API_KEYS)])
        digests = [text for member in listed(members) if _SHA256.fullmatch(text := str(member))]
        asking: list[Command] = [("HGETALL", key_names.api_key(digest)) for digest in digests]
        replies = await self._wire.run(asking) if asking else []
        found = (self._read(digest, reply) for digest, reply in zip(digests, replies, strict=True))
        return sorted(
            (key for key in found if key is not None), key=lambda key: (key.state == "forged", key.created, key.sha256)
        )

    async def aclose(self) -> None:
        await self._wire.aclose()

    def _read(self, sha256: str, reply: Reply) -> ApiKey | None:
        """Read a record; raise StoreError if it does not show whether the key is valid."""
        if reply == []:
            return None
        fields = {} if is_of_another_type(reply) else paired(reply)
        text = fields.get(_RECORD, "")
        if not self._has_secret or not same(fields.get(_SEAL, ""), self._seal(sha256, text)):
            return ApiKey(sha256=sha256, tenant="nobody", state="forged")
        try:
            return ApiKey.model_validate_json(text)
        except ValidationError as error:
            raise StoreError("the record of a key is of another version") from error

    def _seal(self, sha256: str, text: str) -> str:
        return seal(self._key, key_names.api_key(sha256), text)
