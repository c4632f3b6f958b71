"""After an erasure no object of a whole server holds a word of the erased user."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.stores.redis import removals
from tests.support.fakes import WordEmbedder
from tests.support.processes import PATIENT

pytestmark = pytest.mark.anyio
ADMIN = {"x-api-key": "admin-key-of-the-erasure-test"}
CANARY = "".join(("canary", "alice"))  # a constant in code would be found as well


@pytest.fixture(params=["memory", "redis"])
def environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    ours = {
        **PATIENT,
        "SENTINEL_NAMESPACE_SECRET": "a secret of the erasure test",
        "SENTINEL_ADMIN_KEY": ADMIN["x-api-key"],
        "SENTINEL_SIMULATED_DELAY_MS": "0",
        "SENTINEL_KEYS_FILE": str(tmp_path / "keys.json"),
    }
    if request.param == "memory":
        yield ours
        return
    server = RedisServer(tmp_path / "redis", durable=False)
    server.start()
    yield {**ours, "SENTINEL_REDIS_URL": server.url}
    server.kill()


async def converse(client: httpx.AsyncClient, key: str, user: str) -> None:
    """Ask by two routes, with earlier turns, near misses and hits among the answers."""
    headers = {"x-api-key": key, "x-sentinel-user": user}
    for number in range(6):
        prompt = f"explain the topic canary{user} in one line of so many words as {number % 4}"
        body: dict[str, Any] = {
            "model": "simulated",
            "messages": [
                {"role": "system", "content": f"you help canary{user}"},
                {"role": "user", "content": f"hello, I am canary{user}"},
                {"role": "assistant", "content": "hello"},
                {"role": "user", "content": prompt},
            ],
        }
        assert (await client.post("/v1/chat/completions", json=body, headers=headers)).status_code == 200
        for _ in range(3):  # requests that come again are remembered
            assert (await client.post("/v1/query", json={"prompt": prompt}, headers=headers)).status_code == 200
        explained = {"query": {"prompt": prompt}}
        assert (await client.post("/v1/cache/explain", json=explained, headers=headers)).status_code == 200


def holders() -> set[str]:
    """Return the types of objects that refer to a text with the canary, of those that are frozen as well."""
    gc.unfreeze()
    gc.collect()
    found = {
        type(each).__name__
        for each in gc.get_objects()
        for text in gc.get_referents(each)
        if (type(text) is str and CANARY in text and text is not CANARY)
        or (type(text) in (bytes, bytearray) and CANARY.encode() in text)
    }
    gc.freeze()  # every collection of the tests after this one would walk over all tests
    return found


@pytest.mark.no_cover  # the tracer would double the walk over all objects
async def test_no_object_holds_a_word_of_an_erased_user(environ: dict[str, str]) -> None:
    embedder = WordEmbedder()
    sentinel = build(Settings.from_environ(environ), embedder=embedder, has_background=True)
    transport = httpx.ASGITransport(sentinel.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sentinel.test") as client:
        key = (await client.post("/v1/admin/keys", json={"tenant": "acme"}, headers=ADMIN)).json()["key"]
        for user in ("alice", "bob"):
            await converse(client, key, user)
        embedder.texts.clear()  # a fake's own notes
        assert {"SeenRequest", "Query"} <= holders()

        erased = await client.post("/v1/admin/erasures", json={"tenant": "acme", "user": "alice"}, headers=ADMIN)

        assert erased.json()["removed"]["entries"] > 0
        assert holders() == set()
    await sentinel.parts.aclose()
