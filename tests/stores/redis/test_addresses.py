"""Addresses of Redis as operators write them."""

from __future__ import annotations

import pytest
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from sentinel_core.errors import ConfigurationError
from sentinel_core.stores.redis.addresses import Address, address

PLAIN = {
    "redis://host": {"host": "host"},
    " redis://host:7000/2\n": {"host": "host", "port": 7000, "db": 2},
    "rediss://host": {"host": "host", "connection_class": SSLConnection},
    "redis://[::1]:7000": {"host": "::1", "port": 7000},
    "unix:///run/redis.sock": {"path": "/run/redis.sock", "connection_class": UnixDomainSocketConnection},
    "redis://app:pw@host": {"username": "app", "password": "pw", "host": "host"},
    "redis://:p%40ss%2Fw%23rd%25@host": {"password": "p@ss/w#rd%", "host": "host"},
    "redis://:p@ss/w#r?d%[x]&+ü @host:1": {"password": "p@ss/w#r?d%[x]&+ü ", "host": "host", "port": 1},
    "redis://app:a:b:c@host": {"username": "app", "password": "a:b:c", "host": "host"},
    "redis://app:100%@host/0": {"username": "app", "password": "100%", "host": "host", "db": 0},
}


@pytest.mark.parametrize(("url", "options"), PLAIN.items(), ids=PLAIN)
def test_an_address_is_read_whatever_its_password_holds(url: str, options: dict[str, object]) -> None:
    assert address(url) == Address(options)


def test_sentinels_and_their_service_are_read() -> None:
    assert address("redis+sentinel://app:p/w@one,two:7000,[::1]:1/main/3?sentinel_password=s") == Address(
        {"username": "app", "password": "p/w", "db": 3},
        (("one", 26_379), ("two", 7000), ("::1", 1)),
        "main",
        {"password": "s"},
    )


def test_sentinels_are_reached_by_tls_as_their_service_is() -> None:
    found = address("rediss+sentinel://one/main?ssl_ca_certs=/ca.pem")
    assert found.options == {"connection_class": SSLConnection, "ssl_ca_certs": "/ca.pem"}
    assert found.sentinel_options == {"ssl": True, "ssl_ca_certs": "/ca.pem"}


@pytest.mark.parametrize(
    "url",
    [
        *("", "host", "http://host", "redis://", "redis://:secret@", "redis://host:x", "redis://host/1?db=secret"),
        *("redis+sentinel://host", "redis+sentinel://secret:a:b/main", "redis+sentinel:///main", "redis://[secret"),
    ],
)
def test_a_malformed_address_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"redis\+sentinel://") as refused:
        address(url)
    assert "secret" not in str(refused.value)
