"""Seals texts that are kept where others may write, so that forgeries show."""

from __future__ import annotations

import hmac

from sentinel_core.errors import ForgedEntryError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.tenants.api_key import same

_BYTES = 16
_MOST_KEYS = 1_000


def derived(secret: bytes, purpose: str) -> bytes:
    """Derive a key for one purpose by one step of HKDF-Expand (RFC 5869); keys of two purposes are independent."""
    return hmac.digest(secret, f"sentinel:{purpose}\x01".encode(), "sha256")


def seal(key: bytes, place: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text in its one place, cut to 128 bits, in hex."""
    return hmac.digest(key, f"{place}\n{text}".encode("utf-8", "surrogatepass"), "sha256")[:_BYTES].hex()


class SealedTexts:
    """
    Texts of one purpose, each with its seal before it; every namespace has a key of its own.

    A text is encrypted, if at all, before it is sealed.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._secret = secret
        self._purpose = purpose
        self._keys: BoundedMap[str, bytes] = BoundedMap(_MOST_KEYS)

    def close(self, namespace: str, place: str, text: str) -> str:
        """Seal a text for its one place."""
        return f"{seal(self._key(namespace), place, text)} {text}"

    def open(self, namespace: str, place: str, closed: str) -> str:
        """Return the text; raise ForgedEntryError unless it was sealed by us for this place."""
        found, _, text = closed.partition(" ")
        if not same(found, seal(self._key(namespace), place, text)):
            raise ForgedEntryError("sealed with another secret, or changed")
        return text

    def _key(self, namespace: str) -> bytes:
        """Return a namespace's key, derived at its first use."""
        key = self._keys.get(namespace)
        if key is None:
            key = derived(self._secret, f"{self._purpose}:{namespace}")
            self._keys.put(namespace, key)
        return key
