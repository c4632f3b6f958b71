"""Reads entries from Redis; foreign, corrupt, forged and purged ones are misses."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sentinel_core.errors import CorruptEntryError, ForgedEntryError, StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Reply, is_of_another_type
from sentinel_core.stores.redis.envelope import Value, Values
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import PurgeLog

_log = logging.getLogger("sentinel")
_MAX_KNOWN = 10_000


class Reader:
    """
    Values that Sentinel did not write go to `faults`, each forged one once; the log gets its place.
    """

    def __init__(
        self,
        values: Values,
        purges: PurgeLog,
        faults: Faults,
    ) -> None:
        self._values = values
        self._purges = purges
        self._faults = faults
        self._known: set[tuple[str, int]] = set()

    def read(self, namespace: str, fingerprint: str, digest: str, reply: Reply) -> Value | None:
        """Read one reply, None for a miss; raise StoreError if it is an error, except for a key of another type."""
        if isinstance(reply, StoreError) and not is_of_another_type(reply):
            raise reply
        if reply is None:
            return None
        key = key_names.entry(namespace, fingerprint, digest)
        try:
            value = self._values.unpack(namespace, key, reply)
        except ForgedEntryError:
            if self._is_new(key, reply):
                self._report({"namespace": namespace, "fingerprint": fingerprint, "digest": digest})
            return None
        except CorruptEntryError:
            self._faults.note_corrupt(1)
            return None
        if self._purges.covers(value.written, namespace, value.entry):
            self._values.forget()  # what is read again is not only this value, but purged ones are seldom met
            return None
        return value

    def _report(self, where: Mapping[str, str]) -> None:
        _log.error("entry.forged", extra={"fields": where})
        self._faults.note_forged(where)

    def _is_new(self, key: str, reply: Reply) -> bool:
        """Whether this forgery was not met before; one request may read it twice, and many before it is replaced."""
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        before = len(self._known)
        self._known.add((key, hash(reply)))
        return len(self._known) > before
