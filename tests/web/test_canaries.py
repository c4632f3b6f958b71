"""No secret, prompt or answer leaves by a side door: canaries are planted, and every output is searched for them."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest

from scripts.devtools.http.serving import Server, serving
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.app.stores import directory, key_store, wire
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.tenants import api_key
from tests.support import command

SECRETS = {
    "GROQ_API_KEY": "canary-groq-key",
    "CUSTOM_API_KEY": "canary-custom-key",
    "SENTINEL_NAMESPACE_SECRET": "canary-namespace-secret",
    "SENTINEL_ADMIN_KEY": "canary-admin-key-of-the-operator",
    "SENTINEL_ALERT_URL": "http://127.0.0.1:1/hook?token=canary-token",
    "SENTINEL_ALERT_SECRET": "canary-secret-of-alerts",
    "SENTINEL_ENCRYPTION_KEYS": f"k:{'canary' * 7}A=",
}
REDIS = {"SENTINEL_REDIS_URL": "redis://:canary-redis-password@127.0.0.1:1/0"}
UPSTASH = {"UPSTASH_REDIS_REST_URL": "http://127.0.0.1:1", "UPSTASH_REDIS_REST_TOKEN": "canary-upstash-token"}
NOWHERE = {"GROQ_BASE_URL": "http://127.0.0.1:1/canary-path", "CUSTOM_BASE_URL": "http://127.0.0.1:1/v1"}
PROMPT = "canary-prompt"


def found_in(*texts: object) -> list[str]:
    return [line for text in texts for line in str(text).splitlines() if "canary" in line.lower()]


def _talk(server: Server, key: str) -> list[str]:
    """Ask for everything, rightly and wrongly; returns what was answered but for answers to prompts."""
    good = {"authorization": f"Bearer {key}"}
    bad = {"authorization": "Bearer sk-sentinel-canary-wrong"}
    operator = {"x-api-key": SECRETS["SENTINEL_ADMIN_KEY"]}
    asked = {"prompt": PROMPT, "provider": "simulated"}
    server.http.post("/v1/query", json=asked, headers=good)
    server.http.post("/v1/query", json=asked, headers=good)
    chat = {"model": "simulated", "provider": "simulated", "messages": [{"role": "user", "content": PROMPT}]}
    server.http.post("/v1/chat/completions", json=chat, headers=good)
    told = [
        server.http.post("/v1/query", json={"prompt": PROMPT, "provider": "groq"}, headers=good),
        server.http.post("/v1/query", json={"prompt": PROMPT, "provider": "custom", "model": "m"}, headers=good),
        server.http.post("/v1/query", json=asked, headers=bad),
        server.http.post("/v1/query", json=asked),
        server.http.post("/v1/query", json={**asked, "temperature": PROMPT}, headers=good),
        server.http.post("/v1/query", content=f'{{"prompt": "{PROMPT}", }}', headers=good),
        server.http.post("/v1/query", content=b"\xff" + PROMPT.encode(), headers=good),
        server.http.post("/v1/query", json=asked, headers={**good, "cache-control": f"max-age={PROMPT}"}),
        server.http.post("/v1/query", json=asked, headers={**good, "x-sentinel-tag": f"{PROMPT} {PROMPT}"}),
        server.http.post("/v1/query", json=asked, headers={**good, "x-request-id": f"{PROMPT} {PROMPT}"}),
        server.http.post("/v1/chat/completions", json={**chat, "n": PROMPT}, headers=good),
        *(server.http.get(path, headers=good) for path in ("/v1/metrics", "/v1/models", "/health?deep=1", "/docs")),
        server.http.get("/v1/metrics", headers=operator),
        server.http.get("/v1/cache/entries", params={"cursor": PROMPT}, headers=good),
        server.http.post("/v1/cache/feedback", json={"entry_id": PROMPT, "verdict": PROMPT}, headers=good),
        server.http.post("/v1/cache/purge", json={"tag": f"{PROMPT} {PROMPT}"}, headers=good),
        server.http.get("/v1/admin/entries", params={"tenant": "acme", "cursor": PROMPT}, headers=operator),
        server.http.post("/v1/admin/entries/search", json={"tenant": PROMPT * 9, "text": PROMPT}, headers=operator),
        server.http.get("/v1/admin/stats", params={"day": PROMPT}, headers=operator),
        server.http.get("/openapi.json"),
        server.http.get("/health"),
    ]
    bodies = [response.text for response in told if "response" not in response.text[:20]]
    return [*bodies, *(str(response.headers) for response in told)]


@pytest.mark.parametrize("store", [{}, REDIS, UPSTASH])
def test_the_server_shows_none_in_what_it_answers_says_and_logs(tmp_path: Path, store: dict[str, str]) -> None:
    file = {"SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}
    key = "sk-sentinel-canary-key"
    static = {"SENTINEL_API_KEYS": f"acme:{api_key.digest(key)}"}
    # One attempt at a provider that is not there, and no wait for others.
    with serving(
        **SECRETS,
        **store,
        **NOWHERE,
        **file,
        **static,
        SENTINEL_LOG_LEVEL="debug",
        SENTINEL_REQUEST_TIMEOUT_SECONDS="2",
    ) as server:
        answered = _talk(server, key)
        code, logged = server.interrupt()

    assert code == 0
    assert found_in(server.said, logged, *answered) == []
    events = [json.loads(line) for line in logged.splitlines()]
    assert {event["tenant"] for event in events if event.get("outcome") == "miss"} <= {"acme"}


@pytest.mark.parametrize("arguments", [["--help"], ["keys", "--help"], ["keys", "list"], ["--port", "canary"]])
def test_the_commands_show_none(tmp_path: Path, arguments: list[str]) -> None:
    environ = {**SECRETS, **NOWHERE, "PATH": "", "SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}
    ended = command.run(*arguments, environ=environ)

    assert found_in(ended.stdout, ended.stderr) == []


@pytest.mark.parametrize("name", [*SECRETS, *REDIS, *UPSTASH, "SENTINEL_API_KEYS", "SENTINEL_SHARED_POOLS"])
def test_a_setting_that_breaks_a_rule_is_not_in_the_error(name: str) -> None:
    environ = {**SECRETS, **REDIS, **UPSTASH, name: "canary", "SENTINEL_PORT": "canary", "SENTINEL_OPEN": "canary"}
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environ(environ)

    assert found_in("".join(traceback.format_exception(caught.value)), repr(caught.value)) == []


@pytest.mark.parametrize("store", [{}, REDIS, UPSTASH])
def test_what_is_built_shows_none_of_them(store: dict[str, str]) -> None:
    settings = Settings.from_environ({**SECRETS, **store, **NOWHERE})
    sentinel = build(settings)
    shown = [
        settings,
        settings.model_dump(),
        sentinel,
        sentinel.chosen,
        sentinel.parts,
        sentinel.parts.store,
        wire(settings),
        *sentinel.parts.providers.values(),
    ]

    canaries = [line for each in shown for line in found_in(repr(each), str(each)) if "canary-path" not in line]
    assert canaries == []
    assert directory(settings, key_store(settings, wire(settings)), SYSTEM_CLOCK) is not None
