from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from scripts.devtools.http.serving import serving
from scripts.devtools.redis.server import RedisServer
from sentinel_core.stores.redis.key_names import API_KEYS, api_key
from sentinel_core.tenants.api_key import digest
from sentinel_core.tenants.key_watch import HOLD_SECONDS
from tests.support import command
from tests.support.processes import PATIENT

Run: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "", "SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis", durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def keys(environ: dict[str, str]) -> Run:
    """Run `keys` and return the lines it printed."""

    def run(*arguments: str) -> list[str]:
        ended = command.run("keys", *arguments, environ=environ)
        said = [line for line in ended.stderr.splitlines() if not line.startswith("audit.recorded chain=")]
        assert (ended.returncode, said) == (0, [])
        return ended.stdout.splitlines()

    return run


def test_a_key_is_made_shown_once_listed_rotated_and_revoked(keys: Run, environ: dict[str, str]) -> None:
    shown, told, static, kept = keys("create", "acme", "--name", "ci", "--models", "a, b", "--days", "1")
    identifier = digest(shown)[:16]
    assert shown.startswith("sk-sentinel-")
    assert len(shown) == 55
    assert told == f"This key of acme is shown once; it is called {identifier}."
    assert static == f"As a static key: SENTINEL_API_KEYS=acme:{digest(shown)}"
    file = Path(environ["SENTINEL_KEYS_FILE"]).resolve()
    assert kept == f"It is kept in {file}: start the server in this folder, or set SENTINEL_KEYS_FILE"
    assert shown not in Path(environ["SENTINEL_KEYS_FILE"]).read_text()

    titles, row = keys("list")
    assert titles.split() == ["id", "tenant", "name", "state", "created", "expires"]
    assert row.split()[:4] == [identifier, "acme", "ci", "active"]

    fresh, *_ = keys("rotate", identifier)
    assert fresh != shown
    assert [row.split()[3] for row in keys("list")[1:]] == ["expired", "active"]

    later = digest(fresh)[:16]
    assert keys("revoke", later) == [f"{later} is revoked: everywhere within a minute"]
    assert keys("revoke", later) == [f"{later} was revoked before"]
    assert [row.split()[3] for row in keys("list")[1:]] == ["expired", "revoked"]


def test_limits_are_kept_as_the_numbers_they_are(keys: Run, environ: dict[str, str]) -> None:
    keys("create", "acme", "--requests-per-minute", "100", "--usd-per-day", "2.5", "--usd-per-month", "20")

    [kept] = json.loads(Path(environ["SENTINEL_KEYS_FILE"]).read_text())
    limits = {name: limit for name, limit in kept["limits"].items() if limit is not None}
    assert limits == {"requests_per_minute": 100, "usd_per_day": 2.5, "usd_per_month": 20.0}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["create", "a b"], "tenant: String should match"),
        (["create", "acme", "--name", "line\nbreak"], "name: String should match"),
        (["create", "acme", "--models", "a b"], "models.0: String should match"),
        (["create", "acme", "--days", "-1"], "expires: must be in the future"),
        (["create", "acme", "--days", "nan"], "expires: Input should be"),
        (["create", "acme", "--requests-per-minute", "1.5"], "limits.requests_per_minute: Input should be"),
        (["create", "acme", "--usd-per-day", "nan"], "limits.usd_per_day: Input should be"),
        (["revoke", "0123456789abcdef"], "no key has this id"),
        (["rotate", ""], "no key has this id"),
    ],
)
def test_what_breaks_a_rule_is_told_and_changes_nothing(
    environ: dict[str, str], arguments: list[str], complaint: str
) -> None:
    ended = command.run("keys", *arguments, environ=environ)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"sentinel: {complaint}")
    assert not list(Path(environ["SENTINEL_KEYS_FILE"]).parent.iterdir())


def test_a_key_that_is_no_longer_good_is_not_rotated(keys: Run, environ: dict[str, str]) -> None:
    identifier = digest(keys("create", "acme")[0])[:16]
    keys("revoke", identifier)

    ended = command.run("keys", "rotate", identifier, environ=environ)

    assert (ended.returncode, ended.stderr) == (2, "sentinel: the key is revoked: make a new one\n")


def test_what_somebody_wrote_into_redis_opens_nothing_is_listed_as_forged_and_revoked(
    keys: Run, environ: dict[str, str], redis: RedisServer
) -> None:
    environ.update(SENTINEL_REDIS_URL=redis.url, **PATIENT, SENTINEL_NAMESPACE_SECRET="a secret of sixteen")
    sha256 = digest("sk-sentinel-mine")
    redis.ask("HSET", api_key(sha256), "tenant", "acme")
    redis.ask("SADD", API_KEYS, sha256)
    good = {"x-api-key": keys("create", "acme")[0]}
    with serving(**{name: value for name, value in environ.items() if name != "PATH"}) as server:
        answers = [server.http.get("/v1/models", headers=sent) for sent in ({"x-api-key": "sk-sentinel-mine"}, good)]
        code, logged = server.interrupt()

    assert [answer.status_code for answer in answers] == [401, 200]
    assert code == 0
    [told] = [json.loads(line) for line in logged.splitlines() if "forged" in line]
    assert (told["level"], told["event"], told["key"]) == ("error", "key.forged", sha256[:16])
    assert [row.split()[1:] for row in keys("list")[2:]] == [["nobody", "-", "forged", "-", "-"]]
    assert keys("revoke", sha256[:16]) == [f"{sha256[:16]} is revoked: everywhere within a minute"]
    assert [row.split()[3] for row in keys("list")[1:]] == ["revoked", "active"]


def test_keys_in_redis_are_good_where_the_secret_is_that_sealed_them(
    keys: Run, environ: dict[str, str], redis: RedisServer, tmp_path: Path
) -> None:
    environ.update(SENTINEL_REDIS_URL=redis.url, **PATIENT, SENTINEL_OPEN="true")
    told = "SENTINEL_NAMESPACE_SECRET is not set: these keys are good where the secret beside SENTINEL_KEYS_FILE is"
    assert keys("list")[1:] == [told]
    assert keys("create", "acme")[3:] == [told]
    assert [row.split()[3] for row in keys("list")[1:-1]] == ["active"]

    environ["SENTINEL_KEYS_FILE"] = str(tmp_path / "elsewhere" / "keys.json")
    assert [row.split()[3] for row in keys("list")[1:-1]] == ["forged"]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("is_in_redis", [False, True], ids=["file", "redis"])
def test_a_running_open_server_refuses_callers_once_a_key_exists(
    keys: Run, environ: dict[str, str], redis: RedisServer, *, is_in_redis: bool
) -> None:
    ours = {**PATIENT, "SENTINEL_KEYS_FILE": environ["SENTINEL_KEYS_FILE"]}
    if is_in_redis:
        ours["SENTINEL_REDIS_URL"] = environ["SENTINEL_REDIS_URL"] = redis.url
    asked = {"prompt": "hi"}
    with serving(**ours) as server:
        assert server.said["keys"] == "none asked for: open to this machine until a key exists"
        assert server.http.post("/v1/query", json=asked).status_code == 200
        assert server.http.post("/v1/query", json=asked, headers={"host": "evil.example"}).status_code == 403
        shown = keys("create", "acme")[0]
        time.sleep(HOLD_SECONDS)
        assert server.http.post("/v1/query", json=asked).status_code == 401
        assert server.http.post("/v1/query", json=asked, headers={"x-api-key": shown}).status_code == 200
    with serving(**ours) as server:
        assert server.said["keys"].startswith("asked of every caller")
        assert server.http.post("/v1/query", json=asked).status_code == 401
        assert server.http.post("/v1/query", json=asked, headers={"x-api-key": shown}).status_code == 200
        later = keys("create", "globex")[0]
        assert server.http.post("/v1/query", json=asked, headers={"x-api-key": later}).json()["outcome"] == "miss"
