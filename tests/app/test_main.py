"""The six steps of a newcomer, through the real server process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.devtools.http.serving import ROOT, Server, serving, serving_alone
from sentinel_core import __version__
from tests.support import command

ASKED = "What is machine learning?"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving_alone(SENTINEL_EMBEDDER="fastembed") as running:
        running.wait_for_embedder()
        yield running


def ask(server: Server, prompt: str, **fields: object) -> dict[str, Any]:
    response = server.http.post("/v1/query", json={"prompt": prompt, **fields})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_it_says_what_it_chose(server: Server) -> None:
    assert server.said["store"].startswith("memory")
    assert server.said["provider"].startswith("simulated (no key is set; try GROQ_API_KEY), ")
    assert "minilm" in server.said["embedder"]
    assert server.said["docs"] == server.said["address"] + "/docs"
    assert server.said["console"] == server.said["address"] + "/console"


def test_a_prompt_is_missed_then_hit_exactly_then_by_meaning_and_counted(server: Server) -> None:
    before = server.http.get("/v1/metrics").json()

    first = ask(server, ASKED)
    again = ask(server, ASKED)
    reworded = ask(server, "What's machine learning?")
    other = ask(server, "What is deep learning?")
    scoped = [
        ask(server, ASKED, **{field: value})
        for field, value in (
            ("model", "another-model"),
            ("provider", "groq"),
            ("temperature", 0.1),
            ("max_tokens", 100),
            ("system", "Answer in French."),
        )
    ]
    after = server.http.get("/v1/metrics").json()

    assert (first["cache_hit"], first["outcome"], first["similarity_score"]) == (False, "miss", None)
    assert first["tokens_used"] > 0
    assert again["response"] == reworded["response"] == first["response"]
    assert (again["cache_hit"], again["outcome"], again["similarity_score"]) == (True, "hit_exact", 1.0)
    assert (first["cost_usd"], again["tokens_used"], again["cost_usd"]) == (0.0, 0, 0.0)
    assert again["saved_usd"] > 0
    assert (reworded["outcome"], reworded["matched_prompt"]) == ("hit_semantic", ASKED)
    assert 0.8 < reworded["similarity_score"] <= 1.0
    assert [each["outcome"] for each in (other, *scoped)] == ["miss"] * 6
    counted = {name: after[name] - before[name] for name in after if isinstance(after[name], int)}
    assert {name: counted[name] for name in ("total_requests", "exact_hits", "semantic_hits", "cache_misses")} == {
        "total_requests": 9,
        "exact_hits": 1,
        "semantic_hits": 1,
        "cache_misses": 7,
    }
    assert after["stored_items"] - before["stored_items"] == 7


def test_health_is_cheap_and_deep_on_request(server: Server) -> None:
    assert server.http.get("/health").json() == {"status": "ok"}
    deep = server.http.get("/health", params={"deep": 1}).json()
    assert deep == {"status": "ok", "store": "ok", "embedder": "ready", "provider": "simulated"}


def test_an_interrupt_ends_it_cleanly_and_the_log_is_one_json_line_per_answer() -> None:
    with serving_alone() as running:
        ask(running, "Why is the sky blue?")
        code, logged = running.interrupt()

    lines = [json.loads(line) for line in logged.splitlines()]
    assert code == 0
    assert [line["outcome"] for line in lines if line["event"] == "answer.sent"] == ["miss"]
    assert "sky" not in logged


def test_evaluate_is_a_command_of_its_own(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    same = {"a": ASKED, "b": ASKED, "same": 1, "source": "own", "kind": "same"}
    pairs.write_text(json.dumps(same) + "\n")

    shown = run("evaluate", str(pairs))

    assert shown.returncode == 0, shown.stderr
    assert "own" in shown.stdout


def test_a_store_that_cannot_be_reached_is_warned_of_at_start_and_costs_nobody_an_answer() -> None:
    away = {"UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9", "UPSTASH_REDIS_REST_TOKEN": "token"}
    with serving(SENTINEL_OPEN="true", **away) as running:
        answered = ask(running, "Why is the sky blue?")
        health = running.http.get("/health", params={"deep": 1}).json()
        _, logged = running.interrupt()

    events = [json.loads(line) for line in logged.splitlines()]
    assert (answered["outcome"], answered["reason"]) == ("bypass", "store-unavailable")
    assert health["status"] == "degraded"
    assert [event["level"] for event in events if event["event"] == "store.unavailable"] == ["warning"]
    assert "token" not in logged.replace("tokens", "")


def test_help_names_the_flags() -> None:
    shown = run("--help")

    assert shown.returncode == 0
    assert all(flag in shown.stdout for flag in ("--host", "--port", "--store", "--provider", "--log-level"))
    assert all(f"\n  {command} " in shown.stdout for command in ("run", "keys", "estimate", "evaluate", "settings"))


def test_version_is_the_packages() -> None:
    asking = [sys.executable, "-m", "sentinel_core", "--version"]
    shown = subprocess.run(asking, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, timeout=60)

    assert (shown.returncode, shown.stdout) == (0, f"sentinel {__version__}\n")


def test_settings_shows_values_and_hides_secrets(tmp_path: Path) -> None:
    (tmp_path / "mine.env").write_text("GROQ_API_KEY=gsk-hush\nSENTINEL_TTL_SECONDS=60\n")

    shown = run("settings", "--set", "--env-file", str(tmp_path / "mine.env"))

    assert shown.stdout.splitlines()[::2] == ["SENTINEL_TTL_SECONDS=60.0", "GROQ_API_KEY=(set, not shown)"]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("SENTINEL_GATE_RULES_OFF=numberz", "no such rule: numberz (did you mean numbers?)"),
        ("SENTINEL_PERSONAL_RULES_OFF=zzz", "no such rule: zzz"),
        ("SENTINEL_POLICY=nowhere.yaml", "cannot read nowhere.yaml"),
    ],
)
def test_settings_checks_names_of_rules_and_the_policy(tmp_path: Path, setting: str, complaint: str) -> None:
    (tmp_path / "mine.env").write_text(f"{setting}\n")

    shown = run("settings", "--env-file", str(tmp_path / "mine.env"))

    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == f"sentinel: {setting.partition('=')[0]}: {complaint}\n"


def test_the_start_warns_of_a_key_in_the_shell_and_of_a_silent_redis() -> None:
    with serving(GROQ_API_KEY="gsk-hush", SENTINEL_REDIS_URL="redis://127.0.0.1:9") as running:
        said = running.warnings

    assert said == [
        "GROQ_API_KEY is set in this shell: groq bills each miss to it; --provider simulated costs nothing",
        "Redis does not answer (no answer: ConnectionError): every request goes to the provider until it does",
    ]


def test_a_key_in_the_file_is_used_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "mine.env").write_text("GROQ_API_KEY=gsk-hush\n")

    with serving("--env-file", str(tmp_path / "mine.env")) as running:
        assert (running.said["provider"], running.warnings) == ("groq", [])


def test_the_log_format_can_be_text() -> None:
    with serving("--log-format", "text") as running:
        running.wait_for_embedder()
        ask(running, "Why is the sky blue?")
        _, logged = running.interrupt()

    assert re.fullmatch(r"\d\d:\d\d:\d\d  200  miss +[\d.]+ ms  /v1/query  simulated/\S+.*\n", logged)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--port", "70000"], "SENTINEL_PORT: must be 65535 or less"),
        (["--store", "reddis"], "SENTINEL_STORE: must be 'memory', 'upstash' or 'redis' (did you mean redis?)"),
        (["--provider", "nobody"], "SENTINEL_PROVIDER: must be one of"),
        (["evaluat"], "unknown command: evaluat; did you mean evaluate?"),
        (["wish"], "unknown command: wish; there are run, keys, top, estimate, evaluate, settings, policy, audit, im"),
        (["--env-file", "missing.env"], "cannot read missing.env: No such file or directory"),
        (["--provider", "groq"], "GROQ_API_KEY"),
        (["--store", "upstash"], "UPSTASH_REDIS_REST_URL"),
        (["--store", "redis"], "SENTINEL_REDIS_URL"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_name_and_rule(flags: list[str], complaint: str) -> None:
    ended = run(*flags)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert complaint in ended.stderr


def run(*flags: str) -> command.Ended:
    named = [] if "--env-file" in flags else ["--env-file", os.devnull]
    return command.run(*flags, *named, environ={"PATH": ""})


@pytest.mark.parametrize("name", ["estimate", "evaluate"])
def test_a_command_quietens_numpy_before_it_is_imported(name: str) -> None:
    code = f"""
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print("numpy", os.environ.get("OPENBLAS_NUM_THREADS"))
sys.meta_path.insert(0, Watch())
from sentinel_core.__main__ import main
main(["{name}", "--help"])
"""
    environ = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)

    assert "numpy 1\n" in done.stdout


def test_a_closed_pipe_ends_a_command_without_a_traceback() -> None:
    command = [sys.executable, "-m", "sentinel_core", "--env-file", os.devnull, "settings"]
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            command, cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )

    assert (done.returncode, done.stderr) == (141, "")
