"""Keeps curated answers in this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from sentinel_core.cache.curated import Reading, VersionReader

LOGGED = 1_000
"""Changes of a namespace that are remembered."""


class MemoryCurated:
    """A `CuratedStore` of one process; a place in its log is a version."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, str]] = {}
        self._versions: dict[str, int] = {}
        self._logs: dict[str, deque[tuple[str, ...]]] = {}

    def ask_version(self, namespace: str, reader: VersionReader) -> None:
        reader.learn(self._version(namespace))

    async def version(self, namespace: str) -> str | None:
        return self._version(namespace)

    async def read(self, namespace: str, since: str = "") -> Reading:
        version, log = self._version(namespace), self._logs.get(namespace, deque())
        records = self._records.get(namespace, {})
        behind = self._versions.get(namespace, 0) - int(since) if since else len(log) + 1
        if not 0 <= behind <= len(log):
            return Reading(version, dict(records), version or "", is_whole=True)
        changed = {each: records.get(each) for ids in list(log)[len(log) - behind :] for each in ids}
        return Reading(version, changed, version or "", is_whole=False)

    async def write(self, namespace: str, records: Mapping[str, str | None]) -> None:
        kept = self._records.setdefault(namespace, {})
        for identifier, text in records.items():
            if text is None:
                kept.pop(identifier, None)
            else:
                kept[identifier] = text
        self._versions[namespace] = self._versions.get(namespace, 0) + 1
        self._logs.setdefault(namespace, deque(maxlen=LOGGED)).append(tuple(records))

    def _version(self, namespace: str) -> str | None:
        version = self._versions.get(namespace)
        return None if version is None else str(version)
