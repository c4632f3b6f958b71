"""The operator's actions on keys, shared by commands and routes."""

from __future__ import annotations

import secrets
from typing import Any

from sentinel_core.errors import InvalidRequestError
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import PREFIX, ApiKey
from sentinel_core.tenants.key_store import KeyStore


def new_key() -> str:
    """Return a key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def made(*, now: float, **fields: Any) -> tuple[str, ApiKey]:
    """
    Make a key; return it, to be shown once, and the record to be kept.

    Raises ValidationError for a field that breaks a rule, InvalidRequestError for a key that has expired already.
    """
    shown = new_key()
    key = ApiKey(sha256=api_key.digest(shown), created=now, **fields)
    if not key.is_open(now):
        raise InvalidRequestError("expires: must be in the future", code="invalid_value", param="expires", status=422)
    return shown, key


async def rotate(store: KeyStore, old: ApiKey, *, now: float, overlap: float) -> tuple[str, ApiKey]:
    """
    Make a key that opens the same; the old one stays good for `overlap` seconds, or until its own end.

    Raises InvalidRequestError for a key that is no longer good.
    """
    if not old.is_open(now):
        raise InvalidRequestError(f"the key is {state(old, now)}: make a new one", code="key_not_active", param="id")
    shown = new_key()
    key = old.model_copy(update={"sha256": api_key.digest(shown), "created": now, "state": "active"})
    await store.put(key)
    await store.put(old.ending(now + overlap))
    return shown, key


async def revoke(store: KeyStore, key: ApiKey) -> bool:
    """Take a key back for good; returns whether that changed anything."""
    if key.state == "revoked":
        return False
    await store.put(key.revoked())
    return True


def facts(key: ApiKey) -> dict[str, Any]:
    """Return a key's record as the audit log shows it: all but its SHA-256."""
    return {"id": key.id, **key.model_dump(mode="json", exclude={"sha256"}, exclude_defaults=True)}


def state(key: ApiKey, now: float) -> str:
    """`active`, `expired`, `revoked` or `forged`."""
    return "expired" if key.state == "active" and not key.is_open(now) else key.state
