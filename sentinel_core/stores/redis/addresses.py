"""Reads addresses of Redis as operators write them: a server, a node of a cluster, a service behind Redis Sentinel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from redis.asyncio.connection import parse_url

from sentinel_core.errors import ConfigurationError

SENTINEL_PORT = 26_379
_FORM = (
    "the Redis URL must be redis://[user:password@]host[:port][/number], rediss:// with TLS, "
    "or redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/number]"
)
_SENTINEL = re.compile(
    r"redis(?P<tls>s?)\+sentinel://(?P<credentials>.*@)?(?P<hosts>[^/?#@]+)/(?P<service>[^/?#]+)(?P<rest>.*)", re.DOTALL
)
_CREDENTIALS = re.compile(r"(?P<scheme>[a-z+]+://)(?P<credentials>.*)@(?P<rest>.*)", re.DOTALL)
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Address:
    """
    Keyword arguments for redis-py's connections; `sentinels` and `service` are given behind Redis Sentinel only.

    `sentinel_options` are the keyword arguments for connections to the Sentinels themselves.
    """

    options: Mapping[str, Any]
    sentinels: tuple[tuple[str, int], ...] = ()
    service: str = ""
    sentinel_options: Mapping[str, Any] = field(default_factory=dict)


def address(url: str) -> Address:
    """
    Read an address; a password may hold any character, as it is or percent-encoded.

    Raises ConfigurationError for a malformed one, without quoting it.
    """
    try:
        text = _encoded(url.strip())
        behind = _SENTINEL.fullmatch(text)
        return Address(_options(text)) if behind is None else _behind_sentinel(behind)
    except ValueError:
        raise ConfigurationError(_FORM) from None


def _encoded(url: str) -> str:
    """Encode the characters of a user name or password that would end that part of the URL."""
    split = _CREDENTIALS.fullmatch(url)
    if split is None:
        return url
    bare = _BARE_PERCENT.sub("%25", split["credentials"])
    return f"{split['scheme']}{quote(bare, safe=':%')}@{split['rest']}"


def _options(url: str) -> dict[str, Any]:
    """Raise ValueError for a malformed address."""
    options: dict[str, Any] = dict(parse_url(url))
    if "host" not in options and "path" not in options:
        raise ValueError("no host")
    return options


def _behind_sentinel(parts: re.Match[str]) -> Address:
    scheme, credentials = f"redis{parts['tls']}://", parts["credentials"] or ""
    options = _options(f"{scheme}{credentials}service{parts['rest']}")
    del options["host"]
    own = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    if "connection_class" in options:
        own |= {"ssl": True, **{name: value for name, value in options.items() if name.startswith("ssl_")}}
    hosts = tuple(_host(text) for text in parts["hosts"].split(","))
    return Address(options, hosts, parts["service"], {name: value for name, value in own.items() if value is not None})


def _host(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a host")
    return found["host"].strip("[]"), int(found["port"] or SENTINEL_PORT)
