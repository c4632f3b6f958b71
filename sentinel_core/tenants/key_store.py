"""Where API keys are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sentinel_core.tenants.api_key import ApiKey


class KeyStore(Protocol):
    """Where API keys are kept, by their SHA-256. All methods raise StoreError, and nothing else."""

    async def get(self, sha256: str) -> ApiKey | None: ...

    async def put(self, key: ApiKey) -> None:
        """Add or replace."""

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, revoked and expired ones included, oldest first."""

    async def aclose(self) -> None:
        """Give connections back; never raises."""
