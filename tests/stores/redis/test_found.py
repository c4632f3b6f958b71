"""Redis as operators run it: behind Redis Sentinel, with TLS, with users of limited rights."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from scripts.devtools.http.ports import free_port
from scripts.devtools.redis.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.detection import DetectedConnection
from tests.stores.conftest import PATIENCE

pytestmark = pytest.mark.anyio

PASSWORD = "p@ss/w#rd? 100% ü"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "guarded", durable=False, password=PASSWORD)
    server.start("--repl-diskless-sync-delay", "0")
    yield server
    server.kill()


@pytest.fixture
def sentinel_url(guarded: RedisServer, tmp_path: Path) -> Iterator[tuple[str, RedisServer, RedisServer]]:
    """A master, a replica that follows it, and one Sentinel that watches both."""
    replica = RedisServer(tmp_path / "replica", durable=False, password=PASSWORD)
    replica.start("--replicaof", "127.0.0.1", str(guarded.port))
    while "up" not in replica.ask("INFO", "replication", lines=6):
        time.sleep(0.02)
    watcher = RedisServer(tmp_path / "sentinel", durable=False)
    watcher.start_sentinel(guarded.port, password=PASSWORD)
    while "slaves=1" not in watcher.ask("INFO", "sentinel", lines=10):
        time.sleep(0.02)
    dead = free_port()
    yield f"redis+sentinel://:{PASSWORD}@127.0.0.1:{dead},127.0.0.1:{watcher.port}/main", guarded, replica
    watcher.kill()
    replica.kill()


async def test_a_password_may_hold_any_character(guarded: RedisServer) -> None:
    for url in (guarded.url, f"redis://:{PASSWORD}@127.0.0.1:{guarded.port}"):
        wire = DetectedConnection(url, timeout=PATIENCE)
        assert await wire.run([("SET", "k", "v"), ("GET", "k")]) == ["OK", "v"]
        await wire.aclose()


async def test_a_user_with_limited_rights_is_served_and_refused_by_code(guarded: RedisServer) -> None:
    owner = DetectedConnection(guarded.url, timeout=PATIENCE)
    rights = "on", ">a:b@c", "~sentinel:*", "+set", "+get", "+hello"
    assert await owner.run([("ACL", "SETUSER", "app", *rights)]) == ["OK"]
    wire = DetectedConnection(f"redis://app:a:b@c@127.0.0.1:{guarded.port}", timeout=PATIENCE)
    replies = await wire.run(
        [("SET", "sentinel:k", "v"), ("GET", "sentinel:k"), ("GET", "other"), ("INCR", "sentinel:k")]
    )
    assert [str(reply) for reply in replies] == ["OK", "v", "refused: NOPERM", "refused: NOPERM"]
    for each in (owner, wire):
        await each.aclose()


@asynccontextmanager
async def tls_before(server: RedisServer, authority: trustme.CA) -> AsyncIterator[int]:
    """Speak TLS before a server, as a managed Redis does; yields the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        forwarding.append(asyncio.current_task())
        inner, inwards = await asyncio.open_connection(*server.address)
        await asyncio.gather(pump(reader, inwards), pump(inner, writer), return_exceptions=True)

    forwarding: list[asyncio.Task[None] | None] = []
    listener = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
    async with listener:
        yield int(listener.sockets[0].getsockname()[1])
        await asyncio.gather(*(task for task in forwarding if task is not None))


async def test_tls_is_spoken_and_a_foreign_certificate_refused(guarded: RedisServer, tmp_path: Path) -> None:
    authority = trustme.CA()
    for name, issuer in (("ours", authority), ("other", trustme.CA())):
        issuer.cert_pem.write_to_path(str(tmp_path / f"{name}.pem"))
    async with tls_before(guarded, authority) as port:
        right, wrong = (
            DetectedConnection(
                f"rediss://:{PASSWORD}@127.0.0.1:{port}/0?ssl_ca_certs={tmp_path}/{name}.pem", timeout=PATIENCE
            )
            for name in ("ours", "other")
        )
        assert await right.run([("SET", "k", "v"), ("GET", "k")]) == ["OK", "v"]
        with pytest.raises(StoreError, match="no answer"):
            await wrong.run([("GET", "k")])
        for each in (right, wrong):
            await each.aclose()


async def test_the_master_is_asked_of_sentinel_again_after_a_failover(
    sentinel_url: tuple[str, RedisServer, RedisServer],
) -> None:
    url, master, _ = sentinel_url
    wire = DetectedConnection(url, timeout=2.0)
    assert await wire.run([("SET", "k", "v"), ("GET", "k"), ("WAIT", "1", "1000")]) == ["OK", "v", 1]
    master.kill()
    replies: list[object] = []
    deadline = time.monotonic() + 20.0
    while not replies and time.monotonic() < deadline:
        try:
            replies = [*await wire.run([("GET", "k"), ("SET", "k", "w"), ("GET", "k")])]
        except StoreError:
            await asyncio.sleep(0.1)
    await wire.aclose()
    assert replies == ["v", "OK", "w"]


async def test_the_address_of_a_sentinel_alone_is_refused_by_name(
    sentinel_url: tuple[str, RedisServer, RedisServer],
) -> None:
    port = sentinel_url[0].rpartition(":")[2].partition("/")[0]
    wire = DetectedConnection(f"redis://127.0.0.1:{port}", timeout=PATIENCE)
    with pytest.raises(StoreError, match=r"redis\+sentinel://"):
        await wire.run([("GET", "k")])
    await wire.aclose()


async def test_a_server_that_turned_into_a_replica_is_left(guarded: RedisServer) -> None:
    """Behind a DNS name the new master is found only by connecting again."""
    wire = DetectedConnection(guarded.url, timeout=PATIENCE)
    await wire.run([("SET", "k", "v")])
    before = await wire.run([("CLIENT", "ID")])
    guarded.ask("REPLICAOF", "127.0.0.1", "1")
    refused = await wire.run([("SET", "k", "w")])
    assert str(refused[0]) == "refused: READONLY"
    assert await wire.run([("CLIENT", "ID")]) != before
    await wire.aclose()
