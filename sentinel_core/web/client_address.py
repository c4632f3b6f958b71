"""The caller's address: the socket's, or the one that a trusted proxy names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ipaddress import IPv4Network as IPv4Network
from typing import TypeAlias

from starlette.types import Scope

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

MOST_HOPS = 32
"""Addresses read of one header, from its end."""


def networks(text: str) -> tuple[Network, ...]:
    """Parse `10.0.0.0/8, 192.168.1.7`; raises ValueError for any other text."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(scope: Scope, trusted: Sequence[Network] = ()) -> str:
    """
    Return the caller's address; "" if it has none, as over a Unix socket.

    That is the peer of the socket, or `sourceIp` of API Gateway's event. Of a peer in `trusted`, it is the last address
    in `x-forwarded-for` that is not trusted itself: earlier ones are the caller's own words.
    """
    peer = scope.get("client")
    if not peer:
        return ""
    address, written = _peer(str(peer[0]))
    if address is None or not trusted or not _is_in(address, trusted):
        return written
    for said in reversed(_forwarded(scope)):
        before = _address(_without_port(said))
        if before is None:
            break
        address = before
        if not _is_in(address, trusted):
            break
    return str(address)


def block_of(address: str) -> str:
    """Return the addresses that one caller may have: this one, or the /64 network of an IPv6 address."""
    parsed = _address(address)
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


@lru_cache(maxsize=1_024)
def _peer(text: str) -> tuple[Address | None, str]:
    """Return a peer's address, None for other text, and as it is written; to read it takes 3 µs."""
    address = _address(text)
    return address, text if address is None else str(address)


def _forwarded(scope: Scope) -> list[str]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [part.strip() for part in ",".join(lines).rsplit(",", MOST_HOPS)[-MOST_HOPS:]]


def _without_port(said: str) -> str:
    """Take the port away that some proxies write: `192.0.2.1:443`, `[2001:db8::1]:443`."""
    if said.startswith("["):
        return said[1:].partition("]")[0]
    return said.partition(":")[0] if said.count(":") == 1 else said


def _address(text: str) -> Address | None:
    """Return an IPv4 address that is written as IPv6 (::ffff:1.2.3.4) as IPv4; None for other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _is_in(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted if network.version == address.version)
