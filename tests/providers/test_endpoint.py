"""Addresses and keys as people paste them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.errors import ConfigurationError
from sentinel_core.providers import endpoint
from sentinel_core.providers.catalogue import KNOWN


@pytest.mark.parametrize(
    ("pasted", "posted"),
    [
        ("http://x/v1", "http://x/v1/chat/completions"),
        ("http://x/v1/", "http://x/v1/chat/completions"),
        ("http://x", "http://x/chat/completions"),
        (" 'https://x/v1' \n", "https://x/v1/chat/completions"),
        ("http://x/v1/chat/completions", "http://x/v1/chat/completions"),
        ("http://x/v1/chat/completions/", "http://x/v1/chat/completions"),
        ("http://x/v1#top", "http://x/v1/chat/completions"),
        ("https://x/openai?api-version=1", "https://x/openai/chat/completions?api-version=1"),
        ("HTTP://X:8000/v1", "http://x:8000/v1/chat/completions"),
        ("<https://x/v1>", "https://x/v1/chat/completions"),
        ("https://x/v1;", "https://x/v1/chat/completions"),
        ('"https://x/v1",', "https://x/v1/chat/completions"),
        ("https://me:pa$$@x/v1", "https://me:pa$$@x/v1/chat/completions"),
        ("https://x/v1/models", "https://x/v1/chat/completions"),
        ("https://x/v1/completions", "https://x/v1/chat/completions"),
        ("https://x/models", "https://x/models/chat/completions"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"),
    ],
)
def test_a_pasted_address_is_mended(pasted: str, posted: str) -> None:
    assert str(endpoint.chat_url(replace(KNOWN["groq"], base_url=pasted))) == posted


@pytest.mark.parametrize(
    "pasted",
    [
        *("", "x/v1", "localhost:8000/v1", "http://", "http://a b/v1", "http://a\nb/v1", "https://x/{deployment}/v1"),
        *("https://<resource>.x/v1", "https://$HOST/v1", "https://x/v1\\n", "https://api..x/v1", "X=https://x/v1"),
    ],
)
def test_an_address_that_is_none_is_refused_by_name(pasted: str) -> None:
    with pytest.raises(ConfigurationError, match="GROQ_BASE_URL: must be"):
        endpoint.chat_url(replace(KNOWN["groq"], base_url=pasted))


def test_a_pasted_key_loses_quotes_and_line_ends() -> None:
    url = endpoint.chat_url(KNOWN["groq"])

    assert endpoint.request_headers(KNOWN["groq"], ' "gsk_1"\n', url)["authorization"] == "Bearer gsk_1"


def test_secrets_are_known_in_every_usual_spelling() -> None:
    url = endpoint.chat_url(replace(KNOWN["groq"], base_url="http://me:pass/word@x/v1".replace("pass/", "pass%2F")))

    assert set(endpoint.secrets(url, "a key/1", ["short", "longer-secret"])) == {
        "a key/1", "a%20key%2F1", "longer-secret", "bWU6cGFzcy93b3Jk", "pass/word", "pass%2Fword",
    }  # fmt: skip
