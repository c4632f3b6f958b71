"""Explains the error codes of Redis, and logs each of them once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sentinel_core.errors import RefusedError
from sentinel_core.stores.redis.connection import Reply

REMEDIES = {
    "NOAUTH": "Redis asks for a password: add it to the address",
    "WRONGPASS": "the password, token or user is wrong",
    "NOPERM": "the user lacks a right: it needs +@read, +@write, +hello, +cluster and the keys ~sentinel:*",
    "READONLY": "this is a replica, or a read-only token: give the master's address, or a token that may write",
    "OOM": "Redis is full: raise maxmemory, or set maxmemory-policy to volatile-lru",
    "WRONGTYPE": "another application uses a key below sentinel: give Sentinel a database of its own",
    "MISCONF": "Redis cannot save to its disk, and takes no writes",
    "LOADING": "Redis is reading its data from disk; it will answer soon",
    "MASTERDOWN": "this is a replica without its master",
    "NOREPLICAS": "Redis takes no writes, for too few replicas are connected",
    "CLUSTERDOWN": "the cluster misses a node",
    "MOVED": "this is one node of a cluster, whose other nodes cannot be reached",
    "CROSSSLOT": "this address hides a cluster: give the address of one of its nodes",
    "TRYAGAIN": "the cluster is moving these keys; it will answer soon",
}
"""The operator's remedy for an error code."""

REPEAT_SECONDS = 3_600.0
_EXPECTED = frozenset({"ERR"})
"""Codes that are no fault: such as an unknown command, where the server has no vector engine."""

_log = logging.getLogger("sentinel")


def explained(error: RefusedError, command: str = "") -> str:
    """Return the error with the refused command's name, and a remedy if one is known."""
    where = f" ({command})" if command else ""
    remedy = REMEDIES.get(error.code)
    return f"{error}{where}" if remedy is None else f"{error}{where}: {remedy}"


class RefusalLog:
    """Logs `store.refused` once for each code, and again if it still comes after `REPEAT_SECONDS`."""

    def __init__(self) -> None:
        self._logged: dict[str, float] = {}

    def note(self, replies: Sequence[Reply | BaseException], now: float) -> None:
        """Log new codes among the replies; `now` is the monotonic clock."""
        for reply in replies:
            if isinstance(reply, RefusedError) and reply.code not in _EXPECTED:
                self._note(reply, now)

    def _note(self, error: RefusedError, now: float) -> None:
        before = self._logged.get(error.code)
        if before is not None and now - before < REPEAT_SECONDS:
            return
        if len(self._logged) >= len(REMEDIES) + 10:
            self._logged.clear()
        self._logged[error.code] = now
        fields = {"code": error.code, "reason": REMEDIES.get(error.code, "see the log of Redis")}
        _log.error("store.refused", extra={"fields": fields})
