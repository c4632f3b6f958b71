"""Closes the rows of backups by the secret and the encryption keys of the deployment."""

from __future__ import annotations

from sentinel_core.errors import CorruptEntryError
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.sealing import SealedTexts, derived


class BackupSealer:
    """A `Sealer`; without a secret the seal shows accidents, but no forgery, as in Redis."""

    def __init__(self, secret: bytes, cipher: Cipher | None) -> None:
        self._secret = secret
        self._texts = SealedTexts(secret, "backup")
        self._cipher = cipher

    def close(self, namespace: str, place: str, text: str) -> str:
        if self._cipher is not None:
            nonce_key = derived(self._secret, f"backup-nonce:{namespace}")
            text = self._cipher.encrypt(namespace, place, text, nonce_key=nonce_key)
        return self._texts.close(namespace, place, text)

    def open(self, namespace: str, place: str, closed: str) -> str:
        text = self._texts.open(namespace, place, closed)
        if self._cipher is not None:
            return self._cipher.decrypt(namespace, place, text)
        if not text.startswith("{"):
            raise CorruptEntryError("encrypted, and SENTINEL_ENCRYPTION_KEYS is not set here")
        return text
