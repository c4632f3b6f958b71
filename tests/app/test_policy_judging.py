"""Judge and audits by a policy's rules, in a service built from settings and asked over HTTP."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from scripts.devtools.http.replies import answer
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.background import Background
from tests.support.fakes import WordEmbedder

pytestmark = pytest.mark.anyio

JUDGE, OTHER = "llama-3.1-8b-instant", "a-judge-without-a-price"
STORED, ASKED, ALSO_ASKED = "what is machine learning", "what is deep learning", "what is transfer learning"
BOTH_ORDERS = 2
"""Questions about one pair that was called the same."""

BY_ROUTE = "rules:\n  - route: /v1/query\n    set: {%s}\n"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream.running() as server:
        server.models[JUDGE] = deque([answer("same")])
        server.models[OTHER] = deque([answer("same")])
        yield server


class Asking:
    """Asks a service by two routes, and counts its questions to judges."""

    def __init__(self, client: httpx.AsyncClient, upstream: Upstream) -> None:
        self._client, self._upstream = client, upstream

    async def query(self, prompt: str) -> str:
        return str((await self._client.post("/v1/query", json={"prompt": prompt})).json()["outcome"])

    async def chat(self, prompt: str) -> str:
        body = {"messages": [{"role": "user", "content": prompt}]}
        return str((await self._client.post("/v1/chat/completions", json=body)).json()["sentinel"]["outcome"])

    async def audits(self) -> object:
        return (await self._client.get("/v1/metrics")).json()["learning"]["wrong_hits"]["audits"]

    @property
    def judged(self) -> Counter[str]:
        models = (str(call.body["model"]) for call in self._upstream.calls)
        return Counter(model for model in models if model in (JUDGE, OTHER))


@asynccontextmanager
async def service(upstream: Upstream, policy: str, **environ: str) -> AsyncIterator[tuple[Asking, Background]]:
    settings = {
        "GROQ_API_KEY": "k",
        "GROQ_BASE_URL": upstream.url,
        "SENTINEL_OPEN": "true",
        "SENTINEL_JUDGE": f"groq/{JUDGE}",
        "SENTINEL_JUDGE_MODE": "inline",
        "SENTINEL_AUDIT_SHARE": "0",
        "SENTINEL_JUDGE_TIMEOUT_MS": "5000",
        "SENTINEL_POLICY": policy,
    }
    it = build(Settings.from_environ({**settings, **environ}), embedder=WordEmbedder(), has_background=True)
    transport = httpx.ASGITransport(it.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Asking(client, upstream), it.parts.background
    await it.parts.aclose()


@pytest.mark.parametrize("mode", ["inline", "race", "background"])
async def test_a_rule_without_a_judge_asks_none(upstream: Upstream, mode: str) -> None:
    async with service(upstream, BY_ROUTE % "judge: off, audit_share: 1", SENTINEL_JUDGE_MODE=mode) as (it, background):
        outcomes = [await it.query(prompt) for prompt in (STORED, ASKED)]
        await background.drain(within=30.0)
        assert (outcomes, it.judged, len(upstream.calls)) == (["miss", "miss"], Counter(), 2)

        await it.chat(ALSO_ASKED)
        await background.drain(within=30.0)
        assert it.judged == {JUDGE: BOTH_ORDERS}


async def test_a_pair_that_a_judge_called_the_same_is_not_served_without_one(upstream: Upstream) -> None:
    async with service(upstream, BY_ROUTE % "judge: off") as (it, _):
        await it.query(STORED)
        assert await it.chat(ASKED) == "hit_semantic"

        assert [await it.query(ASKED), it.judged] == ["miss", {JUDGE: BOTH_ORDERS}]


async def test_a_rule_names_another_judge(upstream: Upstream) -> None:
    async with service(upstream, BY_ROUTE % f"judge: groq/{OTHER}") as (it, _):
        outcomes = [await it.query(prompt) for prompt in (STORED, ASKED)]
        asked = it.judged
        await it.chat(ALSO_ASKED)

    assert (outcomes, asked) == (["miss", "hit_semantic"], {OTHER: BOTH_ORDERS})
    assert it.judged == {OTHER: BOTH_ORDERS, JUDGE: BOTH_ORDERS}


@pytest.mark.parametrize(("share", "setting", "audits"), [(1, "0", 1), (0, "1", 0)])
async def test_a_rule_sets_the_share_of_audits(upstream: Upstream, share: int, setting: str, audits: int) -> None:
    async with service(upstream, BY_ROUTE % f"audit_share: {share}", SENTINEL_AUDIT_SHARE=setting) as (it, background):
        assert [await it.query(prompt) for prompt in (STORED, ASKED)] == ["miss", "hit_semantic"]
        await background.drain(within=30.0)

        assert await it.audits() == audits


async def test_a_named_judge_compares_the_audits(upstream: Upstream) -> None:
    async with service(upstream, BY_ROUTE % f"judge: groq/{OTHER}, audit_share: 1") as (it, background):
        for prompt in (STORED, ASKED):
            await it.query(prompt)
        await background.drain(within=30.0)

        assert (it.judged, await it.audits()) == ({OTHER: BOTH_ORDERS + 1}, 1)


@pytest.mark.parametrize(
    ("values", "judge", "message"),
    [
        ("judge: openai/gpt-4.1-mini", f"groq/{JUDGE}", "line 2: set.judge: openai is not configured; set its key"),
        (f"judge: groq/{OTHER}", "", "line 2: set.judge: needs SENTINEL_JUDGE"),
        ("audit_share: 0.5", "", "line 2: set.audit_share: needs SENTINEL_JUDGE"),
        ("judge: nonsense", f"groq/{JUDGE}", "line 3: set.judge: String should match pattern"),
    ],
)
async def test_a_judge_that_cannot_be_asked_stops_the_start(
    upstream: Upstream, values: str, judge: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        async with service(upstream, BY_ROUTE % values, SENTINEL_JUDGE=judge):
            pass


async def test_a_rule_by_tag_cannot_change_the_judge(upstream: Upstream) -> None:
    with pytest.raises(ConfigurationError, match=r"line 3: set\.judge: a rule by tag may only be stricter"):
        async with service(upstream, "rules:\n  - tag: free\n    set: {judge: off}\n"):
            pass
