from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.devtools.http.serving import serving
from scripts.devtools.redis.server import RedisServer
from sentinel_core.__main__ import main
from sentinel_core.app import backup_commands
from sentinel_core.app.backup_file import Draft, line_of
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.pairs import key_of
from tests.stores.servers import TOKEN, bridge_before
from tests.support.fakes import WordEmbedder
from tests.support.processes import PATIENT

ADMIN = {"x-api-key": "admin-key-of-the-backup-test"}
ENVIRON = {
    **PATIENT,
    "SENTINEL_NAMESPACE_SECRET": "a secret of the backup test",
    "SENTINEL_OPEN": "true",
    "SENTINEL_ADMIN_KEY": ADMIN["x-api-key"],
    "SENTINEL_SIMULATED_DELAY_MS": "0",
    "SENTINEL_ENCRYPTION_KEYS": f"k:{base64.b64encode(b'k' * 32).decode()}",
}
FAQ = {"questions": ["where are you", "what is your address"], "answer": "In Porto.", "tags": ["faq"]}
PROMPTS = [f"what is the color of flower number {number}" for number in range(7)]


@asynccontextmanager
async def gateway(**environ: str) -> AsyncIterator[httpx.AsyncClient]:
    sentinel = build(Settings.from_environ({**ENVIRON, **environ}), embedder=WordEmbedder())
    transport = httpx.ASGITransport(sentinel.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sentinel.test", headers=ADMIN) as http:
        yield http
    await sentinel.parts.aclose()


async def backed_up(http: httpx.AsyncClient, *, sealed: bool, limit: int = 3) -> tuple[Any, list[Any]]:
    header, rows, cursor = None, [], ""
    while cursor is not None:
        params = {"cursor": cursor, "sealed": str(sealed).lower(), "limit": str(limit)}
        response = await http.get("/v1/admin/backup", params=params)
        assert response.status_code == 200, response.text
        header, cursor = response.json()["header"], response.json()["next_cursor"]
        rows += response.json()["rows"]
    return header, sorted(rows, key=lambda row: str([row.get(name) for name in ("kind", "scope", "digest", "id")]))


async def restored(http: httpx.AsyncClient, header: Any, rows: Any, **more: Any) -> httpx.Response:
    return await http.post("/v1/admin/backup/restore", json={"header": header, "rows": rows, **more})


async def ban(http: httpx.AsyncClient, prompt: str) -> None:
    """Have a prompt answered by another one's answer, and say that this was wrong."""
    near = await http.post("/v1/query", json={"prompt": prompt})
    assert near.json()["outcome"] == "hit_semantic"
    given = {"request_id": near.headers["x-request-id"], "verdict": "wrong-match"}
    assert (await http.post("/v1/cache/feedback", json=given)).json()["changed"]


@pytest.mark.anyio
@pytest.mark.parametrize("sealed", [False, True])
async def test_a_banned_match_stays_banned_from_memory_to_redis_and_back(tmp_path: Path, sealed: bool) -> None:
    server, near = RedisServer(tmp_path, durable=False), f"{PROMPTS[0]} please"
    server.start()
    try:
        async with gateway() as http:
            assert (await http.post("/v1/query", json={"prompt": PROMPTS[0]})).status_code == 200
            await ban(http, near)
            first = await backed_up(http, sealed=sealed)
        assert [row["kind"] for row in first[1]] == ["entry", "pair"]
        for environ in ({"SENTINEL_REDIS_URL": server.url}, {}):
            async with gateway(**environ) as http:
                assert (await restored(http, *first)).json()["changed"] == 2
                assert (await restored(http, *first)).json()["same"] == 2
                assert await backed_up(http, sealed=sealed, limit=1) == first
                assert (await http.post("/v1/query", json={"prompt": near})).json()["outcome"] == "miss"
    finally:
        server.kill()


@pytest.mark.anyio
@pytest.mark.parametrize("sealed", [False, True])
async def test_a_backup_is_the_same_from_memory_redis_and_upstash(tmp_path: Path, sealed: bool) -> None:
    servers = [RedisServer(tmp_path / name, durable=False) for name in ("tcp", "rest")]
    for server in servers:
        server.start()
    try:
        with bridge_before(servers[1].address) as (_, url):
            stores = [{"SENTINEL_REDIS_URL": servers[0].url},
                      {"UPSTASH_REDIS_REST_URL": url, "UPSTASH_REDIS_REST_TOKEN": TOKEN}, {}]  # fmt: skip
            async with gateway() as http:
                for prompt in PROMPTS:
                    assert (await http.post("/v1/query", json={"prompt": prompt})).status_code == 200
                assert (await http.put("/v1/cache/entries", json={"entries": [FAQ]})).status_code == 200
                first = await backed_up(http, sealed=sealed)
            header, rows = first
            assert len(rows) == len(PROMPTS) + 1
            for environ in stores:
                async with gateway(**environ) as http:
                    assert (await restored(http, header, rows)).json()["changed"] == len(rows)
                    assert (await restored(http, header, rows)).json() == {
                        "changed": 0, "same": len(rows), "erased": 0, "erased_rows": [], "refused": [],
                    }  # fmt: skip
                    assert await backed_up(http, sealed=sealed) == first
                    exact = await http.post("/v1/query", json={"prompt": PROMPTS[0]})
                    near = await http.post("/v1/query", json={"prompt": f"{PROMPTS[0]} please"})
                    faq = await http.post("/v1/query", json={"prompt": FAQ["questions"][1]})
                    said = [each.json()["outcome"] for each in (exact, near, faq)]
                    assert (said, faq.json()["reason"]) == (["hit_exact", "hit_semantic", "hit_exact"], "curated")
    finally:
        for server in servers:
            server.kill()


@pytest.mark.anyio
async def test_a_backup_that_does_not_fit_is_refused_by_name() -> None:
    async with gateway() as http:
        await http.post("/v1/query", json={"prompt": PROMPTS[0]})
        header, rows = await backed_up(http, sealed=True)
        changes: list[tuple[dict[str, Any], str]] = [
            ({"format": 9}, "other_format"),
            ({"namespace": "x"}, "other_namespace"),
            ({"embedder": "x"}, "other_embedder"),
            ({"check": "x"}, "wrong_secret"),
        ]
        for change, code in changes:
            response = await restored(http, {**header, **change}, rows)
            assert (response.status_code, response.json()["error"]["code"]) == (409, code)
    async with gateway(SENTINEL_NAMESPACE_SECRET="another secret of the test") as http:
        assert (await restored(http, header, rows)).json()["error"]["code"] == "wrong_secret"
    async with gateway() as http:
        assert (await restored(http, {**header, "embedder": "x"}, rows, embed=True)).json()["changed"] == 1
        near = await http.post("/v1/query", json={"prompt": f"{PROMPTS[0]} please"})
        assert near.json()["outcome"] == "hit_semantic"


@pytest.mark.anyio
async def test_an_erased_user_stays_erased_after_a_restore(tmp_path: Path) -> None:
    keys = {"SENTINEL_OPEN": "false", "SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}
    async with gateway(**keys) as http:
        key = (await http.post("/v1/admin/keys", json={"tenant": "acme"})).json()["key"]
        await http.post("/v1/query", json={"prompt": PROMPTS[0]}, headers={"x-api-key": key, "x-sentinel-user": "a"})
        page = (await http.get("/v1/admin/backup", params={"tenant": "acme"})).json()
        assert len(page["rows"]) == 1
        await http.post("/v1/admin/erasures", json={"tenant": "acme", "user": "a"})
        answer = await restored(http, page["header"], page["rows"], tenant="acme")
        assert answer.json() == {"changed": 0, "same": 0, "erased": 1, "erased_rows": [0], "refused": []}
        assert (await http.get("/v1/admin/backup", headers={"x-api-key": key})).status_code == 401


def test_pairs_of_an_erased_answer_stay_erased(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "backup.jsonl"
    with serving(**{**ENVIRON, "SENTINEL_OPEN": "true"}) as server:
        arguments = ["--url", str(server.http.base_url), "--key", ADMIN["x-api-key"]]
        for user, prompt in (("a", "how do i bake a cake"), ("b", "what is the capital of peru")):
            answer = server.http.post("/v1/query", json={"prompt": prompt}, headers={"x-sentinel-user": user})
            assert answer.json()["outcome"] == "miss"
        assert main(["backup", str(file), *arguments]) == 0
        header, *rows, end = [json.loads(line) for line in file.read_text().splitlines()]
        keys = [key_of(row["digest"], "0" * 64) for row in rows]
        pairs = [
            {"kind": "pair", "scope": row["scope"], "id": key, "pair": [key, "different", "feedback", 1.0, 4e9, ""]}
            for row, key in zip(rows, keys, strict=True)
        ]
        file.write_bytes(b"".join(map(line_of, [header, *rows, *pairs, {**end, "rows": 4}])))
        assert server.http.post("/v1/admin/erasures", json={"user": "a"}, headers=ADMIN).status_code < 300
        capsys.readouterr()
        assert main(["restore", str(file), *arguments]) == 0
        said = "1 answers and pairs are restored, 1 were there, 2 stay erased, 0 rows are refused"
        assert capsys.readouterr().out.strip() == said


def test_commands_go_on_after_a_kill_and_name_bad_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_commands, "PAGE", 2)
    monkeypatch.setattr(backup_commands, "BATCH", 3)
    first, second, cut = tmp_path / "first.jsonl", tmp_path / "second.jsonl", tmp_path / "cut.jsonl"

    def run(*arguments: str) -> tuple[int, str]:
        return main([*arguments, "--url", url]), capsys.readouterr().out.strip()

    with serving() as server:
        url = str(server.http.base_url)
        for prompt in PROMPTS:
            server.http.post("/v1/query", json={"prompt": prompt})
        page = server.http.get("/v1/admin/backup", params={"limit": 2}).json()
        draft = Draft(first)
        draft.start(page["header"])
        draft.add(page["rows"], page["next_cursor"])
        draft.close()
        with first.with_name("first.jsonl.part").open("ab") as file:
            file.write(line_of(page["rows"][0])[:-9])
        assert run("backup", str(first)) == (0, f"7 answers and pairs in {first}")
        assert run("backup", str(second)) == (0, f"7 answers and pairs in {second}")
        assert first.read_bytes() == second.read_bytes()
        assert run("restore", str(first)) == (0, "0 answers and pairs are restored, 7 were there, 0 rows are refused")
        lines = first.read_bytes().splitlines(keepends=True)
        cut.write_bytes(b"".join(lines[:2]) + b'{"kind":"entry"}\n\xff\n' + lines[2][:-30])
        assert run("restore", str(cut)) == (2, "0 answers and pairs are restored, 1 were there, 4 rows are refused")
        assert main(["restore", str(tmp_path / "none"), "--url", url]) == 2
        (tmp_path / "no.jsonl").write_text("{}\n")
        assert main(["restore", str(tmp_path / "no.jsonl"), "--url", url]) == 2
