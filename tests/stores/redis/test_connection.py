"""Both wires against a real server, and against what a network does to them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest
import redis.exceptions
from upstash_redis.asyncio import Redis
from upstash_redis.http import AsyncHttpClient

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.stores.redis import tcp, upstash
from sentinel_core.stores.redis.connection import RedisConnection, Reply, amount, listed, paired
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.stores.redis.upstash import UpstashConnection
from sentinel_core.support.http import LeanTransport
from tests.stores.conftest import PATIENCE
from tests.stores.servers import TOKEN, Behaviour, answering, be_silent, hang_up, serving

pytestmark = pytest.mark.anyio

BUDGET = 0.2


def plain(replies: list[Reply]) -> list[object]:
    return [str(reply) if isinstance(reply, StoreError) else reply for reply in replies]


@pytest.mark.parametrize("reply", [None, 3, "text", ["a"], ["a", "b", "c"], StoreError("no")])
def test_what_is_not_the_list_that_was_asked_for_is_trouble(reply: Reply) -> None:
    with pytest.raises(StoreError):
        listed(reply, 2)


@pytest.mark.parametrize("reply", [None, 3, "text", ["a"], ["a", None], [["a"], "b"], StoreError("no")])
def test_what_are_not_fields_and_values_is_trouble(reply: Reply) -> None:
    with pytest.raises(StoreError):
        paired(reply)


@pytest.mark.parametrize("reply", [None, "", "many", ["1"], StoreError("no")])
def test_what_is_not_a_number_is_trouble(reply: Reply) -> None:
    with pytest.raises(StoreError):
        amount(reply)


def test_lists_fields_and_numbers_are_read() -> None:
    assert listed(["a", None], 2) == listed(["a", None]) == ["a", None]
    assert (listed([]), paired([]), paired(["a", "1", "b", "2"])) == ([], {}, {"a": "1", "b": "2"})
    assert (amount("1.5"), amount(2)) == (1.5, 2.0)


async def test_replies_are_the_same_text_on_both_wires(wire: RedisConnection) -> None:
    replies = await wire.run(
        [
            ("SET", "k", "Zürich ∑ 🙂"),
            ("GET", "k"),
            ("GET", "absent"),
            ("XADD", "s", "1-1", "d", "digest"),
            ("XRANGE", "s", "-", "+"),
            ("HINCRBY", "h", "f", "2"),
            ("HGETALL", "h"),
            ("SET", "k", "other", "NX"),
            ("MGET", "k", "absent"),
        ]
    )
    assert replies == [
        "OK",
        "Zürich ∑ 🙂",
        None,
        "1-1",
        [["1-1", ["d", "digest"]]],
        2,
        ["f", "2"],
        None,
        ["Zürich ∑ 🙂", None],
    ]


async def test_a_failing_command_costs_only_its_own_reply(wire: RedisConnection) -> None:
    replies = await wire.run([("SET", "k", "v"), ("HGET", "k", "f"), ("NOSUCH", "secret"), ("GET", "k")])
    assert plain(replies) == ["OK", "refused: WRONGTYPE", "refused: ERR", "v"]


async def test_a_batch_is_one_request(bridge: Bridge, bridge_url: str) -> None:
    wire = UpstashConnection(bridge_url, TOKEN, timeout=PATIENCE, transport=LeanTransport())
    await wire.run([("GET", "a"), ("GET", "b")])
    await wire.aclose()
    assert (bridge.requests, bridge.commands) == (1, 2)


async def test_a_caller_who_gives_up_leaves_no_reply_to_the_next(wire: RedisConnection) -> None:
    await wire.run([("SET", "mine", "mine"), ("SET", "yours", "yours")])
    for pause in (0.0, 0.0001, 0.0005, 0.001, 0.002):
        leaving = asyncio.create_task(wire.run([("GET", "yours")] * 50))
        await asyncio.sleep(pause)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        assert await wire.run([("GET", "mine")]) == ["mine"]


async def test_many_at_once_each_get_their_own(wire: RedisConnection) -> None:
    await wire.run([("SET", f"k{i}", str(i)) for i in range(200)])
    replies = await asyncio.gather(*(wire.run([("GET", f"k{i}")]) for i in range(200)))
    assert replies == [[str(i)] for i in range(200)]


async def test_callers_who_gave_up_waiting_for_a_connection_leave_it_to_others(database: RedisServer) -> None:
    wire = TcpConnection(database.url, timeout=PATIENCE, max_connections=2)
    for pause in (0.0, 0.0001, 0.0005, 0.001, 0.002, 0.005):
        leaving = [asyncio.create_task(wire.run([("GET", "k")] * 20)) for _ in range(20)]
        await asyncio.sleep(pause)
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
    assert await asyncio.gather(*(wire.run([("PING",)]) for _ in range(10))) == [["PONG"]] * 10
    await wire.aclose()


async def test_a_closed_wire_opens_again(wire: RedisConnection) -> None:
    await wire.aclose()
    assert await wire.run([("PING",)]) == ["PONG"]


WIRES: dict[str, Callable[[int], RedisConnection]] = {
    "tcp": lambda port: TcpConnection(f"redis://127.0.0.1:{port}", timeout=BUDGET),
    "upstash": lambda port: UpstashConnection(
        f"http://127.0.0.1:{port}", TOKEN, timeout=BUDGET, transport=LeanTransport()
    ),
}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def http(body: bytes, head: bytes = HEAD) -> bytes:
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


FAULTS: dict[str, Behaviour] = {
    "silence": be_silent,
    "hanging up": hang_up,
    "binary rubbish": answering(b"\x00\xff\x80rubbish\r\n" * 9),
    "an http page": answering(http(b"<html>Bad gateway</html>", b"HTTP/1.1 502 Bad Gateway\r\n")),
    "half an http answer": answering(http(b'[{"result":"O')[:-4] + b""),
    "half a redis answer": answering(b"$1000\r\nhalf"),
    "an array of the wrong length": answering(http(b'[{"result":"OK"},{"result":"OK"}]')),
    "an object": answering(http(b'{"result":"OK"}')),
    "items of another shape": answering(http(b'["OK"]')),
    "a number": answering(http(b"42")),
    "nested without end": answering(http(b"[" * 100_000)),
    "not text": answering(http(b'[{"result":"\xff\xfe"}]')),
    "a wrong token": answering(http(b'{"error":"WRONGPASS invalid"}', b"HTTP/1.1 401 Unauthorized\r\n")),
}


@pytest.mark.parametrize("make", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_whatever_the_other_side_does_is_a_store_error(
    fault: Behaviour, make: Callable[[int], RedisConnection]
) -> None:
    async with serving(fault) as port:
        wire = make(port)
        with pytest.raises(StoreError):
            await wire.run([("GET", "k")])
        await wire.aclose()


@pytest.mark.parametrize("make", WIRES.values(), ids=WIRES)
async def test_nobody_listening_is_a_store_error(make: Callable[[int], RedisConnection]) -> None:
    async with serving(be_silent) as port:
        pass
    wire = make(port)
    with pytest.raises(StoreError):
        await wire.run([("GET", "k")])
    await wire.aclose()


def test_a_connection_to_upstash_makes_no_client_that_it_drops(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(httpx, "AsyncClient")
        UpstashConnection("https://example.test", TOKEN, transport=LeanTransport())
    assert isinstance(Redis("https://example.test", TOKEN)._http._client, httpx.AsyncClient)


async def test_a_wrong_token_names_itself(bridge_url: str) -> None:
    wire = UpstashConnection(bridge_url, "wrong", timeout=PATIENCE, transport=LeanTransport())
    with pytest.raises(StoreError, match="refused: WRONGPASS"):
        await wire.run([("PING",)])
    await wire.aclose()


@pytest.mark.parametrize(
    "url", ["http://host", "redis://host:port", "redis://host:99999x", "redis://host/1?db=x", "host"]
)
def test_a_malformed_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError, match="redis://"):
        TcpConnection(url)


async def test_the_lower_seam_of_the_sdk_is_where_it_was(bridge_url: str) -> None:
    """What UpstashWire reaches for behind the SDK's front: if this fails, read its changes before anything else."""
    redis = Redis(bridge_url, TOKEN, rest_encoding=None, rest_retries=0, allow_telemetry=False)
    assert type(redis._http) is AsyncHttpClient
    assert isinstance(redis._http._client, httpx.AsyncClient)
    assert list(inspect.signature(redis._http.execute).parameters) == ["url", "headers", "command", "from_pipeline"]
    assert redis.pipeline()._url == f"{bridge_url}/pipeline"
    assert redis.pipeline()._headers is redis._headers
    assert "Authorization" in redis._headers
    await redis.close()


class Recorder:
    """Answers every request alike, and keeps the headers it came with."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.headers: list[dict[str, str]] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[Mapping[str, str], bytes]:
        assert (url, body) == ("http://redis.test/pipeline", b'[["GET","\\u00fc"]]')
        self.headers.append(dict(headers))
        return {"upstash-sync-token": f"token {len(self.headers)}"}, self.answer

    async def aclose(self) -> None:
        """Nothing to give back."""


async def test_our_client_is_the_one_the_sdk_calls_and_telemetry_is_off() -> None:
    recorder = Recorder(b'[{"result":"ours"}]')
    wire = UpstashConnection("http://redis.test/", TOKEN, transport=recorder)
    assert [await wire.run([("GET", "ü")]) for _ in range(2)] == [["ours"], ["ours"]]
    sent = {"Authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    assert recorder.headers == [{**sent, "Upstash-Sync-Token": ""}, {**sent, "Upstash-Sync-Token": "token 1"}]
    await wire.aclose()


def subclasses(of: type[Exception]) -> Iterator[type[Exception]]:
    yield of
    for child in of.__subclasses__():
        yield from subclasses(child)


@pytest.mark.parametrize("foreign", sorted(set(subclasses(httpx.HTTPError)), key=str))
def test_every_error_of_httpx_is_translated(foreign: type[Exception]) -> None:
    assert issubclass(foreign, upstash.FOREIGN)


@pytest.mark.parametrize("foreign", sorted(set(subclasses(redis.exceptions.RedisError)), key=str))
def test_every_error_of_redis_py_is_translated(foreign: type[Exception]) -> None:
    assert issubclass(foreign, tcp.FOREIGN)
