from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.errors import NotAllowedError
from sentinel_core.tenants.key_directory import Directory
from sentinel_core.tenants.key_watch import HOLD_SECONDS, KeyWatch
from sentinel_core.web.local_access import LocalAccess
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

ACCESS = LocalAccess({"gateway.lan"}, {"https://app.example.com"})


def _headers(*lines: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1")) for name, value in lines]


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8001", "LOCALHOST:1", "app.localhost:80", "localhost.", "127.0.0.1:8001"),
        *("127.8.9.1", "[::1]", "[::1]:8001", "gateway.lan", "gateway.lan:8001", "Gateway.LAN.:8001"),
    ],
)
def test_loopback_and_allowed_hosts_pass(host: str) -> None:
    ACCESS.check(_headers(("host", host)))


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "10.0.0.1"),
        *("192.168.1.5:8001", "localhost@evil.example", "evil.example#localhost", "localhost evil", "[::2]", "::1"),
        *("notlocalhost", "127.1", "x.gateway.lan", "localhost:80:80", "[::ffff:10.0.0.1]", "localhost/evil"),
    ],
)
def test_any_other_host_is_refused(host: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        ACCESS.check(_headers(("host", host)))

    assert (caught.value.status, caught.value.code) == (403, "host_not_allowed")


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.example"]])
def test_no_host_and_two_hosts_are_refused(hosts: list[str]) -> None:
    with pytest.raises(NotAllowedError):
        ACCESS.check(_headers(*(("host", host) for host in hosts)))


@pytest.mark.parametrize("origin", ["http://localhost:8001", "https://localhost:8001", "https://app.example.com"])
def test_the_servers_own_and_allowed_origins_pass(origin: str) -> None:
    ACCESS.check(_headers(("host", "localhost:8001"), ("origin", origin)))


@pytest.mark.parametrize(
    "origin",
    ["null", "", "https://evil.example", "http://localhost:3000", "http://localhost", "http://localhost:80010"],
)
def test_any_other_origin_is_refused(origin: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        ACCESS.check(_headers(("host", "localhost:8001"), ("origin", origin)))

    assert (caught.value.status, caught.value.code) == (403, "origin_not_allowed")


def test_every_origin_passes_where_the_operator_allows_every_origin() -> None:
    LocalAccess(origins={"*"}).check(_headers(("host", "localhost"), ("origin", "https://any.example")))


@pytest.mark.anyio
async def test_an_open_server_answers_a_foreign_host_no_prompt(api: Callable[..., Api]) -> None:
    it = api(local=ACCESS)
    statuses = {
        (path, host): (await it.client.post(path, json={"prompt": "hi"}, headers={"host": host})).status_code
        for path in ("/v1/query", "/v1/nothing")
        for host in ("evil.example", "localhost:1", "gateway.lan")
    }
    health = await it.client.get("/health", headers={"host": "evil.example"})

    assert statuses == {
        ("/v1/query", "evil.example"): 403,
        ("/v1/query", "localhost:1"): 200,
        ("/v1/query", "gateway.lan"): 200,
        ("/v1/nothing", "evil.example"): 403,
        ("/v1/nothing", "localhost:1"): 404,
        ("/v1/nothing", "gateway.lan"): 404,
    }
    assert health.status_code == 200


class FirstKeys:
    """The keys of a server that started without one."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.keys = clock, MemoryKeys()

    async def exist(self) -> bool:
        return bool(await self.keys.all())

    def directory(self) -> Directory:
        return directory(self.clock, self.keys)


@pytest.mark.anyio
async def test_the_first_key_makes_any_host_good_and_a_key_needed(api: Callable[..., Api], clock: FakeClock) -> None:
    first = FirstKeys(clock)
    it = api(local=ACCESS, watch=KeyWatch(first, clock=clock))
    assert (await it.query(host="localhost")).status_code == 200
    await first.keys.put(key_of("acme"))
    clock.advance(HOLD_SECONDS)

    assert (await it.query(host="localhost")).status_code == 401
    assert (await it.query(host="evil.example", x_api_key=shown_to("acme"))).status_code == 200
