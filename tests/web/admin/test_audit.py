"""The audit log over HTTP: who did what, and what no record holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sentinel_core.stores.audit_file import FileAudit
from sentinel_core.support.signing_key import FixedKey
from sentinel_core.telemetry.audit import AuditTrail
from sentinel_core.telemetry.audit_check import check
from tests.support.fakes import FakeClock
from tests.tenants.doors import key_of, shown_to
from tests.web.conftest import Api
from tests.web.operator import OPERATOR, Build, ask, call, kept_apart

pytestmark = pytest.mark.anyio
KEY = b"a key of the audit log"


@pytest.fixture
def it(api: Build, clock: FakeClock, tmp_path: Path) -> Api:
    return kept_apart(api, clock, audit=AuditTrail(FileAudit(tmp_path), FixedKey(KEY), clock))


async def records(it: Api) -> list[dict[str, Any]]:
    response = await call(it, "GET", "/audit")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/jsonl")
    lines = response.text.splitlines()
    assert list(check(lines, [], {}, KEY)) == []
    return [json.loads(line)["action"] for line in lines]


async def test_key_actions_are_recorded_with_both_values(it: Api) -> None:
    shown = (await call(it, "POST", "/keys", {"tenant": "acme", "name": "ci"})).json()
    made = shown["kept"]["id"]
    await call(it, "DELETE", f"/keys/{made}")
    await call(it, "DELETE", "/keys/0000000000000000")

    create, revoke, missing = await records(it)
    assert (create["actor"], create["action"], create["status"], create["origin"]) == (
        "admin", "POST /v1/admin/keys", 201, "127.0.0.1",
    )  # fmt: skip
    assert (create["before"], create["after"]["tenant"], create["after"]["id"]) == (None, "acme", made)
    assert (revoke["before"].get("state"), revoke["after"]["state"]) == (None, "revoked")
    assert (missing["status"], missing["after"]) == (404, None)
    assert shown["key"] not in json.dumps([create, revoke, missing])


async def test_purges_erasures_and_readings_of_entries_are_recorded(it: Api) -> None:
    await ask(it, "acme", "what is a noun", x_sentinel_user="alice")
    await call(it, "GET", "/entries?tenant=acme")
    await call(it, "POST", "/entries/search", {"tenant": "acme", "text": "noun"})
    await call(it, "POST", "/purge", {"tenant": "acme", "tag": "t"})
    await call(it, "POST", "/erasures", {"tenant": "acme", "user": "alice"})
    await call(it, "GET", "/stats")

    done = await records(it)
    assert [each["action"] for each in done] == [
        "GET /v1/admin/entries", "POST /v1/admin/entries/search", "POST /v1/admin/purge", "POST /v1/admin/erasures",
    ]  # fmt: skip
    assert done[2]["after"] == {"tenant": "acme", "tag": "t", "everything": False}
    assert "alice" not in json.dumps(done)
    assert "noun" not in json.dumps(done)


async def test_a_keys_own_purges_and_deletions_are_recorded(it: Api) -> None:
    headers = {"x-api-key": shown_to("acme")}
    entry_id = (await ask(it, "acme", "what is a noun")).json()["entry_id"]
    await it.client.post("/v1/cache/purge", json={"tag": "t"}, headers=headers)
    for verdict in ("right", "wrong"):
        await it.client.post("/v1/cache/feedback", json={"entry_id": entry_id, "verdict": verdict}, headers=headers)

    purge, feedback = await records(it)
    assert (purge["actor"], purge["after"]) == (f"key:{key_of('acme').id}", {"tag": "t"})
    assert feedback["after"] == {"entry_id": entry_id, "verdict": "wrong"}


async def test_the_log_is_read_in_pages(it: Api) -> None:
    for _ in range(3):
        await call(it, "POST", "/purge", {"tenant": "acme"})
    first = await call(it, "GET", "/audit?limit=2")
    rest = await call(it, "GET", f"/audit?limit=2&cursor={first.headers['x-sentinel-next-cursor']}")
    assert (len(first.text.splitlines()), len(rest.text.splitlines())) == (2, 1)
    assert "x-sentinel-next-cursor" not in rest.headers
    assert (await call(it, "GET", "/audit?cursor=x")).status_code == 422


async def test_only_the_operator_reads_it(it: Api) -> None:
    response = await it.client.get("/v1/admin/audit", headers={"x-api-key": shown_to("acme")})
    assert response.status_code == 401
    assert (await it.client.get("/v1/admin/audit", headers=OPERATOR)).status_code == 200
