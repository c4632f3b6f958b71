from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from pydantic import ValidationError

from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import ANYONE, ApiKey, Caller
from tests.tenants.doors import key_of

SECRET = b"0123456789abcdef"


def test_a_key_is_kept_as_its_sha256() -> None:
    assert api_key.digest("sk-sentinel-a") == hashlib.sha256(b"sk-sentinel-a").hexdigest()
    assert key_of("acme").id == key_of("acme").sha256[:16]


def test_a_namespace_is_the_hmac_of_the_tenant_under_the_servers_secret() -> None:
    assert api_key.namespace(SECRET, "acme") == hmac.new(SECRET, b"tenant:acme", hashlib.sha256).hexdigest()


def test_no_two_tenants_pools_or_secrets_have_one_namespace() -> None:
    spaces = [
        api_key.namespace(SECRET, "acme"),
        api_key.namespace(SECRET, "Acme"),
        api_key.namespace(SECRET, "acme", "acme"),
        api_key.namespace(SECRET, "acme", "docs"),
        api_key.namespace(b"another", "acme"),
        ANYONE.namespace,
    ]

    assert len(set(spaces)) == len(spaces)
    assert api_key.namespace(SECRET, "globex", "docs") == api_key.namespace(SECRET, "acme", "docs")


@pytest.mark.parametrize(
    ("providers", "models", "allowed"),
    [
        ((), (), True),
        (("groq",), (), True),
        (("openai",), (), False),
        ((), ("vendor/small",), True),
        ((), ("groq/vendor/small",), True),
        ((), ("small",), False),
        ((), ("openai/vendor/small",), False),
        (("groq",), ("vendor/small", "large"), True),
        (("openai",), ("vendor/small",), False),
        (("groq",), ("vendor/Small",), False),
    ],
)
def test_a_key_reaches_as_far_as_it_says(providers: tuple[str, ...], models: tuple[str, ...], allowed: bool) -> None:
    key = key_of("acme", providers=providers, models=models)

    assert Caller("n", key).allows("groq", "vendor/small") is allowed
    assert ANYONE.allows("groq", "vendor/small")


@pytest.mark.parametrize(("expires", "at", "ends"), [(None, 5.0, 5.0), (9.0, 5.0, 5.0), (3.0, 5.0, 3.0)])
def test_a_key_that_is_ending_never_lives_longer_than_it_would(expires: float | None, at: float, ends: float) -> None:
    assert key_of("acme", expires=expires).ending(at) == key_of("acme", expires=ends)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "hush"),
        ("sha256", "A" * 64),
        ("tenant", ""),
        ("tenant", "a b"),
        ("tenant", "acme\n"),
        ("tenant", "a" * 65),
        ("name", "line\nbreak"),
        ("models", ["hush me"]),
        ("models", "small"),
        ("expires", "soon"),
        ("expires", float("nan")),
        ("expires", -1),
        ("state", "hush"),
        ("limit", 1),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_and_not_shown(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ApiKey.model_validate({"sha256": "0" * 64, "tenant": "acme", field: value})

    assert api_key.complaint(caught.value).startswith(field)
    assert "hush" not in str(caught.value)


def test_a_key_is_found_by_its_id_and_by_its_sha256_only() -> None:
    keys = [key_of("acme"), key_of("globex")]

    assert api_key.find(keys, keys[1].id) == api_key.find(keys, keys[1].sha256) == keys[1]
    assert [api_key.find(keys, text) for text in ("", keys[1].id[:8], "globex")] == [None] * 3
