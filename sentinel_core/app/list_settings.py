"""Settings that are lists, written in one line."""

from __future__ import annotations

import re
from base64 import b64decode

from pydantic import ValidationError

from sentinel_core.tenants.api_key import ApiKey

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEY_BYTES = 32


def split(text: str, between: str) -> list[str]:
    return [part.strip() for part in text.split(between) if part.strip()]


def static_keys(text: str) -> list[ApiKey]:
    """Read `tenant:sha256, …`; raises ValueError saying the rule."""
    pairs = [part.partition(":") for part in split(text, ",")]
    try:
        return [ApiKey(tenant=tenant, sha256=sha256) for tenant, _, sha256 in pairs]
    except ValidationError:
        raise ValueError("must be `tenant:sha256, …`, each SHA-256 the 64 hexadecimal digits of a key's") from None


def models_by_deployment(text: str) -> dict[str, str]:
    """Read `name=model, …, *`; raises ValueError saying the rule."""
    models: dict[str, str] = {}
    for part in split(text, ","):
        name, _, model = (each.strip() for each in part.partition("="))
        if name == "*" and not model:
            models[name] = ""
        elif not _NAME.fullmatch(name) or not model or name in models:
            raise ValueError("must be `name=provider/model, …`, each name once, or `*`")
        else:
            models[name] = model
    return models


def pools_by_tenant(text: str) -> dict[str, str]:
    """Read `pool=tenant, tenant; …`; raises ValueError saying the rule."""
    pools: dict[str, str] = {}
    for part in split(text, ";"):
        pool, _, tenants = part.partition("=")
        for tenant in split(tenants, ",") or [""]:
            if not _NAME.fullmatch(pool.strip()) or not _NAME.fullmatch(tenant) or tenant in pools:
                raise ValueError("must be `pool=tenant, tenant; pool=…`, each tenant in one pool")
            pools[tenant] = pool.strip()
    return pools


def keys_by_name(text: str) -> dict[str, bytes]:
    """Read `name:base64, …`; raises ValueError saying the rule."""
    keys: dict[str, bytes] = {}
    for part in split(text, ","):
        name, _, encoded = part.partition(":")
        key = _decoded(encoded)
        if not _NAME.fullmatch(name) or name in keys or len(key) != _KEY_BYTES:
            raise ValueError("must be `name:key, …`, each name once, each key 32 bytes in base64")
        keys[name] = key
    if not keys:
        raise ValueError("must name a key")
    return keys


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        return b""
