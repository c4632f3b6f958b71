"""Encrypts entries with AES-GCM, by the library `cryptography`, which nothing else needs."""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from sentinel_core.errors import ConfigurationError, CorruptEntryError
from sentinel_core.stores.redis.sealing import derived

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_READY = 5_000
"""Keys kept ready; past it all are derived again, which takes microseconds."""

_NONCE_BYTES = 12


class Cipher:
    """
    The first key encrypts, all decrypt, so that one can follow another.

    Each text is bound to its place. Each namespace has its own keys, derived from these.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        """Load the library; raise ConfigurationError if it is not installed."""
        self._keys = keys
        self._first = next(iter(keys))
        self._ready: dict[tuple[str, str], AESGCM] = {}
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise ConfigurationError("SENTINEL_ENCRYPTION_KEYS needs a library: pip install cryptography") from None
        self._invalid, self._make = InvalidTag, AESGCM

    def encrypt(self, namespace: str, place: str, text: str, *, nonce_key: bytes | None = None) -> str:
        """
        Return the key's name, and in base64 a nonce with the encrypted text.

        The nonce is random, or with `nonce_key` an HMAC of place, text and key: equal texts of one place are equal
        then, and different ones never share a nonce (the idea of RFC 5297).
        """
        nonce = os.urandom(_NONCE_BYTES)
        if nonce_key is not None:
            mixed = hmac.digest(nonce_key, self._keys[self._first], "sha256")
            nonce = hmac.digest(mixed, f"{place}\n{text}".encode(), "sha256")[:_NONCE_BYTES]
        encrypted = self._aes(namespace, self._first).encrypt(nonce, text.encode(), place.encode())
        return f"{self._first}:{b64encode(nonce + encrypted).decode('ascii')}"

    def decrypt(self, namespace: str, place: str, text: str) -> str:
        """Decrypt a text; raise CorruptEntryError if no key opens it in this place."""
        name, _, encoded = text.partition(":")
        if name not in self._keys:
            raise CorruptEntryError("encrypted with a key that is not here, or not at all")
        try:
            data = b64decode(encoded, validate=True)
            nonce, encrypted = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            return self._aes(namespace, name).decrypt(nonce, encrypted, place.encode()).decode()
        except (self._invalid, ValueError) as error:
            raise CorruptEntryError("not encrypted by us for this place") from error

    def _aes(self, namespace: str, name: str) -> AESGCM:
        """Return a namespace's key, derived at its first use."""
        if len(self._ready) >= MAX_READY:
            self._ready.clear()
        if (namespace, name) not in self._ready:
            self._ready[namespace, name] = self._make(derived(self._keys[name], f"encryption:{namespace}"))
        return self._ready[namespace, name]
