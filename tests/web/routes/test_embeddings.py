from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.fakes import FakeClock, WordEmbedder, word_vector
from tests.web.conftest import Api
from tests.web.routes.direct import Provider

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


async def embed(it: Api, inputs: Any, **extra: Any) -> Any:
    headers = extra.pop("headers", {})
    response = await it.client.post("/v1/embeddings", json={"model": "e", "input": inputs, **extra}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def vectors(body: Any) -> list[Any]:
    assert [item["index"] for item in body["data"]] == list(range(len(body["data"])))
    return [item["embedding"] for item in body["data"]]


async def test_a_batch_asks_only_for_missing_inputs_and_keeps_its_order(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)
    it = api(direct=provider.parts())
    await embed(it, ["aa", "bbb"])

    body = await embed(it, ["c", "bbb", "dddd", "c", "aa"])

    assert vectors(body) == [[1.0, 0.5], [3.0, 0.5], [4.0, 0.5], [1.0, 0.5], [2.0, 0.5]]
    assert [sent["input"] for sent in provider.bodies()] == [["aa", "bbb"], ["c", "dddd"]]
    assert body["usage"] == {"prompt_tokens": 8, "total_tokens": 8}
    assert body["sentinel"] == {"outcome": "miss", "hits": 2, "misses": 2, "cost_usd": 0.25, "saved_usd": 0.25}


async def test_both_formats_share_one_entry(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)
    it = api(direct=provider.parts())

    [floats] = vectors(await embed(it, "aa"))
    [packed] = vectors(await embed(it, "aa", encoding_format="base64"))

    assert (list(struct.unpack("<2f", base64.b64decode(packed))), floats) == ([2.0, 0.5], [2.0, 0.5])
    assert len(provider.calls) == 1


@pytest.mark.parametrize("other", [{"dimensions": 2}, {"model": "f"}, {"input_type": "query"}])
async def test_model_dimensions_and_unknown_fields_are_scope(
    api: Build, clock: FakeClock, other: dict[str, Any]
) -> None:
    provider = Provider(clock)
    it = api(direct=provider.parts())
    await embed(it, "aa")

    body = await embed(it, "aa", **other)

    assert (body["sentinel"]["misses"], provider.bodies()[1] | other) == (1, provider.bodies()[1])


async def test_token_lists_are_inputs_of_their_own(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)

    assert vectors(await embed(api(direct=provider.parts()), [1, 2, 3])) == [[3.0, 0.5]]
    assert provider.bodies()[0]["input"] == [[1, 2, 3]]


async def test_the_local_model_needs_no_provider(api: Build) -> None:
    it = api()

    [vector] = vectors(await embed(it, "a bond", model="sentinel/minilm"))
    again = await embed(it, "a bond", model="sentinel/minilm")
    embedder = it.world.embedder
    assert isinstance(embedder, WordEmbedder)

    assert vector == word_vector("a bond").tolist()
    assert (again["sentinel"]["hits"], embedder.texts) == (1, ["a bond"])


async def test_no_cache_asks_again_and_no_store_keeps_nothing(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)
    it = api(direct=provider.parts())
    for directive in ("no-store", "no-cache", "no-cache", "max-age=100"):
        await embed(it, "aa", headers={"cache-control": directive})

    assert len(provider.calls) == 3


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": "e", "input": []}, 400, "input"),
        ({"model": "e", "input": [""]}, 400, "input"),
        ({"model": "e", "input": [1, "a"]}, 400, None),
        ({"input": "a"}, 400, "model"),
        ({"model": "sentinel/minilm", "input": "a", "dimensions": 3}, 400, "dimensions"),
        ({"model": "sentinel/minilm", "input": "word " * 65}, 400, "input"),
        ({"model": "sentinel/minilm", "input": [1, 2]}, 400, "input"),
        ({"model": "e", "input": "a"}, 404, "model"),
    ],
)
async def test_bad_input_is_refused_by_name(api: Build, body: Any, status: int, param: str | None) -> None:
    response = await api().client.post("/v1/embeddings", json=body)

    assert (response.status_code, param or response.json()["error"]["param"]) == (
        status,
        response.json()["error"]["param"],
    )


_BAD: list[Any] = [
    None,
    [],
    {"data": 1},
    {"data": []},
    {"data": [{"index": 1, "embedding": [1]}]},
    {"data": [{"index": 0, "embedding": ["a"]}]},
    {"data": [{"index": 0, "embedding": []}]},
    {"data": [{"index": 0, "embedding": "#"}]},
    {"data": [{"index": 0, "embedding": [[1]]}]},
    {"data": [{"index": [], "embedding": [1]}]},
    {"data": [None]},
    {"data": [{"index": 0, "embedding": [1e300]}]},
]


@pytest.mark.parametrize("payload", _BAD)
async def test_a_foreign_answer_is_a_502(api: Build, clock: FakeClock, payload: Any) -> None:
    content = json.dumps(payload).encode()
    provider = Provider(clock, {"/v1/embeddings": lambda _: httpx.Response(200, content=content)})

    response = await api(direct=provider.parts()).client.post("/v1/embeddings", json={"model": "e", "input": "a"})

    assert (response.status_code, response.json()["error"]["code"]) == (502, "provider_protocol_error")


async def test_the_callers_credentials_are_never_sent(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)
    await embed(api(direct=provider.parts()), "aa", headers={"authorization": "Bearer mine", "cookie": "c"})

    [call] = provider.calls
    assert (call.headers["authorization"], "cookie" in call.headers) == ("Bearer gateway's-key", False)


async def test_too_many_stored_numbers_are_refused(
    api: Build, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentinel_core.web.routes.embeddings.MOST_NUMBERS", 4)  # two vectors of these tests
    it = api(direct=Provider(clock).parts())
    await embed(it, ["aa", "bbb", "c"])

    most = await embed(it, ["aa", "bbb"])
    refused = await it.client.post("/v1/embeddings", json={"model": "e", "input": ["aa", "bbb", "c"]})

    assert len(vectors(most)) == 2
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "embeddings_too_large")
