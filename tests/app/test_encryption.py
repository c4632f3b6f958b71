"""With encryption on, nothing a Redis was ever told can be read as a prompt or an answer."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import httpx
import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Purge
from tests.support.fakes import WordEmbedder
from tests.support.processes import PATIENT

pytestmark = pytest.mark.anyio

KEYS = {"SENTINEL_ENCRYPTION_KEYS": f"k:{b64encode(b'k' * 32).decode()}"}
SECRET = {"SENTINEL_OPEN": "true", "SENTINEL_NAMESPACE_SECRET": "a secret of sixteen"}
PROMPT = "tell me all about the canary of the mine"


async def outcomes(redis: RedisServer, **environ: str) -> list[str]:
    """Use everything that leaves something in Redis; the simulated answer repeats the prompt."""
    settings = {"SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_REDIS_URL": redis.url, **PATIENT, **SECRET, **environ}
    sentinel = build(Settings.from_environ(settings), embedder=WordEmbedder())
    parts = sentinel.parts
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sentinel.app), base_url="http://sentinel.test") as http:
        told = [
            await http.post("/v1/query", json={"prompt": PROMPT}, headers={"x-sentinel-tag": "faq"}),
            await http.post("/v1/query", json={"prompt": PROMPT}),
            await http.post("/v1/query", json={"prompt": f"{PROMPT}, please", "system": "about the canary"}),
            await http.post(
                "/v1/query/batch", json={"items": [{"prompt": f"{PROMPT} {number}"} for number in range(3)]}
            ),
            await http.post("/v1/cache/explain", json={"query": {"prompt": PROMPT}}),
        ]
        chat = {"model": "simulated/m", "messages": [{"role": "user", "content": PROMPT}], "stream": True}
        told.append(await http.post("/v1/chat/completions", json=chat))
        assert {response.status_code for response in told} == {200}
        await parts.store.purge(Purge("open", tag="another"))
        again = await http.post("/v1/query", json={"prompt": PROMPT})
    await parts.aclose()
    return [told[0].json()["outcome"], told[1].json()["outcome"], again.json()["outcome"]]


def read(folder: Path) -> bytes:
    """Everything that was ever written to this Redis, in the words it was written in: its append-only file."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(("environ", "shows"), [({}, True), (KEYS, False)], ids=["readable", "encrypted"])
async def test_no_text_can_be_read_in_redis(tmp_path: Path, environ: dict[str, str], shows: bool) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    try:
        assert await outcomes(redis, **environ) == ["miss", "hit_exact", "hit_exact"]
        assert (await outcomes(redis, **environ))[0] == "hit_exact"
    finally:
        redis.stop()
    written = read(tmp_path)

    assert b":entry:" in written
    assert b":lease:" in written
    assert b":index:" in written
    assert (b"canary" in written, b"[simulated]" in written) == (shows, shows)
