"""`sentinel keys …`: makes keys and takes them back."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from sentinel_core.app.audit_command import recorded
from sentinel_core.app.list_settings import split
from sentinel_core.app.settings import Settings
from sentinel_core.app.stores import key_store, namespace_secret, wire
from sentinel_core.errors import ConfigurationError, InvalidRequestError, StoreError
from sentinel_core.tenants import api_key, key_operations
from sentinel_core.tenants.api_key import ApiKey, Limits, UserScope
from sentinel_core.tenants.key_store import KeyStore

_DAY = 86_400
_NOT_THE_SERVERS = {"AWS_LAMBDA_FUNCTION_NAME": "", "SENTINEL_OPEN": ""}
"""Where a server would be open, keys are sealed all the same."""

_FROM_HERE = "start the server in this folder, or set SENTINEL_KEYS_FILE"
_SEALED_HERE = "SENTINEL_NAMESPACE_SECRET is not set: these keys are good where the secret beside SENTINEL_KEYS_FILE is"


def keys(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `keys` with these arguments; raises ConfigurationError if it fails."""
    asked = _parser().parse_args(arguments)
    settings = Settings.from_environ({**environ, **_NOT_THE_SERVERS})
    try:
        return asyncio.run(_run(asked, settings))
    except (StoreError, InvalidRequestError) as error:
        raise ConfigurationError(str(error)) from error


async def _run(asked: argparse.Namespace, settings: Settings) -> int:
    act: Callable[[argparse.Namespace, KeyStore], Awaitable[list[str]]] = asked.act
    if asked.act is _create:
        asked.made = _made(asked)
        namespace_secret(settings)  # made now if there is none: from now on the server asks for keys
    asked.changes = None
    way = wire(settings)
    store = key_store(settings, way)
    try:
        lines = await act(asked, store)
        if asked.changes is not None:
            before, after = (None if key is None else key_operations.facts(key) for key in asked.changes)
            await recorded(settings, way, f"keys {asked.act.__name__.strip('_')}", before=before, after=after)
    finally:
        await store.aclose()
    if way is not None and settings.namespace_secret is None:
        lines.append(_SEALED_HERE)
    if way is None and asked.act in (_create, _rotate):
        lines.append(_place(settings))
    for line in lines:
        print(line)  # noqa: T201  a command speaks to its user
    return 0


def _place(settings: Settings) -> str:
    return f"It is kept in {Path(settings.keys_file).resolve()}: {_FROM_HERE}"


def _made(asked: argparse.Namespace) -> tuple[str, ApiKey]:
    now = time.time()
    fields = {
        "name": asked.name,
        "models": split(asked.models, ","),
        "providers": split(asked.providers, ","),
        "limits": {name: value for name in Limits.model_fields if (value := getattr(asked, name)) is not None},
        "user_scope": asked.user_scope,
        "scopes": split(asked.scopes, ","),
        "expires": None if asked.days is None else now + asked.days * _DAY,
    }
    try:
        return key_operations.made(now=now, tenant=asked.tenant, **fields)
    except ValidationError as error:
        raise ConfigurationError(api_key.complaint(error)) from None
    except InvalidRequestError as error:
        raise ConfigurationError(str(error)) from None


async def _create(asked: argparse.Namespace, store: KeyStore) -> list[str]:
    shown, key = asked.made
    await store.put(key)
    asked.changes = None, key
    return _shown(shown, key)


async def _list(asked: argparse.Namespace, store: KeyStore) -> list[str]:
    now = time.time()
    rows = [
        (key.id, key.tenant, key.name or "-", key_operations.state(key, now), *map(_date, (key.created, key.expires)))
        for key in await store.all()
    ]
    titles = ("id", "tenant", "name", "state", "created", "expires")
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [titles, *rows]]


async def _rotate(asked: argparse.Namespace, store: KeyStore) -> list[str]:
    old = await _existing(asked, store)
    shown, key = await key_operations.rotate(store, old, now=time.time(), overlap=asked.overlap)
    asked.changes = old, key
    return [
        *_shown(shown, key),
        f"{old.id} is good for another {asked.overlap:g} seconds, and up to a minute where it was just used",
    ]


async def _revoke(asked: argparse.Namespace, store: KeyStore) -> list[str]:
    key = await _existing(asked, store)
    changed = await key_operations.revoke(store, key)
    asked.changes = key, key.revoked()
    return [f"{key.id} is revoked: everywhere within a minute" if changed else f"{key.id} was revoked before"]


async def _existing(asked: argparse.Namespace, store: KeyStore) -> ApiKey:
    key = api_key.find(await store.all(), asked.id)
    if key is None:
        raise ConfigurationError("no key has this id: see `keys list`")
    return key


def _shown(shown: str, key: ApiKey) -> list[str]:
    return [
        shown,
        f"This key of {key.tenant} is shown once; it is called {key.id}.",
        f"As a static key: SENTINEL_API_KEYS={key.tenant}:{key.sha256}",
    ]


def _date(moment: float | None) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds") if moment else "-"


def _number(text: str) -> int | float:
    """Read whole numbers as integers, because some limits take no others."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sentinel keys", description="Make keys and take them back.")
    commands = parser.add_subparsers(required=True, metavar="create|list|rotate|revoke")
    create = commands.add_parser("create", help="make a key for a tenant, and show it once")
    create.add_argument("tenant", help="whose answers it opens; made by naming it")
    create.add_argument("--name", default="", help="what people know the key by")
    create.add_argument("--models", default="", metavar="A,B", help="models it may ask; all if absent")
    create.add_argument("--providers", default="", metavar="A,B", help="providers it may ask; all if absent")
    create.add_argument(
        "--user-scope", choices=get_args(UserScope), help="which prompts of a named end user are theirs alone"
    )
    create.add_argument(
        "--scopes",
        default="",
        metavar="A,B",
        help="what it may be used for: answer, cache, curate, metrics, admin:<part>; the first four if absent; "
        "curated answers are written only with a named curate",
    )
    create.add_argument("--days", type=float, help="days until it expires; never if absent")
    for name, field in Limits.model_fields.items():
        create.add_argument(f"--{name.replace('_', '-')}", metavar="N", type=_number, help=field.description)
    create.set_defaults(act=_create)
    commands.add_parser("list", help="list all keys, without showing any").set_defaults(act=_list)
    rotate = commands.add_parser("rotate", help="make a new key in the place of an old one")
    rotate.add_argument("id", help="as `keys list` shows it")
    rotate.add_argument("--overlap", type=float, default=0.0, metavar="SECONDS", help="how long the old one stays good")
    rotate.set_defaults(act=_rotate)
    revoke = commands.add_parser("revoke", help="take a key back")
    revoke.add_argument("id", help="as `keys list` shows it")
    revoke.set_defaults(act=_revoke)
    return parser
