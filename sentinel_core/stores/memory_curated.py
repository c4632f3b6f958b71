"""Keeps curated answers in this process."""

from __future__ import annotations

from collections.abc import Mapping

from sentinel_core.cache.curated import VersionReader


class MemoryCurated:
    """A `CuratedStore` of one process."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, str]] = {}
        self._versions: dict[str, int] = {}

    def ask_version(self, namespace: str, reader: VersionReader) -> None:
        reader.learn(self._version(namespace))

    async def version(self, namespace: str) -> str | None:
        return self._version(namespace)

    async def read(self, namespace: str) -> tuple[str | None, Mapping[str, str]]:
        return self._version(namespace), dict(self._records.get(namespace, {}))

    async def write(self, namespace: str, records: Mapping[str, str | None]) -> None:
        kept = self._records.setdefault(namespace, {})
        for identifier, text in records.items():
            if text is None:
                kept.pop(identifier, None)
            else:
                kept[identifier] = text
        self._versions[namespace] = self._versions.get(namespace, 0) + 1

    def _version(self, namespace: str) -> str | None:
        version = self._versions.get(namespace)
        return None if version is None else str(version)
