"""The keys of the audit log and of receipts, which outlive the moment when an open server gets its first API key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentinel_core.app import stores
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.stores.redis.sealing import derived
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.audit import AuditStore, AuditTrail
from sentinel_core.tenants.key_file import SECRET_FILE, SIGNING_FILE, secret_in


@dataclass(frozen=True, slots=True)
class ServerKey:
    """The key for one purpose under the server's secret of this moment."""

    settings: Settings
    purpose: str

    def read(self) -> bytes:
        """Return the key; empty where no secret can be kept."""
        secret = _secret(self.settings)
        return derived(secret, self.purpose) if secret else b""


def audit_trail(settings: Settings, store: AuditStore, clock: Clock) -> AuditTrail:
    """Build the chain of this process; without a secret its hashes find accidents only."""
    return AuditTrail(store, ServerKey(settings, "audit"), clock, settings.audit_days)


def receipt_key(settings: Settings) -> ServerKey:
    """Return the key of signed receipts."""
    return ServerKey(settings, "receipts")


def _secret(settings: Settings) -> bytes:
    """
    Return the shared secret, or on a server that is open until a key exists the secret that the first key will take.

    A server that is open by SENTINEL_OPEN, as on Lambda, has none without SENTINEL_NAMESPACE_SECRET.
    """
    folder = Path(settings.keys_file).parent
    try:
        if settings.open or (folder / SECRET_FILE).exists() or stores.asks_for_keys(settings):
            return stores.sealing_secret(settings)
        return secret_in(folder / SIGNING_FILE)
    except ConfigurationError:
        return b""
