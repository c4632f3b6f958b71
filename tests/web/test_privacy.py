from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from sentinel_core.web.privacy import Mode, Privacy
from tests.support.fakes import RULES, completion
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
CARD = "Is my card 4111 1111 1111 1111 still valid?"
OTHER_CARD = "Is my card 5500 0000 0000 0004 still valid?"
MASKED = "Is my card [card] still valid?"
PLAIN = "What is machine learning?"


def guarded(api: Build, mode: Mode, **parts: object) -> Api:
    return api(privacy=Privacy(mode, b"secret"), rules=replace(RULES, store_personal_data=False), **parts)


async def asked(it: Api, prompt: str) -> tuple[object, ...]:
    body = (await it.query({"prompt": prompt})).json()
    return body["outcome"], body["reason"], body["matched_prompt"]


async def test_a_prompt_with_personal_data_may_skip_the_cache(api: Build) -> None:
    it = guarded(api, "skip")

    assert [await asked(it, CARD) for _ in range(2)] == [("bypass", "personal-data", None)] * 2
    assert await asked(it, PLAIN) == ("miss", None, None)
    assert (await it.metrics())["bypasses_by_reason"] == {"personal-data": 2}


async def test_a_masked_prompt_is_compared_exactly_only(api: Build) -> None:
    it = guarded(api, "mask")

    assert await asked(it, CARD) == ("miss", "personal-data", None)
    assert await asked(it, OTHER_CARD) == ("miss", "personal-data", None)
    assert await asked(it, CARD) == ("hit_exact", "exact", MASKED)
    assert await asked(it, CARD.replace("Is my", "Is  my")) == ("miss", "personal-data", None)


async def test_the_provider_gets_the_raw_prompt_and_nothing_else_does(api: Build) -> None:
    it = guarded(api, "mask", log_prompts=True)
    await asked(it, CARD)

    entries: httpx.Response = await it.client.get("/v1/cache/entries")
    explained = await it.client.post("/v1/cache/explain", json={"query": {"prompt": CARD}})

    assert [request.messages[-1]["content"] for request in it.world.provider.requests] == [CARD]
    assert [entry["prompt"] for entry in entries.json()["entries"]] == [MASKED]
    assert [answered.prompt for answered in it.noted.answers] == [MASKED]
    assert explained.json()["not_compared"] == "personal-data"
    assert "4111" not in entries.text + explained.text + json.dumps(await it.metrics()) + repr(it.noted.answers)


async def test_a_digest_cannot_be_computed_without_the_secret(api: Build) -> None:
    one, other = guarded(api, "mask"), api(privacy=Privacy("mask", b"another"))

    entries = [(await it.query({"prompt": CARD})).json()["entry_id"] for it in (one, other)]

    assert entries[0] != entries[1]


@pytest.mark.parametrize("mode", ["skip", "mask"])
async def test_answers_with_personal_data_are_not_kept(api: Build, mode: Mode) -> None:
    answer = completion("Write to bob@acme.com.")
    it = guarded(api, mode)
    it.world.provider.queue.extend([answer, answer])

    assert [await asked(it, PLAIN) for _ in range(2)] == [("miss", None, None)] * 2
    assert (await it.metrics())["not_stored_by_reason"] == {"personal-data": 2}


async def test_personal_data_is_cached_where_it_is_allowed(api: Build) -> None:
    it = api()

    assert await asked(it, CARD) == ("miss", None, None)
    assert await asked(it, CARD) == ("hit_exact", "exact", CARD)
