from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
SAY = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("path", "body", "param", "message"),
    [
        ("/v1/query", {"promt": "hi"}, "promt", "promt: Extra inputs are not permitted; did you mean prompt?"),
        ("/v1/query", {"xyz": 1, "promt": "hi"}, "promt",
         "promt: Extra inputs are not permitted; did you mean prompt?"),
        ("/v1/query", {"prompt": "hi", "temprature": 1}, "temprature",
         "temprature: Extra inputs are not permitted; did you mean temperature?"),
        ("/v1/query", {"prompt": "hi", "xyz": 1}, "xyz", "xyz: Extra inputs are not permitted"),
        ("/v1/query", {"question": "hi"}, "prompt", "prompt: Field required"),
        ("/v1/cache/explain", {"prompt": "hi"}, "prompt",
         "prompt: Extra inputs are not permitted; did you mean query.prompt?"),
        ("/v1/cache/explain", {"messages": SAY}, "messages",
         "messages: Extra inputs are not permitted; did you mean chat.messages?"),
        ("/v1/cache/explain", {"model": "m"}, "model",
         "model: Extra inputs are not permitted; did you mean query.model or chat.model?"),
        ("/v1/cache/explain", {"query": {"promt": "hi"}}, "query.promt",
         "query.promt: Extra inputs are not permitted; did you mean query.prompt?"),
        ("/v1/chat/completions", {"mesages": SAY}, "messages", "messages: Field required (you sent mesages)"),
        ("/v1/chat/completions", {"model": "m"}, "messages", "messages: Field required"),
        ("/v1/chat/completions", {"messages": [{"rôle": "user"}]}, "messages[0].role",
         "messages[0].role: Field required (you sent rôle)"),
        ("/v1/messages", {"model": "m", "max_token": 9, "messages": SAY}, "max_tokens",
         "max_tokens: Field required (you sent max_token)"),
    ],
)  # fmt: skip
async def test_a_misspelt_field_comes_with_the_one_that_was_meant(
    api: Build, path: str, body: Any, param: str, message: str
) -> None:
    response = await api().client.post(path, json=body)

    error = response.json()["error"]
    assert (response.status_code in (400, 422), error.get("param", param), error["message"]) == (True, param, message)


@pytest.mark.parametrize(
    ("path", "body", "param", "rule"),
    [
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": 5}]}, "messages[0].content",
         "Input should be a valid string or a valid array"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
         "messages[0].content[0].text", "Field required"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": [{"typ": "text", "text": "x"}]}]},
         "messages[0].content[0].type", "Field required (you sent typ)"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]",
         "Input should be an object"),
        ("/v1/responses", {"input": 5}, "input", "Input should be a valid string or a valid array"),
        ("/v1/responses", {"input": [{}, 5]}, "input[1]", "Input should be an object"),
        ("/v1/completions", {"prompt": 5}, "prompt", "Input should be a valid string or a valid array"),
        ("/v1/query", {"prompt": "hi", "str": 5}, "str", "Extra inputs are not permitted"),
    ],
)  # fmt: skip
async def test_a_value_of_no_kind_is_named_without_its_kinds(
    api: Build, path: str, body: Any, param: str, rule: str
) -> None:
    error = (await api().client.post(path, json=body)).json()["error"]

    assert (error["param"], error["message"]) == (param, f"{param}: {rule}")


async def test_a_batch_names_the_field_that_was_meant(api: Build) -> None:
    response = await api().client.post("/v1/query/batch", json={"items": [{"promt": "hi"}]})

    assert "did you mean prompt?" in response.text


@pytest.mark.parametrize("body", [{"x" * 100_000: 1}, {f"{number}x": 1 for number in range(5_000)}, [1], "text", None])
async def test_any_body_gets_a_short_error(api: Build, body: Any) -> None:
    for path in ("/v1/query", "/v1/cache/explain", "/v1/chat/completions"):
        response = await api().client.post(path, json=body)

        assert (response.status_code in (400, 422), len(response.content) < 1_000) == (True, True)
