"""Keeps the audit log in a file beside the file of keys, where there is no Redis."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sentinel_core.errors import StoreError
from sentinel_core.telemetry.audit import Checkpoint
from sentinel_core.tenants.key_file import write_private

T = TypeVar("T")
AUDIT_FILE = "audit.jsonl"
CHECKPOINT_FILE = "audit_checkpoints.json"


class FileAudit:
    """An `AuditStore` of one line a record; the number of a line is its cursor. Only the owner may read the file."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / AUDIT_FILE
        self._checkpoints = directory / CHECKPOINT_FILE

    async def append(self, line: str) -> None:
        await self._do(lambda: self._append(line))

    async def read(self, after: str | None, limit: int) -> Sequence[tuple[str, str]]:
        start = 0 if after is None else int(after)
        lines = await self._do(lambda: self._lines(start, limit))
        return [(str(start + number), line) for number, line in enumerate(lines, start=1)]

    async def count(self) -> int:
        return len(await self.read(None, 10_000_000))

    async def checkpoints(self) -> Sequence[Checkpoint]:
        try:
            text = self._checkpoints.read_text() if self._checkpoints.exists() else "[]"
            return [Checkpoint(**fields) for fields in json.loads(text)]
        except (OSError, ValueError, TypeError) as error:
            raise StoreError("the checkpoints of the audit log cannot be read") from error

    async def trim(self, upto: str, checkpoints: Sequence[Checkpoint]) -> None:
        await self._do(lambda: self._trim(int(upto), checkpoints))

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise StoreError(f"the audit log cannot be read or written: {error.strerror}") from error

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line.encode() + b"\n")

    def _lines(self, start: int, limit: int) -> list[str]:
        if not self._path.exists():
            return []
        with self._path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in islice(file, start, start + limit)]

    def _trim(self, upto: int, checkpoints: Sequence[Checkpoint]) -> None:
        write_private(self._checkpoints, json.dumps([asdict(each) for each in checkpoints]).encode())
        kept = self._lines(upto, 10_000_000)
        write_private(self._path, "".join(f"{line}\n" for line in kept).encode())
