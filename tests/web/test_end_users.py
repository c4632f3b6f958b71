from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable

import httpx
import pytest
from starlette.datastructures import Headers

from sentinel_core.cache import personal
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.personal import READ_ON_LOOP
from sentinel_core.chat.messages import ChatRequest, Completion, Json
from sentinel_core.errors import InvalidRequestError
from sentinel_core.tenants.api_key import ANYONE, ApiKey, Caller
from sentinel_core.web.end_users import LONGEST, EndUsers, name_of
from tests.support.fakes import CountingProvider, FakeClock, completion
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
BALANCE = "What is my current account balance?"
RESET = "How do I reset my password?"


class Naming(CountingProvider):
    """Answers with the end user who asks; the test says who that is."""

    asking = ""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        self.requests.append(request)
        return completion(f"for {self.asking}", model=request.model)


async def ask(it: Api, prompt: str, user: str | None = None, **fields: object) -> httpx.Response:
    provider = it.world.provider
    assert isinstance(provider, Naming)
    provider.asking = user or "anyone"
    named = {} if user is None else {"user": user}
    return await it.query({"prompt": prompt, **named, **fields})


async def outcome(it: Api, prompt: str, user: str | None = None, **fields: object) -> tuple[str, str, str | None]:
    body = (await ask(it, prompt, user, **fields)).json()
    return body["outcome"], body["response"], body["personal"]


@pytest.fixture
def it(api: Build) -> Api:
    return api(provider=Naming())


async def test_a_personal_answer_is_its_users_alone(it: Api) -> None:
    assert await outcome(it, BALANCE, "alice") == ("miss", "for alice", "state-of-mine")
    assert await outcome(it, BALANCE, "bob") == ("miss", "for bob", "state-of-mine")
    assert await outcome(it, BALANCE, "alice") == ("hit_exact", "for alice", "state-of-mine")
    assert await outcome(it, BALANCE) == ("miss", "for anyone", None)
    assert await outcome(it, BALANCE) == ("hit_exact", "for anyone", None)


async def test_a_general_answer_is_shared_between_users(it: Api) -> None:
    assert await outcome(it, RESET, "alice") == ("miss", "for alice", None)
    assert await outcome(it, RESET, "bob") == ("hit_exact", "for alice", None)
    assert await outcome(it, RESET) == ("hit_exact", "for alice", None)


@pytest.mark.parametrize(("scope", "shared"), [("always", False), ("never", True)])
async def test_the_scope_of_users_may_hold_all_prompts_or_none(api: Build, scope: str, shared: bool) -> None:
    it = api(provider=Naming(), end_users=EndUsers(scope=scope))  # type: ignore[arg-type]

    for prompt in (BALANCE, RESET):
        reason = None if shared else "always"
        assert await outcome(it, prompt, "alice") == ("miss", "for alice", reason)
        expected = ("hit_exact", "for alice", None) if shared else ("miss", "for bob", "always")
        assert await outcome(it, prompt, "bob") == expected


async def test_a_key_may_have_its_own_scope_of_users(api: Build, clock: FakeClock) -> None:
    keys = MemoryKeys(key_of("acme").model_copy(update={"user_scope": "always"}), key_of("globex"))
    it = api(provider=Naming(), directory=directory(clock, keys), end_users=EndUsers(scope="never"))

    async def reason(tenant: str) -> object:
        body = {"prompt": RESET, "user": "alice"}
        answered = await it.client.post("/v1/query", json=body, headers={"x-api-key": shown_to(tenant)})
        return answered.json()["personal"]

    assert [await reason("acme"), await reason("globex")] == ["always", None]


async def test_personal_prompts_without_a_user_may_skip_the_cache(api: Build) -> None:
    it = api(provider=Naming(), end_users=EndUsers(without_user="skip"))

    for _ in range(2):
        body = (await ask(it, BALANCE)).json()
        assert (body["outcome"], body["reason"], body["personal"]) == ("bypass", "personal", "state-of-mine")
        assert body["entry_id"] is None
    assert await outcome(it, RESET) == ("miss", "for anyone", None)
    assert await outcome(it, BALANCE, "alice") == ("miss", "for alice", "state-of-mine")
    assert await outcome(it, BALANCE, "alice") == ("hit_exact", "for alice", "state-of-mine")


async def test_a_rule_that_is_off_keeps_no_prompt_apart(api: Build) -> None:
    it = api(provider=Naming(), end_users=EndUsers(rules_off=frozenset({"state-of-mine"})))

    assert await outcome(it, BALANCE, "alice") == ("miss", "for alice", None)


async def test_a_follow_up_to_a_personal_question_is_personal(it: Api) -> None:
    turns = [
        {"role": "user", "content": BALANCE},
        {"role": "assistant", "content": "Which account?"},
        {"role": "user", "content": "The first."},
    ]

    async def told(user: str) -> object:
        answered = await it.client.post("/v1/chat/completions", json={"messages": turns, "user": user})
        return answered.json()["sentinel"]["outcome"], answered.json()["sentinel"]["personal"]

    assert await told("alice") == ("miss", "state-of-mine")
    assert await told("bob") == ("miss", "state-of-mine")


async def test_streams_and_explanations_know_the_user(it: Api) -> None:
    asked = {"messages": [{"role": "user", "content": BALANCE}]}
    await it.client.post("/v1/chat/completions", json=asked, headers={"x-sentinel-user": "alice"})

    async def streamed(user: str) -> str:
        body = {**asked, "stream": True}
        return (await it.client.post("/v1/chat/completions", json=body, headers={"x-sentinel-user": user})).text

    async def explained(user: str) -> tuple[object, object, bool]:
        headers = {"x-sentinel-user": user}
        body = (await it.client.post("/v1/cache/explain", json={"chat": asked}, headers=headers)).json()
        return body["outcome"], body["personal"], any(part["name"] == "user" for part in body["scope"])

    assert await explained("alice") == ("hit_exact", "state-of-mine", True)
    assert await explained("bob") == ("miss", "state-of-mine", True)
    assert await streamed("bob")
    assert await streamed("alice")
    assert [answered.outcome for answered in it.noted.answers] == ["miss", "miss", "hit_exact"]


async def test_items_of_a_batch_have_their_own_users(it: Api) -> None:
    await ask(it, BALANCE, "alice")
    items = [{"prompt": BALANCE, "user": "alice"}, {"prompt": BALANCE, "user": "bob"}, {"prompt": BALANCE}]

    results = (await it.client.post("/v1/query/batch", json={"items": items})).json()["results"]

    assert [result["answer"]["outcome"] for result in results] == ["hit_exact", "miss", "miss"]


async def test_routes_of_entries_show_a_named_user_theirs_and_shared_ones(it: Api) -> None:
    mine = (await ask(it, BALANCE, "alice")).json()["entry_id"]
    await ask(it, RESET, "bob")
    alice, bob = {"x-sentinel-user": "alice"}, {"x-sentinel-user": "bob"}

    async def prompts(headers: dict[str, str]) -> list[str]:
        page = (await it.client.get("/v1/cache/entries", headers=headers)).json()
        return sorted(entry["prompt"] for entry in page["entries"])

    assert [await prompts(alice), await prompts(bob), await prompts({})] == [
        [RESET, BALANCE],
        [RESET],
        [RESET, BALANCE],
    ]
    assert (await it.client.get(f"/v1/cache/entries/{mine}", headers=bob)).status_code == 404
    assert (await it.client.delete(f"/v1/cache/entries/{mine}", headers=bob)).json() == {"changed": False}
    wrong = {"entry_id": mine, "verdict": "wrong"}
    assert not (await it.client.post("/v1/cache/feedback", json=wrong, headers=bob)).json()["changed"]
    assert (await it.client.delete(f"/v1/cache/entries/{mine}", headers=alice)).json() == {"changed": True}


async def test_a_named_user_sees_no_personal_requests_and_hits(it: Api) -> None:
    await ask(it, "Is my card still active today?", "bob")
    await ask(it, "Is my card still active now?", "bob")
    await ask(it, RESET, "bob")

    async def seen(path: str, **headers: str) -> list[str]:
        page = (await it.client.get(f"/v1/cache/{path}", headers=headers)).json()
        return [each["prompt"] for each in page[path]]

    assert await seen("requests", **{"x-sentinel-user": "alice"}) == [RESET]
    assert await seen("hits", **{"x-sentinel-user": "alice"}) == []
    assert len(await seen("requests")) == 3


async def test_reasons_are_counted_and_names_are_nowhere(it: Api) -> None:
    await it.query({"prompt": BALANCE, "user": "alice-the-canary"})

    metrics = await it.metrics()
    page = (await it.client.get("/v1/cache/entries")).text

    assert metrics["personal_by_reason"] == {"state-of-mine": 1}
    assert it.noted.answers[0].personal == "state-of-mine"
    assert "canary" not in json.dumps(metrics) + page + repr(it.noted.answers)


async def test_the_first_name_in_order_counts() -> None:
    hints: dict[str, Json] = {"user": "b", "safety_identifier": "c", "metadata": {"user_id": "d"}}

    assert name_of(Headers({"x-sentinel-user": "a"}), hints) == "a"
    assert name_of(Headers(), hints) == "b"
    assert name_of(Headers(), {**hints, "user": " "}) == "c"
    assert name_of(Headers(), {"metadata": {"user_id": 7}}) == "7"
    assert name_of(Headers({"x-sentinel-user": ""}), {"metadata": ["user_id"]}) is None


@pytest.mark.parametrize(
    ("turns", "on_loop"), [([READ_ON_LOOP], True), ([READ_ON_LOOP + 1], False), ([READ_ON_LOOP // 8 + 1] * 8, False)]
)
async def test_many_words_of_turns_leave_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, turns: list[int], on_loop: bool
) -> None:
    threads: list[threading.Thread] = []

    def reasons(text: str) -> list[str]:
        threads.append(threading.current_thread())
        return ["known"]

    monkeypatch.setattr(personal, "reasons", reasons)
    chat = ChatRequest("fake", "model", tuple({"role": "user", "content": "a" * each} for each in turns))
    found = await EndUsers().assigned(CacheRequest(chat, "open", 9.0), Headers({"x-sentinel-user": "a"}), ANYONE)

    assert found.personal == "known"
    assert [each is threading.current_thread() for each in threads] == [on_loop] * len(turns)


@pytest.mark.parametrize(
    ("headers", "hints", "param"),
    [
        ([("x-sentinel-user", "a"), ("x-sentinel-user", "b")], {}, "x-sentinel-user"),
        ([("x-sentinel-user", "a" * (LONGEST + 1))], {}, "x-sentinel-user"),
        ([], {"user": "a" * (LONGEST + 1)}, "user"),
        ([], {"user": {"id": 1}}, "user"),
        ([], {"safety_identifier": 1.5}, "safety_identifier"),
        ([], {"metadata": {"user_id": True}}, "metadata.user_id"),
    ],
)
async def test_names_that_cannot_be_one_user_are_refused(
    headers: list[tuple[str, str]], hints: dict[str, Json], param: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]

    with pytest.raises(InvalidRequestError) as refused:
        name_of(Headers(raw=raw), hints)

    assert refused.value.param == param


def test_pseudonyms_differ_by_tenant_name_and_secret() -> None:
    users = EndUsers(secret=b"one")
    acme, globex = (Caller("pool", ApiKey(sha256=digit * 64, tenant=name)) for digit, name in ("0a", "1b"))
    told = [
        users.pseudonym("alice", acme),
        users.pseudonym("alice", globex),
        users.pseudonym("bob", acme),
        users.pseudonym("alice", ANYONE),
        EndUsers(secret=b"two").pseudonym("alice", acme),
    ]

    assert len(set(told)) == len(told)
    assert users.pseudonym("alice", acme) == told[0]


async def test_no_random_walk_shows_a_user_an_answer_of_another(it: Api) -> None:
    draw = random.Random(1)  # noqa: S311
    personal = [BALANCE, "Where is my order?", "Do I have any unread messages?", "Who am I?", "Am I eligible?"]
    users = ["alice", "bob", "carol", None]
    for _ in range(600):
        user = draw.choice(users)
        answered = (await ask(it, draw.choice(personal), user)).json()
        assert answered["response"] == f"for {user or 'anyone'}"
