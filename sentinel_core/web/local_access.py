"""Limits an open server to callers on this machine: by the `Host` they name and the page they come from."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Scope

from sentinel_core.errors import NotAllowedError

_LOOPBACK = re.compile(r"(localhost|([a-z0-9-]+\.)+localhost|127(\.[0-9]{1,3}){3}|\[::1\])\.?")
_HOST = re.compile(r"([^:\[\]/?#@\s]+|\[[0-9a-f:.]+\])(:[0-9]{0,5})?")
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})
_REASON = "this server is open because no API key exists, and answers"


@dataclass(frozen=True, slots=True)
class LocalAccess:
    """
    `hosts` are names the operator allows besides loopback names, without a port; `origins` are those of CORS.

    A page on another site can reach a server on the visitor's machine: directly, or under a name that it resolves to
    127.0.0.1 (DNS rebinding). Both are refused here, by the headers that a browser does not let a page choose.
    """

    hosts: Collection[str] = ()
    origins: Collection[str] = ()

    def check(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Raise NotAllowedError for a foreign `Host` or `Origin`."""
        hosts = [value.decode("latin-1").lower() for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not self._is_local(hosts[0]):
            raise NotAllowedError(
                f"{_REASON} loopback addresses only: make a key, name this host in SENTINEL_ALLOWED_HOSTS, or set"
                " SENTINEL_OPEN=true",
                code="host_not_allowed",
                param="host",
            )
        for name, value in headers:
            if name == b"origin" and not self._is_allowed(value.decode("latin-1").lower(), hosts[0]):
                raise NotAllowedError(
                    f"{_REASON} pages of its own and of SENTINEL_CORS_ORIGINS only",
                    code="origin_not_allowed",
                    param="origin",
                )

    def is_direct(self, scope: Scope) -> bool:
        """Whether a request comes from this machine, to a loopback name, and through no proxy that says so."""
        client = scope.get("client")
        names = {name for name, _ in scope["headers"]}
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        return (
            client is not None
            and _is_loopback(client[0])
            and names.isdisjoint(_FORWARDED)
            and all((found := _HOST.fullmatch(host)) and _LOOPBACK.fullmatch(found[1]) for host in hosts)
        )

    def _is_local(self, host: str) -> bool:
        name, is_loopback = _named(host)
        return is_loopback or (name != "" and name.rstrip(".") in self.hosts)

    def _is_allowed(self, origin: str, host: str) -> bool:
        return origin in (f"http://{host}", f"https://{host}") or origin in self.origins or "*" in self.origins


@lru_cache(maxsize=16)
def _named(host: str) -> tuple[str, bool]:
    """Return the name in a `Host`, "" where there is none, and whether it is a loopback name."""
    found = _HOST.fullmatch(host)
    return ("", False) if found is None else (found[1], _LOOPBACK.fullmatch(found[1]) is not None)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
