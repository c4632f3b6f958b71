"""The bridge answers as Upstash's documentation says, so that what works here works there."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import BinaryIO

import httpx
import pytest

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from tests.stores.servers import TOKEN, answering, bridge_before, serving

pytestmark = pytest.mark.anyio

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def client(bridge_url: str, database: RedisServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=bridge_url, headers=BEARER, trust_env=False) as client:
        yield client


async def post(client: httpx.AsyncClient, path: str, body: object, **headers: str) -> tuple[int, object]:
    response = await client.post(path, json=body, headers=headers)
    return response.status_code, response.json()


async def test_a_command_is_an_array(client: httpx.AsyncClient) -> None:
    assert await post(client, "/", ["SET", "k", "v", "EX", 100]) == (200, {"result": "OK"})
    assert await post(client, "/", ["GET", "k"]) == (200, {"result": "v"})
    assert await post(client, "/", ["GET", "absent"]) == (200, {"result": None})
    assert await post(client, "/", ["INCR", "n"]) == (200, {"result": 1})
    assert await post(client, "/", ["LRANGE", "l", 0, -1]) == (200, {"result": []})


async def test_a_wrong_command_is_400(client: httpx.AsyncClient) -> None:
    status, body = await post(client, "/", ["HGET"])
    assert (status, body) == (400, {"error": "ERR wrong number of arguments for 'hget' command"})


@pytest.mark.parametrize("body", ["", "{", "{}", "[]", "42", "[[]]", '["SET", null, "v"]', '["GET", ["k"]]'])
async def test_what_is_no_command_is_400(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("/", content=body)
    assert response.status_code == 400
    assert list(response.json()) == ["error"]


async def test_a_pipeline_answers_item_by_item(client: httpx.AsyncClient) -> None:
    commands = [["SET", "k", "v"], ["HGET", "k", "f"], ["GET", "k"]]
    wrong_type = {"error": "WRONGTYPE Operation against a key holding the wrong kind of value"}
    assert await post(client, "/pipeline", commands) == (200, [{"result": "OK"}, wrong_type, {"result": "v"}])
    assert await post(client, "/multi-exec", commands) == (200, [{"result": "OK"}, wrong_type, {"result": "v"}])


async def test_a_discarded_transaction_is_one_error(client: httpx.AsyncClient) -> None:
    status, body = await post(client, "/multi-exec", [["SET", "k", "v"], ["NOSUCH"]])
    assert status == 400
    assert body == {"error": "EXECABORT Transaction discarded because of previous errors."}
    assert await post(client, "/", ["GET", "k"]) == (200, {"result": None})


async def test_a_path_is_a_command(client: httpx.AsyncClient) -> None:
    assert (await client.get("/set/k/a%2Fb%20c/EX/10")).json() == {"result": "OK"}
    assert (await client.get("/get/k")).json() == {"result": "a/b c"}
    assert (await client.post("/set/k", content="from the body")).json() == {"result": "OK"}
    assert (await client.post("/set/k?EX=100", content="with options")).json() == {"result": "OK"}
    assert (await client.get("/get/k")).json() == {"result": "with options"}
    assert (await client.get("/ttl/k")).json() == {"result": 100}


async def test_a_token_may_stand_in_the_query(bridge_url: str, database: RedisServer) -> None:
    async with httpx.AsyncClient(base_url=bridge_url, trust_env=False) as client:
        assert (await client.get(f"/set/k/v?_token={TOKEN}")).json() == {"result": "OK"}
        for response in (await client.get("/get/k"), await client.get("/get/k?_token=wrong")):
            assert response.status_code == 401
            assert response.json() == {"error": "WRONGPASS invalid or missing auth token"}


async def test_base64_encodes_every_string_but_ok(client: httpx.AsyncClient) -> None:
    async def ask(*command: str) -> object:
        _, body = await post(client, "/", list(command), **{"upstash-encoding": "base64"})
        return body

    assert await ask("SET", "k", "v") == {"result": "OK"}
    assert await ask("GET", "k") == {"result": b64encode(b"v").decode()}
    assert await ask("PING") == {"result": b64encode(b"PONG").decode()}
    assert await ask("GET", "absent") == {"result": None}
    assert await ask("STRLEN", "k") == {"result": 1}
    assert await ask("MGET", "k", "absent") == {"result": [b64encode(b"v").decode(), None]}


@pytest.mark.parametrize("command", [["SELECT", "1"], ["MULTI"], ["subscribe", "c"], ["BLPOP", "l", "0"]])
async def test_what_would_disturb_other_callers_is_refused(client: httpx.AsyncClient, command: list[str]) -> None:
    status, body = await post(client, "/", command)
    assert (status, body) == (400, {"error": f"ERR Command is not available: '{command[0]}'"})


async def test_other_methods_are_405_and_the_root_says_welcome(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/get/k")).status_code == 405
    assert (await client.get("/")).text == "Welcome to Serverless Redis HTTP!"


async def test_requests_on_one_connection_are_answered_in_order(bridge_url: str, database: RedisServer) -> None:
    def request(body: object) -> bytes:
        content = json.dumps(body).encode()
        head = f"POST / HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: {len(content)}\r\n\r\n"
        return head.encode() + content

    url = httpx.URL(bridge_url)
    with socket.create_connection((url.host, url.port or 80), timeout=5) as link:
        link.sendall(request(["SET", "k", "1"]) + request([]) + request(["GET", "k"]))
        received = link.makefile("rb")
        bodies = [_body(received) for _ in range(3)]
        link.sendall(b"NOT HTTP\r\n\r\n")
        bodies.append(_body(received))
        assert received.read() == b""
    assert bodies == [
        {"result": "OK"},
        {"error": "ERR empty or malformed command"},
        {"result": "1"},
        {"error": "ERR malformed request"},
    ]


def _body(received: BinaryIO) -> object:
    length = 0
    while (line := received.readline().strip()) != b"":
        name, _, value = line.partition(b": ")
        length = int(value) if name == b"content-length" else length
    return json.loads(received.read(length))


async def test_it_counts_what_upstash_would_bill(client: httpx.AsyncClient, bridge: Bridge) -> None:
    await post(client, "/", ["GET", "k"])
    await post(client, "/pipeline", [["GET", "k"], ["set", "k", "v"]])
    assert (bridge.requests, bridge.commands, dict(bridge.by_name)) == (2, 3, {"GET": 2, "SET": 1})


async def test_without_its_redis_it_says_so_and_finds_it_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = RedisServer(tmp_path_factory.mktemp("lost"), durable=False)
    with bridge_before(server.address) as (_, url):
        async with httpx.AsyncClient(base_url=url, headers=BEARER, trust_env=False) as client:
            assert await post(client, "/", ["PING"]) == (502, {"error": "ERR no connection to the database"})
            server.start()
            assert await post(client, "/", ["PING"]) == (200, {"result": "PONG"})
            server.kill()
            assert await post(client, "/", ["PING"]) == (502, {"error": "ERR no connection to the database"})
            server.start()
            assert await post(client, "/", ["PING"]) == (200, {"result": "PONG"})
            server.kill()


async def test_a_redis_that_answers_rubbish_is_left_and_asked_anew() -> None:
    async with serving(answering(b"\xff\x00rubbish\r\n")) as port:
        with bridge_before(("127.0.0.1", port)) as (_, url):
            async with httpx.AsyncClient(base_url=url, headers=BEARER, trust_env=False) as client:
                for _ in range(2):
                    assert await post(client, "/", ["PING"]) == (502, {"error": "ERR no connection to the database"})
