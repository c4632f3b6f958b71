from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.gate import Gate
from tests.support.fakes import WordEmbedder
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


async def compared(it: Api, first: str, second: str) -> dict[str, object]:
    response = await it.client.post("/v1/cache/compare", json={"first": first, "second": second})
    assert response.status_code == 200, response.text
    content: dict[str, object] = response.json()
    return content


async def test_two_prompts_get_their_cosine_and_every_rule_that_refuses(api: Build) -> None:
    it = api(gate=Gate(max_wrong=1.0))
    pair = await compared(it, "how tall is mount everest in 1999", "how tall is mount everest in 2005")

    assert pair["similarity"] == pytest.approx(6 / 7)
    assert isinstance(pair["verdict"], dict)
    assert {name: pair["verdict"][name] for name in ("passed", "rule", "asked_span", "stored_span")} == {
        "passed": False, "rule": "numbers", "asked_span": "2005", "stored_span": "1999",
    }  # fmt: skip


async def test_a_comparison_stores_and_asks_nothing(api: Build) -> None:
    it = api()
    await compared(it, "what is machine learning", "What is machine learning?")

    assert (await it.metrics())["total_requests"] == 0
    assert await it.world.broken_store.count() == 0


async def test_prompts_are_not_compared_while_the_embedder_fails(api: Build) -> None:
    pair = await compared(api(embedder=WordEmbedder(error=EmbeddingError("broken"))), "one", "two")

    assert (pair["similarity"], pair["verdict"], pair["not_compared"]) == (None, None, "embedder-unavailable")
