from __future__ import annotations

import re

import pytest
from pydantic import SecretStr, ValidationError

from sentinel_core.app.settings import Settings
from sentinel_core.app.settings_errors import SHAPES
from sentinel_core.errors import ConfigurationError

SECRETS = {
    "GROQ_API_KEY": "hush-groq",
    "UPSTASH_REDIS_REST_TOKEN": "hush-upstash",
    "SENTINEL_REDIS_URL": "redis://:hush-redis@localhost:6379/0",
    "SENTINEL_NAMESPACE_SECRET": "hush-hush-namespace",
    "SENTINEL_ADMIN_KEY": "hush-hush-hush-hush-admin",
}
UPSTASH_URL = {"UPSTASH_REDIS_REST_URL": "https://example.test"}


def test_nothing_need_be_set() -> None:
    settings = Settings.from_environ({})

    assert settings == Settings()
    assert (settings.host, settings.port, settings.store, settings.provider) == ("127.0.0.1", 8001, None, None)


@pytest.mark.parametrize("name", Settings.variables())
def test_an_empty_variable_counts_as_unset(name: str) -> None:
    assert Settings.from_environ({name: ""}) == Settings()


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_a_description(field: str) -> None:
    assert Settings.model_fields[field].description


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("SENTINEL_PORT", "0", "port", 0),
        ("SENTINEL_LOG_LEVEL", "debug", "log_level", "debug"),
        ("SENTINEL_LOG_PROMPTS", "1", "log_prompts", True),
        ("SENTINEL_STORE", "memory", "store", "memory"),
        ("SENTINEL_PROVIDER", "simulated", "provider", "simulated"),
        ("SENTINEL_MODEL", "openai/gpt-oss-20b", "model", "openai/gpt-oss-20b"),
        ("SENTINEL_SIMULATED_DELAY_MS", "0", "simulated_delay_ms", 0.0),
        ("SENTINEL_SIMILARITY_THRESHOLD", "1", "similarity_threshold", 1.0),
        ("SENTINEL_TTL_SECONDS", "60", "ttl_seconds", 60.0),
        ("SENTINEL_STALE_SECONDS", "0", "stale_seconds", 0.0),
        ("SENTINEL_MAX_TEMPERATURE", "2", "max_temperature", 2.0),
        ("GROQ_BASE_URL", "http://localhost:9/v1/", "base_urls", {"groq": "http://localhost:9/v1"}),
        ("SENTINEL_REDIS_URL", "rediss://localhost", "redis_url", SecretStr("rediss://localhost")),
    ],
)
def test_a_variable_sets_its_field(name: str, text: str, field: str, value: object) -> None:
    settings = Settings.from_environ({name: text, "PATH": "/bin", "sentinel_port": "1"})

    assert settings == Settings.model_validate({field: value})
    assert getattr(settings, field) == value


@pytest.mark.parametrize(
    "name", ["SENTINEL_SIMILARITY_TRESHOLD", "SENTINEL_", "SENTINEL_GROQ_API_KEY", "SENTINEL_port", "SENTINEL_EXTRA"]
)
@pytest.mark.parametrize("value", ["0.9", ""])
def test_a_misspelt_name_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({name: value, "SENTINEL_ZZZ": value})

    told = re.sub(r" \(did you mean \w+\?\)", "", str(caught.value))
    assert told == f"unknown setting: {', '.join(sorted([name, 'SENTINEL_ZZZ']))}"


def test_the_key_of_commands_stops_no_start() -> None:
    assert Settings.from_environ({"SENTINEL_KEY": "sk-1"}) == Settings.from_environ({})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SENTINEL_SIMILARITY_TRESHOLD", "SENTINEL_SIMILARITY_THRESHOLD"),
        ("SENTINEL_port", "SENTINEL_PORT"),
        ("SENTINEL_TTL", None),
        ("SENTINEL_ZZZ", None),
    ],
)
def test_a_misspelt_name_is_answered_with_the_right_one(name: str, meant: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({name: "1"})

    assert str(caught.value) == f"unknown setting: {name}" + (f" (did you mean {meant}?)" if meant else "")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("SENTINEL_PORT", "x", "must be a whole number"),
        ("SENTINEL_PORT", "-1", "must be 0 or more"),
        ("SENTINEL_PORT", "65536", "must be 65535 or less"),
        ("SENTINEL_TTL_SECONDS", "1h", "must be a number"),
        ("SENTINEL_TTL_SECONDS", "inf", "must be a finite number"),
        ("SENTINEL_MAX_WRONG", "0", "must be more than 0"),
        ("SENTINEL_OPEN", "ajar", "must be true or false"),
        ("SENTINEL_ADMIN_KEY", "short", "must have 24 characters or more"),
        ("SENTINEL_STORE", "memry", "must be 'memory', 'upstash' or 'redis' (did you mean memory?)"),
        ("SENTINEL_STORE", "mysql", "must be 'memory', 'upstash' or 'redis'"),
    ],
)
def test_a_complaint_names_the_rule_in_plain_words(name: str, value: str, rule: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({name: value})

    assert str(caught.value) == f"{name}: {rule}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTINEL_PORT", "8001x"),
        ("SENTINEL_PORT", "-1"),
        ("SENTINEL_PORT", "65536"),
        ("SENTINEL_PORT", "80.5"),
        ("SENTINEL_LOG_LEVEL", "LOUD"),
        ("SENTINEL_LOG_PROMPTS", "maybe"),
        ("SENTINEL_STORE", "mysql"),
        ("SENTINEL_PROVIDER", "somebody"),
        ("SENTINEL_EMBEDDER", "words"),
        ("SENTINEL_SIMULATED_DELAY_MS", "-1"),
        ("SENTINEL_SIMULATED_DELAY_MS", "nan"),
        ("SENTINEL_SIMULATED_DELAY_MS", "inf"),
        ("SENTINEL_SIMILARITY_THRESHOLD", "1.01"),
        ("SENTINEL_SIMILARITY_THRESHOLD", "-0.1"),
        ("SENTINEL_SIMILARITY_THRESHOLD", "nan"),
        ("SENTINEL_SIMILARITY_THRESHOLD", "high"),
        ("SENTINEL_TTL_SECONDS", "-1"),
        ("SENTINEL_TTL_SECONDS", "inf"),
        ("SENTINEL_STALE_SECONDS", "1h"),
        ("SENTINEL_MAX_TEMPERATURE", "2.1"),
        ("SENTINEL_MAX_TEMPERATURE", "nan"),
        ("SENTINEL_MAX_BODY_BYTES", "0"),
        ("SENTINEL_MAX_ENTRIES", "0"),
        ("SENTINEL_MAX_MEMORY_MB", "0"),
        ("SENTINEL_REQUEST_TIMEOUT_SECONDS", "0"),
        ("SENTINEL_REQUEST_TIMEOUT_SECONDS", "nan"),
        ("SENTINEL_REDIS_URL", "hush-localhost:6379"),
        ("SENTINEL_OPEN", "ajar"),
        ("SENTINEL_API_KEYS", "hush"),
        ("SENTINEL_API_KEYS", "acme:sk-sentinel-hush"),
        ("SENTINEL_API_KEYS", f"hush me:{'0' * 64}"),
        ("SENTINEL_API_KEYS", f"acme:{'0' * 64};globex:{'1' * 64}"),
        ("SENTINEL_NAMESPACE_SECRET", "hush"),
        ("SENTINEL_ADMIN_KEY", "hush"),
        ("SENTINEL_ADMIN_KEY", "hush hush hush hush hush hush"),
        ("SENTINEL_SHARED_POOLS", "docs"),
        ("SENTINEL_SHARED_POOLS", "docs=acme, hush me"),
        ("SENTINEL_SHARED_POOLS", "docs=acme; faq=acme"),
        ("SENTINEL_SHARED_POOLS", "=acme"),
        ("SENTINEL_CORS_ORIGINS", "app.test"),
        ("SENTINEL_CORS_ORIGINS", "https://app.test/"),
        ("SENTINEL_CORS_ORIGINS", "https://*.test"),
        ("GROQ_BASE_URL", "api.groq.test"),
        ("UPSTASH_REDIS_REST_URL", "rediss://hush"),
    ],
)
def test_a_bad_value_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({name: value})

    assert str(caught.value).startswith(f"{name}: ")
    assert f"'{value}'" not in str(caught.value)
    assert "hush" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_every_bad_value_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({"SENTINEL_PORT": "x", "SENTINEL_STORE": "y"})

    assert [part.split(":")[0] for part in str(caught.value).split("; ")] == ["SENTINEL_PORT", "SENTINEL_STORE"]


@pytest.mark.parametrize("half", [UPSTASH_URL, {"UPSTASH_REDIS_REST_TOKEN": "hush-upstash"}])
def test_the_address_and_the_token_of_upstash_go_together(half: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ(half)

    assert "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"SENTINEL_STORE": "upstash"}, "SENTINEL_STORE needs UPSTASH_REDIS_REST_URL"),
        ({"SENTINEL_STORE": "redis"}, "SENTINEL_STORE needs SENTINEL_REDIS_URL"),
        ({"SENTINEL_PROVIDER": "groq"}, "SENTINEL_PROVIDER needs GROQ_API_KEY"),
        ({"SENTINEL_PROVIDER": "custom"}, "SENTINEL_PROVIDER needs CUSTOM_BASE_URL"),
    ],
)
def test_what_is_chosen_must_be_reachable(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ(environ)

    assert str(caught.value) == missing


def test_secrets_are_never_printed() -> None:
    settings = Settings.from_environ({**SECRETS, **UPSTASH_URL})

    shown = [str(settings), repr(settings), str(settings.model_dump()), settings.model_dump_json()]
    assert not any("hush" in text for text in shown)
    assert settings.keys["groq"].get_secret_value() == "hush-groq"


def test_a_secret_next_to_a_mistake_is_not_printed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({**SECRETS, "SENTINEL_PORT": "x"})

    assert "hush" not in repr(caught.value)


ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "sentinel"}
STATIC = {"SENTINEL_API_KEYS": f"acme:{'0' * 64}"}


@pytest.mark.parametrize("environ", [{}, {"SENTINEL_OPEN": "false"}, STATIC])
def test_on_lambda_nobody_is_let_in_by_oversight(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ({**ON_LAMBDA, **environ})

    assert str(caught.value) == "on Lambda set SENTINEL_NAMESPACE_SECRET to ask for keys, or SENTINEL_OPEN=true"


@pytest.mark.parametrize(
    "environ",
    [
        {"SENTINEL_OPEN": "true"},
        {"SENTINEL_NAMESPACE_SECRET": "x" * 16},
        {**STATIC, "SENTINEL_NAMESPACE_SECRET": "x" * 16},
    ],
)
def test_on_lambda_the_operator_says_who_is_let_in(environ: dict[str, str]) -> None:
    Settings.from_environ({**ON_LAMBDA, **environ})


def test_open_and_keys_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="SENTINEL_OPEN=true and SENTINEL_API_KEYS exclude each other"):
        Settings.from_environ({"SENTINEL_OPEN": "true", **STATIC})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_each_pattern_of_a_setting_has_words() -> None:
    patterned = {
        name
        for name, each in Settings.model_fields.items()
        if any(getattr(rule, "pattern", None) is not None for rule in each.metadata)
    }

    assert patterned == SHAPES.keys()
    with pytest.raises(ConfigurationError, match=r"^SENTINEL_JUDGE: must be provider/model, as groq/llama"):
        Settings.from_environ({"SENTINEL_JUDGE": "llama"})
