from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sentinel_core.web.routes import query
from tests.support.fakes import RULES, FakeClock, completion
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
EACH_TIME = re.compile(rb"chatcmpl-[0-9a-f]+")


def shown(answer: httpx.Response) -> str:
    """Return the JSON of an answer, its names in their order."""
    return json.dumps(json.loads(EACH_TIME.sub(b"", answer.content)))


@pytest.mark.parametrize("path", ["/v1/query", "/v1/chat/completions"])
@pytest.mark.parametrize(
    "message",
    [
        {"text": "An answer."},
        {"text": '100 % of "%s" \\ %b %%\n\u2028 é 漢 🙂'},
        {"text": "Yes.", "reasoning": "It is %d."},
        {"text": "Half a pair: \ud83d"},
        {"text": "x" * 1_100_000},
    ],
)
async def test_a_page_says_what_an_answer_worked_out_says(
    api: Build, clock: FakeClock, path: str, message: Mapping[str, Any]
) -> None:
    it = api()
    it.world.provider.queue.append(completion(**message))
    prompt = "what costs 5 % or %s, é?"
    chat = {"model": "small", "messages": [{"role": "user", "content": prompt}]}
    body = {"prompt": prompt} if path == "/v1/query" else chat
    await it.client.post(path, json=body)
    clock.advance(7.25)
    once, again, more = [await it.client.post(path, json=body) for _ in range(3)]

    assert [shown(again), shown(more)] == [shown(once)] * 2
    assert again.headers.keys() == once.headers.keys()
    assert it.noted.answers[-1]._replace(request_id=None) == it.noted.answers[1]._replace(request_id=None)


async def test_a_page_is_made_once_for_all_hits_of_an_entry(api: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    it, made = api(), list[object]()
    body = type(query._BODY)
    made_before = body.format

    def noted(*given: Any) -> bytes:
        made.append(given)
        return made_before(*given)

    monkeypatch.setattr(body, "format", noted)
    for directive in ("", *[""] * 5, "no-cache", *[""] * 5):
        await it.query(cache_control=directive)

    assert len(made) == 1


async def test_a_page_of_another_day_is_made_again(api: Build, clock: FakeClock) -> None:
    it = api(rules=replace(RULES, ttl=1e9, volatile_ttl=1e9))
    body = {"prompt": "what happens on 13 January 1970"}
    said = []
    for days in (0, 0, 0, 0, 0, 400, 0, 0):
        clock.advance(days * 86_400.0)
        said.append((await it.query(body)).json()["volatile"])

    assert said == ["date-near-now"] * 5 + [None] * 3
    assert [each.outcome for each in it.noted.answers] == ["miss", *["hit_exact"] * 7]
