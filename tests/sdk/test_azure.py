"""Azure's client of OpenAI's SDK over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AzureOpenAI

from scripts.devtools.http.serving import serving
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import chat

VERSION = "2025-04-01-preview"


@pytest.fixture(scope="module")
def azure(_upstream: Upstream) -> Iterator[AzureOpenAI]:
    environ = {"OPENAI_API_KEY": "gateway's", "OPENAI_BASE_URL": _upstream.url, "SENTINEL_LOG_LEVEL": "warning"}
    with serving(SENTINEL_AZURE_DEPLOYMENTS="mine=openai/gpt-4.1-mini", SENTINEL_EMBEDDER="onnx", **environ) as server:
        server.wait_for_embedder()
        address = server.said["address"]
        with AzureOpenAI(azure_endpoint=address, api_key="k", api_version=VERSION, max_retries=0) as client:
            yield client


def outcome(answered: Any) -> str:
    return str(answered.model_extra["sentinel"]["outcome"])


def test_a_deployment_is_asked_and_its_answer_shared(azure: AzureOpenAI, upstream: Upstream) -> None:
    turns: Any = chat()["messages"]
    first, again = (azure.chat.completions.create(model="mine", messages=turns) for _ in range(2))
    chunks = list(azure.chat.completions.create(model="mine", messages=turns, stream=True))
    response = azure.responses.create(model="openai/gpt-4.1-mini", input="What is a bond?")

    assert [outcome(each) for each in (first, again, response)] == ["miss", "hit_exact", "miss"]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == first.choices[0].message.content
    assert upstream.calls[0].body["model"] == "gpt-4.1-mini"


def test_an_unknown_deployment_is_not_found(azure: AzureOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        azure.chat.completions.create(model="other", messages=[{"role": "user", "content": "hi"}])
