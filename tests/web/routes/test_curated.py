from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.curated import CuratedEntry, Record
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.tenants.key_scopes import CURATE
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build

pytestmark = pytest.mark.anyio

QUESTION, NEAR = "what are your opening hours today", "what are your opening hours"
ANSWER = "From nine to five."
FAQ = {"questions": [QUESTION], "answer": ANSWER}


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    curator = key_of("acme").model_copy(update={"scopes": ("answer", "cache", CURATE)})
    keys = MemoryKeys(curator, key_of("globex"))
    return api(has_curated=True, directory=directory(clock, keys), admin=ADMIN)


async def call(it: Api, method: str, path: str, body: Any = None, *, key: str = ADMIN, **params: str) -> httpx.Response:
    return await it.client.request(method, f"/v1/cache{path}", json=body, headers={"x-api-key": key}, params=params)


async def put(it: Api, *entries: Any, key: str | None = None) -> httpx.Response:
    return await call(it, "PUT", "/entries", {"entries": list(entries)}, key=key or shown_to("acme"))


async def asked(it: Api, prompt: str = QUESTION, tenant: str = "acme", **fields: Any) -> tuple[str, str | None]:
    body = {"messages": [{"role": "user", "content": prompt}], "model": "small", **fields}
    headers = {"x-api-key": shown_to(tenant), **fields.pop("headers", {})}
    body.pop("headers", None)
    answered = await it.client.post("/v1/chat/completions", json=body, headers=headers)
    return answered.json()["sentinel"]["outcome"], answered.json()["sentinel"]["reason"]


async def test_a_curated_answer_serves_its_question_and_rewordings(it: Api) -> None:
    stored = await put(it, FAQ)

    assert (stored.status_code, stored.json()["changed"]) == (200, 1)
    assert await asked(it) == ("hit_exact", "curated")
    assert await asked(it, NEAR, temperature=0.3, max_tokens=10) == ("hit_semantic", "curated")
    assert await asked(it, tenant="globex") == ("miss", None)


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hi"},
                      {"role": "user", "content": QUESTION}]},
        {"headers": {"cache-control": "no-cache"}},
        {"n": 2},
    ],
)  # fmt: skip
async def test_requests_that_are_not_plain_get_no_curated_answer(it: Api, fields: dict[str, Any]) -> None:
    await put(it, FAQ)

    assert (await asked(it, **fields))[1] != "curated"


async def test_a_curated_answer_comes_before_a_learned_one(it: Api) -> None:
    assert await asked(it) == ("miss", None)
    await put(it, FAQ)

    assert await asked(it) == ("hit_exact", "curated")


async def test_scopes_by_model_and_system_prompt_hold(it: Api) -> None:
    await put(it, {**FAQ, "model": "tiny"}, {**FAQ, "answer": "Never.", "system": "Be a bank."})

    assert await asked(it) == ("miss", None)
    assert await asked(it, model="tiny") == ("hit_exact", "curated")
    bank = [{"role": "system", "content": "Be a bank."}, {"role": "user", "content": QUESTION}]
    assert await asked(it, messages=bank) == ("hit_exact", "curated")


async def test_an_answer_is_given_from_its_first_to_its_last_moment(it: Api) -> None:
    now = it.world.clock.now()
    await put(it, {**FAQ, "valid_from": now + 100, "valid_until": now + 200})

    reasons = []
    for _ in range(4):
        reasons.append((await asked(it, headers={"cache-control": "no-store"}))[1])
        it.world.clock.advance(99 if len(reasons) == 1 else 1 if len(reasons) == 2 else 100)

    assert reasons == [None, None, "curated", None]


async def test_one_entry_with_one_question_and_dates_is_stored(it: Api) -> None:
    entry = {"question": "q", "answer": "a", "valid_from": "2027-01-01", "valid_until": "2027-01-01"}

    response = await call(it, "PUT", "/entries", entry, key=shown_to("acme"))

    assert response.status_code == 200, response.text
    [kept] = (await call(it, "GET", "/curated", key=shown_to("acme"))).json()["entries"]
    day = 1_798_761_600.0
    assert (kept["questions"], kept["valid_from"], kept["valid_until"]) == (["q"], day, day + 86_400)


@pytest.mark.parametrize(
    ("entries", "param"),
    [
        ([{"question": "q", "answer": "a"}, {"question": "q", "answer": "b"}], "entries[1]"),
        ([{"question": "q", "answer": "a", "valid_from": 20, "valid_until": 10}], "entries[0]"),
        ([{"question": "q", "answer": "a", "valid_until": "soon"}], "entries[0].valid_until"),
        ([{"question": "q", "questions": ["r"], "answer": "a"}], "entries[0].question"),
    ],
)
async def test_entries_that_contradict_are_refused_whole(it: Api, entries: list[Any], param: str) -> None:
    response = await put(it, *entries)

    assert (response.status_code, response.json()["error"]["param"]) == (422, param)
    assert (await call(it, "GET", "/curated", key=shown_to("acme"))).json()["entries"] == []


async def test_an_answer_with_a_ttl_ends(it: Api) -> None:
    await put(it, {**FAQ, "ttl": 50})
    assert await asked(it) == ("hit_exact", "curated")

    it.world.clock.advance(50)

    assert await asked(it) == ("miss", None)


async def test_purges_leave_curated_answers(it: Api) -> None:
    await put(it, {**FAQ, "tags": ["hours"]})
    await it.world.memory.purge(Purge())
    await it.world.memory.purge(Purge(tag="hours"))

    assert await asked(it) == ("hit_exact", "curated")


async def test_the_same_again_changes_nothing_and_a_change_can_be_rolled_back(it: Api) -> None:
    [name] = (await put(it, FAQ)).json()["ids"]
    assert (await put(it, FAQ)).json() == {"ids": [name], "changed": 0}
    await put(it, {**FAQ, "answer": "At night."})
    acme = shown_to("acme")

    before = (await call(it, "POST", f"/curated/{name}/rollback", key=acme)).json()
    listed = (await call(it, "GET", "/curated", tenant="acme")).json()

    assert (before["answer"], before["version"]) == (ANSWER, 3)
    assert [(each["id"], each["answer"], each["version"]) for each in listed["entries"]] == [(name, ANSWER, 3)]
    assert await asked(it) == ("hit_exact", "curated")
    assert (await call(it, "DELETE", f"/curated/{name}", key=acme)).json() == {"changed": True}
    assert (await call(it, "DELETE", f"/curated/{name}", key=acme)).json() == {"changed": False}
    assert (await call(it, "POST", f"/curated/{name}/rollback", key=acme)).status_code == 404


async def test_writing_needs_the_admin_key_or_the_scope(it: Api) -> None:
    plain = await put(it, FAQ, key=shown_to("globex"))
    nobody = await put(it, FAQ, key="no key")
    unnamed = await put(it, FAQ, key=ADMIN)
    other = await call(it, "PUT", "/entries", {"entries": [FAQ]}, key=shown_to("acme"), tenant="globex")
    operator = await call(it, "PUT", "/entries", {"entries": [FAQ]}, tenant="globex")

    assert [each.status_code for each in (plain, nobody, unnamed, other, operator)] == [403, 401, 422, 403, 200]
    assert await asked(it, tenant="globex") == ("hit_exact", "curated")


@pytest.mark.parametrize(
    "entry", [{"questions": [], "answer": "x"}, {"questions": [" "], "answer": "x"}, {"answer": "x"}]
)
async def test_entries_without_a_question_are_refused(it: Api, entry: dict[str, Any]) -> None:
    assert (await put(it, entry)).status_code == 422


async def test_a_changed_document_makes_misses_of_its_answers_alone(it: Api) -> None:
    old: dict[str, Any] = {"headers": {"x-sentinel-source": "handbook@1, law@7"}}
    await asked(it, "one two three", **old)
    await asked(it, "four five six")

    changed = await call(it, "POST", "/sources", {"source": "handbook", "version": "2"}, key=shown_to("acme"))

    assert changed.status_code == 200
    assert (await asked(it, "one two three"))[0] == "miss"
    assert (await asked(it, "four five six"))[0] == "hit_exact"


async def test_answers_of_an_older_version_stay_misses_after_the_change(it: Api) -> None:
    old: dict[str, Any] = {"headers": {"x-sentinel-source": "handbook@1, law@7"}}
    new: dict[str, Any] = {"headers": {"x-sentinel-source": "handbook@2, law@7"}}
    await asked(it, "seven eight nine", **new)
    await call(it, "POST", "/sources", {"source": "handbook", "version": "2"}, key=shown_to("acme"))

    assert (await asked(it, "seven eight nine"))[0] == "hit_exact"
    assert (await asked(it, "one two three", **old))[0] == "miss"
    assert (await asked(it, "one two three"))[0] == "miss"
    assert (await asked(it, "four five six", **new))[0] == "miss"
    assert (await asked(it, "four five six"))[0] == "hit_exact"
    await asked(it, "one two three", tenant="globex", **old)
    assert (await asked(it, "one two three", tenant="globex"))[0] == "hit_exact"


async def test_a_request_gets_no_answer_of_another_version(it: Api) -> None:
    def of(version: int) -> dict[str, Any]:
        return {"headers": {"x-sentinel-source": f"handbook@{version}"}}

    assert (await asked(it, "one two three", **of(1)))[0] == "miss"
    assert (await asked(it, "one two three", **of(1)))[0] == "hit_exact"
    assert (await asked(it, "one two three", **of(2)))[0] == "miss"
    assert (await asked(it, "one two three", **of(2)))[0] == "hit_exact"


@pytest.mark.parametrize("value", ["handbook", "@1", "a b@1", "x" * 49 + "@1"])
async def test_sources_without_a_version_are_refused(it: Api, value: str) -> None:
    answered = await it.client.post(
        "/v1/query", json={"prompt": "x"}, headers={"x-api-key": shown_to("acme"), "x-sentinel-source": value}
    )

    assert (answered.status_code, answered.json()["error"]["param"]) == (400, "x-sentinel-source")


TURNS = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hi"},
         {"role": "user", "content": QUESTION}]  # fmt: skip
TOOLS = [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ({"tools": True}, {"tools": TOOLS}),
        ({"turns": True}, {"messages": TURNS}),
        ({"formats": True}, {"response_format": {"type": "json_object"}}),
        ({"tools": True, "turns": True}, {"messages": TURNS, "tools": TOOLS}),
        ({"surface": "chat"}, {}),
    ],
)
async def test_a_curated_answer_goes_as_far_as_its_scope(
    it: Api, scope: dict[str, Any], fields: dict[str, Any]
) -> None:
    await put(it, {**FAQ, **scope})

    assert (await asked(it, **fields))[1] == "curated"


@pytest.mark.parametrize("scope", [{"surface": "query"}, {"surface": "messages"}, {"system": "Be brief."}])
async def test_a_curated_answer_of_another_scope_stays_silent(it: Api, scope: dict[str, Any]) -> None:
    await put(it, {**FAQ, **scope})

    assert (await asked(it))[1] != "curated"
    assert (await put(it, {**FAQ, "surface": "fax"})).status_code == 422


async def test_one_question_may_have_an_answer_for_each_surface(it: Api) -> None:
    stored = await put(it, FAQ, {**FAQ, "answer": "In chats: always.", "surface": "chat"})

    assert stored.json()["changed"] == 2
    body = {"messages": [{"role": "user", "content": QUESTION}], "model": "small"}
    answered = await it.client.post("/v1/chat/completions", json=body, headers={"x-api-key": shown_to("acme")})
    assert answered.json()["choices"][0]["message"]["content"] == "In chats: always."
    assert (await it.query({"prompt": QUESTION}, x_api_key=shown_to("acme"))).json()["response"] == ANSWER


def verdict(*, passed: bool = False, rule: str | None = CONFIDENCE, **more: Any) -> Verdict:
    return Verdict(passed, 0.4, None if passed else rule, **more)


def curated_entry(support: float, wordings: int) -> CuratedEntry:
    return replace(Record("a", ("q",), "a").entry(0), support=support, wordings=wordings)


@pytest.mark.parametrize(
    ("given", "support", "wordings", "is_whole", "passes"),
    [
        (verdict(passed=True), 0.95, 1, True, True),
        (verdict(passed=True), 0.94, 9, True, False),
        (verdict(), 1.0, 3, True, True),
        (verdict(zone=Zone.GREY), 1.2, 3, True, True),
        (verdict(), 0.99, 3, True, False),
        (verdict(), 1.2, 2, True, False),
        (verdict(), 1.2, 3, False, False),
        (verdict(also=("numbers",)), 1.2, 3, True, False),
        (verdict(rule="numbers"), 1.2, 9, True, False),
    ],
)
async def test_support_of_an_answer_corrects_the_gate(
    given: Verdict, support: float, wordings: int, is_whole: bool, passes: bool
) -> None:
    weighed = curated_entry(support, wordings).weighed(given, is_whole=is_whole)

    assert weighed.passed is passes
    assert weighed.zone is (Zone.DECIDED if passes else given.zone)


async def test_support_is_an_answers_cosine_and_its_lead(it: Api) -> None:
    await put(it, {"questions": ["red apple pie filling", "apple pie"], "answer": "A"},
              {"questions": ["red apple juice"], "answer": "B"},
              {"questions": ["apple pie dough"], "answer": "A"})  # fmt: skip
    ask = CacheRequest(ChatRequest("p", "m", ({"role": "user", "content": "red apple pie filling"},)), "", 9.0)
    assert it.directory is not None
    book, namespace = it.world.curated, it.directory.namespace("acme")
    vector = await it.world.embedder.embed("red apple pie filling")

    found = book.nearest(ask, Query(namespace, "", "red apple pie filling", ""), vector, 0.1)

    supports = {each.entry.completion.text: (each.entry.support, each.entry.wordings)  # type: ignore[attr-defined]
                for each in found}  # fmt: skip
    other = max(each.similarity for each in found if each.entry.completion.text == "B")
    assert supports["A"] == (pytest.approx(2 - other), 3)
    assert supports["B"] == (pytest.approx(2 * other - 1), 1)
