"""Refuses a provider's address that is this server's own, at the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address

import httpx

from sentinel_core.app.settings import BASE_URLS
from sentinel_core.errors import ConfigurationError
from sentinel_core.providers.endpoint import mended_base_url

_PORTS = {"http": 80, "https": 443}


def check_base_urls(base_urls: Mapping[str, str], addresses: Iterable[tuple[str, int]]) -> None:
    """
    Raise ConfigurationError if a provider's base URL is one of the `addresses` (host and port) that are served.

    Names of other hosts are not looked up: a loop through them is found at the first call (508 `gateway_loop`).
    """
    served = list(addresses)
    for name, address in base_urls.items():
        url = httpx.URL(mended_base_url(address))
        if any(_is_same(url, host, port) for host, port in served):
            where = f"{url.scheme}://{url.netloc.decode('ascii').rpartition('@')[2]}"
            raise ConfigurationError(
                f"{BASE_URLS[name]}: {where} is this server's own address: set it to the provider's"
            )


def _is_same(url: httpx.URL, host: str, port: int) -> bool:
    if (url.port or _PORTS[url.scheme]) != port:
        return False
    return url.host.lower() == host.lower() or (_is_here(url.host) and (_is_here(host) or _is_any(host)))


def _is_here(host: str) -> bool:
    """Whether a host is this machine: its loopback, or the address that stands for all of it."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback or _is_any(name)
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")  # noqa: S104  compared, not bound
