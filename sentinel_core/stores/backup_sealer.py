"""Closes the rows of backups by the secret and the encryption keys of the deployment."""

from __future__ import annotations

from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.sealing import derived, seal
from sentinel_core.tenants.api_key import same


class BackupSealer:
    """A `Sealer`; without a secret the seal shows accidents, but no forgery, as in Redis."""

    def __init__(self, secret: bytes, cipher: Cipher | None) -> None:
        self._secret = secret
        self._cipher = cipher

    def close(self, namespace: str, place: str, text: str) -> str:
        if self._cipher is not None:
            nonce_key = derived(self._secret, f"backup-nonce:{namespace}")
            text = self._cipher.encrypt(namespace, place, text, nonce_key=nonce_key)
        return f"{self._seal(namespace, place, text)} {text}"

    def open(self, namespace: str, place: str, closed: str) -> str:
        found, _, text = closed.partition(" ")
        if not same(found, self._seal(namespace, place, text)):
            raise ForgedEntryError("sealed with another secret, or changed")
        if self._cipher is not None:
            return self._cipher.decrypt(namespace, place, text)
        if not text.startswith("{"):
            raise CorruptEntryError("encrypted, and SENTINEL_ENCRYPTION_KEYS is not set here")
        return text

    def _seal(self, namespace: str, place: str, text: str) -> str:
        return seal(derived(self._secret, f"backup:{namespace}"), place, text)
