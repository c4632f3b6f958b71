"""
Keeps curated answers in Redis.

A namespace has a hash of sealed records, a stream of the ids that changed, and a number that each change raises.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import islice

from sentinel_core.cache.curated import Reading, VersionReader
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load
from sentinel_core.stores.redis.connection import Command, Reply, checked, listed
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.sealing import SealedTexts

_log = logging.getLogger("sentinel")
_PAGE = 100
_WRITTEN = 50  # records of one round trip; each has a vector of 520 characters a question
_LOGGED = 1_000  # changes, of `_WRITTEN` records at most; an instance that is further behind reads all records


class RedisCurated:
    """A `CuratedStore` for all instances; forged and corrupt records are left out."""

    def __init__(self, trips: Trips, secret: bytes, cipher: Cipher | None) -> None:
        self._trips = trips
        self._texts = SealedTexts(secret, "curated")
        self._cipher = cipher

    def ask_version(self, namespace: str, reader: VersionReader) -> None:
        def unload(replies: Sequence[Reply] | None) -> None:
            if replies is not None and not isinstance(replies[0], Exception):
                reader.learn(None if replies[0] is None else str(replies[0]))

        self._trips.ride(Load([("GET", key_names.curated_version(namespace))], unload))

    async def version(self, namespace: str) -> str | None:
        [version] = checked(await self._trips.run([("GET", key_names.curated_version(namespace))]))
        return None if version is None else str(version)

    async def read(self, namespace: str, since: str = "") -> Reading:
        key, log = key_names.curated_version(namespace), key_names.curated_log(namespace)
        last: Command = ("XREVRANGE", log, "+", "-", "COUNT", "1")
        after: Command = ("XRANGE", log, since, "+", "COUNT", str(_LOGGED))
        found, changes = checked(await self._trips.run([("GET", key), after if since else last]))
        version = None if found is None else str(found)
        items = [listed(item, 2) for item in listed(changes)]
        place = str(items[-1][0]) if items else ""
        if since and items and str(items[0][0]) == since and len(items) < _LOGGED:
            names = dict.fromkeys(str(name) for _, fields in items[1:] for name in listed(fields)[::2])
            return Reading(version, await self._changed(namespace, list(names)), place, is_whole=False)
        if since:
            return await self.read(namespace)
        return Reading(version, await self._all(namespace), place, is_whole=True)

    async def _changed(self, namespace: str, names: Sequence[str]) -> dict[str, str | None]:
        """Read these records; one that is gone, forged or corrupt is None."""
        key, found = key_names.curated(namespace), dict[str, str]()
        for start in range(0, len(names), _PAGE):
            page = names[start : start + _PAGE]
            [values] = checked(await self._trips.run([("HMGET", key, *page)]))
            for name, value in zip(page, listed(values, len(page)), strict=True):
                if value is not None:
                    self._note(found, namespace, name, str(value))
        return {name: found.get(name) for name in names}

    async def _all(self, namespace: str) -> dict[str, str]:
        records: dict[str, str] = {}
        cursor = "0"
        while True:
            scan: Command = ("HSCAN", key_names.curated(namespace), cursor, "COUNT", str(_PAGE))
            [reply] = checked(await self._trips.run([scan]))
            following, fields = listed(reply, 2)
            pairs = listed(fields)
            for identifier, text in zip(pairs[::2], pairs[1::2], strict=True):
                self._note(records, namespace, str(identifier), str(text))
            cursor = str(following)
            if cursor == "0":
                return records

    async def write(self, namespace: str, records: Mapping[str, str | None]) -> None:
        waiting = iter(records.items())
        while batch := list(islice(waiting, _WRITTEN)):
            commands: list[Command] = [self._writing(namespace, name, text) for name, text in batch]
            names = [part for name, _ in batch for part in (name, "")]
            log = key_names.curated_log(namespace)
            noted: Command = ("XADD", log, "MAXLEN", "~", str(_LOGGED), "*", *names)
            # In this order: what the log or the version names is there already.
            checked(await self._trips.run([*commands, noted, ("INCR", key_names.curated_version(namespace))]))

    def _writing(self, namespace: str, identifier: str, text: str | None) -> Command:
        key = key_names.curated(namespace)
        if text is None:
            return "HDEL", key, identifier
        if self._cipher is not None:
            text = self._cipher.encrypt(namespace, f"{key}\n{identifier}", text)
        return "HSET", key, identifier, self._texts.close(namespace, identifier, text)

    def _note(self, records: dict[str, str], namespace: str, identifier: str, value: str) -> None:
        try:
            text = self._texts.open(namespace, identifier, value)
            place = f"{key_names.curated(namespace)}\n{identifier}"
            records[identifier] = text if self._cipher is None else self._cipher.decrypt(namespace, place, text)
        except ForgedEntryError:
            _log.error("curated.forged", extra={"fields": {"namespace": namespace, "id": identifier}})
        except CorruptEntryError:
            _log.error("curated.unreadable", extra={"fields": {"namespace": namespace, "id": identifier}})
