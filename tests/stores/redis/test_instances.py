"""Several server processes on one Redis: what one learned, all serve."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from scripts.devtools.http.replies import answer
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream
from scripts.devtools.redis.server import RedisServer
from sentinel_core.stores.days import day_of
from tests.stores.servers import TOKEN, bridge_before
from tests.support.processes import PATIENT

WITHIN_SECONDS = 1.0
"""In which another instance has learned what one stored."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("shared"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def bridge_url(redis: RedisServer) -> Iterator[str]:
    with bridge_before(redis.address) as (_, url):
        yield url


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream.running() as upstream:
        yield upstream


def environ(upstream: Upstream, **store: str) -> dict[str, str]:
    groq = {"GROQ_API_KEY": "none", "GROQ_BASE_URL": f"{upstream.url}/v1", "SENTINEL_EMBEDDER": "onnx"}
    return {**groq, "SENTINEL_SIMILARITY_THRESHOLD": "0.5", **PATIENT, **store}


@pytest.fixture(scope="module")
def servers(redis: RedisServer, bridge_url: str, upstream: Upstream) -> Iterator[list[Server]]:
    """Two over TCP and two over the bridge: the wire is nobody's business but the instance's own."""
    tcp = environ(upstream, SENTINEL_REDIS_URL=redis.url)
    http = environ(upstream, UPSTASH_REDIS_REST_URL=bridge_url, UPSTASH_REDIS_REST_TOKEN=TOKEN)
    with ExitStack() as running:
        started = [running.enter_context(serving(**one)) for one in (tcp, http, tcp, http)]
        for server in started:
            wait_for_embedder(server)
        yield started


@pytest.fixture(scope="module", autouse=True)
def first_day(servers: Sequence[Server]) -> str:
    """The day on which the servers started."""
    return day_of(time.time())


def wait_for_embedder(server: Server) -> None:
    until = time.monotonic() + 120
    while server.http.get("/health?deep=1").json()["embedder"] != "ready":
        assert time.monotonic() < until
        time.sleep(0.05)


def ask(server: Server, prompt: str) -> dict[str, Any]:
    response = server.http.post("/v1/query", json={"prompt": prompt})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_it_says_where_entries_live(servers: Sequence[Server]) -> None:
    assert [server.said["store"].split()[0] for server in servers] == ["redis", "upstash", "redis", "upstash"]


def test_what_one_stored_the_others_serve_exactly_and_by_meaning(servers: Sequence[Server]) -> None:
    assert ask(servers[0], "What is machine learning?")["outcome"] == "miss"
    assert [ask(server, "What is machine learning?")["outcome"] for server in servers] == ["hit_exact"] * 4
    time.sleep(WITHIN_SECONDS)
    similar = [ask(server, "what is machine learning") for server in servers]
    assert [(body["outcome"], body["matched_prompt"]) for body in similar] == [
        ("hit_semantic", "What is machine learning?")
    ] * 4


def test_fifty_identical_cold_requests_are_one_call(servers: Sequence[Server], upstream: Upstream) -> None:
    before = len(upstream.calls)
    upstream.script(answer("Once.", delay=0.5))
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda number: ask(servers[number % 4], "Who asked first?"), range(50)))
    assert [body["response"] for body in answers] == ["Once."] * 50
    assert len(upstream.calls) - before == 1
    assert sum(body["cost_usd"] > 0 for body in answers) <= 1


def test_each_knows_what_all_have_answered(servers: Sequence[Server], first_day: str) -> None:
    own = [server.http.get("/v1/metrics").json() for server in servers]
    fleet = servers[0].http.get("/v1/metrics").json()["fleet_today"]
    if first_day != day_of(time.time()):
        pytest.skip("midnight passed since the servers started, and yesterday's counters are not shown")
    assert fleet["hit_exact"] == sum(one["exact_hits"] for one in own) > 0
    assert fleet["saved_usd"] == pytest.approx(sum(one["saved_usd"] for one in own))


def test_after_everything_was_killed_and_started_again_all_is_still_there(
    servers: Sequence[Server], redis: RedisServer, upstream: Upstream
) -> None:
    prompts = [f"What is {number} times {number}?" for number in range(5)]
    assert [ask(servers[number % 4], prompt)["outcome"] for number, prompt in enumerate(prompts)] == ["miss"] * 5
    for server in servers:
        server.process.kill()
    redis.kill()
    redis.start()
    calls = len(upstream.calls)
    with serving(**environ(upstream, SENTINEL_REDIS_URL=redis.url)) as again:
        wait_for_embedder(again)
        assert [ask(again, prompt)["outcome"] for prompt in prompts] == ["hit_exact"] * 5
        assert ask(again, "what is machine learning")["outcome"] == "hit_semantic"
    assert len(upstream.calls) == calls
