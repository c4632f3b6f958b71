"""Seals texts that are kept where others may write, so that forgeries show."""

from __future__ import annotations

import hmac

_BYTES = 16


def derived(secret: bytes, purpose: str) -> bytes:
    """Derive a key for one purpose by one step of HKDF-Expand (RFC 5869); keys of two purposes are independent."""
    return hmac.digest(secret, f"sentinel:{purpose}\x01".encode(), "sha256")


def seal(key: bytes, place: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text in its one place, cut to 128 bits, in hex."""
    return hmac.digest(key, f"{place}\n{text}".encode("utf-8", "surrogatepass"), "sha256")[:_BYTES].hex()
