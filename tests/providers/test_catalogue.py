"""The table of providers and what it decides."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from sentinel_core.chat.messages import ChatRequest
from sentinel_core.providers.catalogue import KNOWN, SPECS, ProviderSpec, custom, refused, split_model


def request(messages: tuple[dict[str, Any], ...] = ({"role": "user", "content": "Hi"},), **params: Any) -> ChatRequest:
    return ChatRequest(provider="groq", model="m", messages=messages, params=params)


def test_names_are_unique() -> None:
    assert len(KNOWN) == len(SPECS)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_provider_is_reached_over_tls_unless_it_is_local(spec: ProviderSpec) -> None:
    address = urlsplit(spec.base_url)

    assert address.scheme == ("http" if address.hostname == "127.0.0.1" else "https")
    assert not spec.base_url.endswith("/")
    assert (spec.key is None) == (address.hostname == "127.0.0.1")


def test_groqs_names_are_those_operators_know() -> None:
    groq = KNOWN["groq"]

    assert (groq.key, groq.base_url_variable, groq.default_model) == (
        "GROQ_API_KEY",
        "GROQ_BASE_URL",
        "openai/gpt-oss-20b",
    )


@pytest.mark.parametrize(
    ("params", "refused_param"),
    [
        ({}, None),
        ({"n": 1, "temperature": 0}, None),
        ({"n": None, "logprobs": None, "logit_bias": {}}, None),
        ({"logprobs": False}, None),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 0}, "top_logprobs"),
        ({"logit_bias": {"1": 2}}, "logit_bias"),
        ({"n": 2}, "n"),
    ],
)
def test_groq_is_not_asked_what_it_refuses(params: dict[str, Any], refused_param: str | None) -> None:
    found = refused(KNOWN["groq"], request(**params))

    assert (found and found[0]) == refused_param


def test_groq_takes_no_names_in_messages() -> None:
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi", "name": "eve"})

    assert refused(KNOWN["groq"], request(messages)) == ("messages[1].name", "groq does not take names in messages")


@pytest.mark.parametrize("name", ["openai", "ollama"])
def test_others_are_asked_anything(name: str) -> None:
    messages = ({"role": "user", "content": "Hi", "name": "eve"},)

    assert refused(KNOWN[name], request(messages, n=2, logprobs=True)) is None


@pytest.mark.parametrize(
    ("model", "default", "chosen"),
    [
        ("groq/openai/gpt-oss-20b", "groq", ("groq", "openai/gpt-oss-20b")),
        ("groq/openai/gpt-oss-20b", "openai", ("groq", "openai/gpt-oss-20b")),
        ("openai/gpt-oss-20b", "groq", ("groq", "openai/gpt-oss-20b")),
        ("openai/gpt-4.1-mini", "groq", ("openai", "gpt-4.1-mini")),
        ("openai/gpt-4.1-mini", "openrouter", ("openrouter", "openai/gpt-4.1-mini")),
        ("openrouter/auto", "openrouter", ("openrouter", "openrouter/auto")),
        ("gpt-4.1-mini", "groq", ("groq", "gpt-4.1-mini")),
        ("qwen/qwen3.8-27b", "groq", ("groq", "qwen/qwen3.8-27b")),
        ("mistral/mistral-small-latest", "groq", ("groq", "mistral/mistral-small-latest")),
        ("groq/", "groq", ("groq", "groq/")),
        ("groq", "openai", ("openai", "groq")),
        ("", "groq", ("groq", "")),
        ("openai/x", "simulated", ("openai", "x")),
    ],
)
def test_a_model_may_name_its_provider(model: str, default: str, chosen: tuple[str, str]) -> None:
    assert split_model(model, known={"groq", "openai", "openrouter"}, default=default) == chosen


def test_any_other_server_can_be_described() -> None:
    spec = custom("http://10.0.0.5:8000/v1", "my-model", key=None)

    assert (spec.name, spec.base_url, spec.key, spec.default_model) == (
        "custom",
        "http://10.0.0.5:8000/v1",
        None,
        "my-model",
    )
