from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.devtools.http.serving import serving
from sentinel_core.app.policy_command import nearer, policy
from sentinel_core.app.policy_file import PolicySource, read
from sentinel_core.errors import ConfigurationError
from sentinel_core.tenants.policy import Effects, Facts, Policy, Rule
from tests.support.fakes import FakeClock

TEXT = """\
rules:
  - tenant: acme
    model: groq/small
    set: {mode: off, threshold: 0.9, ttl_seconds: 60, volatile_words: [stock, price], tool_ttl_seconds: {f: 5}}
  - set:
      personal_data: mask
"""
FACTS = Facts((), "acme", (), ("groq/small", "small"), "/v1/query")


def test_rules_are_read_with_their_lines() -> None:
    acme = Effects(mode="off", threshold=0.9, ttl_seconds=60.0, volatile_words=("stock", "price"))
    acme = replace(acme, tool_ttl_seconds=(("f", 5.0),))

    assert read(TEXT) == [
        Rule(2, {"tenant": "acme", "model": "groq/small"}, acme),
        Rule(5, {}, Effects(personal_data="mask")),
    ]


def test_an_experiment_is_a_rule_for_a_share_of_callers() -> None:
    text = "experiment: {name: looser, share: 0.25, set: {max_wrong: 0.05, mode: exact}}\n"

    [rule] = read(text)
    assert rule == Rule(1, {"experiment": "looser"}, Effects(mode="exact", max_wrong=0.05), 0.25)
    it = Policy([rule, *read(TEXT)])
    treated = FACTS._replace(experiment="looser", models=("other/m", "m"))
    assert it.experiment is rule
    assert it.resolve(treated).effects.mode == "exact"
    assert it.resolve(treated).sources["mode"] == "line 1: experiment=looser"
    assert it.resolve(treated._replace(experiment="")).effects.mode is None
    assert it.resolve(FACTS._replace(experiment="looser")).effects.mode == "off"


@pytest.mark.parametrize("text", ["", "# nothing\n", "rules: []\n"])
def test_a_policy_may_be_empty(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules:\n  - tenent: a\n    set: {}", "line 2: tenent: unknown field (did you mean tenant?)"),
        ("rules:\n  - set: {treshold: 1}", "line 2: treshold: unknown field (did you mean threshold?)"),
        ("rules:\n  - tenant: a", "line 2: set: is missing"),
        ("rules:\n  - set:\n      threshold: high", "line 3: set.threshold: Input should be a valid number"),
        ("rules:\n  - set:\n      threshold: 2", "line 3: set.threshold: Input should be less than or equal to 1"),
        (
            "rules:\n  - set:\n      mode: on",
            "line 3: set.mode: Input should be 'semantic', 'exact', 'shadow' or 'off'",
        ),
        ("rules:\n  - tenant: [a]\n    set: {}", "line 2: tenant: must be text of up to 256 characters"),
        ("rules:\n  - tenant: a\n    tenant: b\n    set: {}", "line 3: tenant: is given twice"),
        ("rules: 3", "line 1: rules: must be a list of up to 10,000 rules"),
        ("experiment: {share: 0.5, set: {mode: off}}", "line 1: experiment.name: is missing"),
        ("experiment: {name: a/b, share: 0.5, set: {mode: off}}", "line 1: name: must be 1 to 64 letters"),
        ("experiment: {name: a, share: 1, set: {mode: off}}", "line 1: share: must be a number between 0 and 1"),
        ("experiment: {name: a, share: yes, set: {mode: off}}", "line 1: share: must be a number between 0 and 1"),
        ("experiment: {name: a, share: 0.5, set: {}}", "line 1: set: must set a value"),
        ("experiment: {name: a, share: 0.5, set: {personal_data: allow}}", "line 1: personal_data: unknown field"),
        ("rules:\n  - experiment: a\n    set: {mode: off}", "line 2: experiment: unknown field"),
        ("- a", "line 1: must be a mapping of rules"),
        ("rules: [", "line 1: is not YAML"),
        ("rules: [{set: {}}, {set: {}}]", "line 1: has the selectors of line 1"),
    ],
)
def test_a_wrong_policy_is_refused_by_line_and_field(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(text)

    assert str(refused.value).startswith(f"SENTINEL_POLICY: {message}")


def test_a_changed_file_is_read_again_and_a_wrong_one_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sentinel")
    path, clock = tmp_path / "policy.yaml", FakeClock()
    path.write_text(TEXT)
    source = PolicySource(str(path), Effects(), clock=clock)

    def after(text: str) -> tuple[object, ...]:
        path.write_text(text)
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns + 1_000_000))
        clock.advance(2.0)
        caplog.clear()
        source.current()
        until = time.monotonic() + 30.0
        while not caplog.messages and time.monotonic() < until:
            time.sleep(0.005)
        return *caplog.messages, source.current().resolve(FACTS).effects.mode

    assert source.current().resolve(FACTS).effects.mode == "off"
    assert after(TEXT.replace("off", "exact")) == ("policy.loaded", "exact")
    assert after("rules: [") == ("policy.refused", "exact")


def test_the_text_of_a_policy_may_stand_in_the_setting() -> None:
    source = PolicySource(TEXT, Effects(), clock=FakeClock())

    assert source.current().resolve(FACTS).effects.mode == "off"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read"):
        PolicySource(str(tmp_path / "none.yaml"), Effects(), clock=FakeClock())


def test_the_command_tries_a_policy_on_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, log = tmp_path / "policy.yaml", tmp_path / "log.jsonl"
    file.write_text("rules:\n  - tenant: acme\n    set: {mode: exact}\n  - set: {threshold: 0.8}\n")
    log.write_text(
        '{"time":"1","outcome":"hit_semantic","tenant":"acme","similarity":0.9,"request_id":"r1"}\n'
        '{"time":"2","outcome":"hit_semantic","tenant":"globex","similarity":0.7,"request_id":"r2"}\n'
        '{"time":"3","outcome":"hit_exact","tenant":"acme","request_id":"r3"}\n'
        '{"time":"4","event":"start"}\n'
    )

    assert policy(["check", str(file)], {}) == 0
    assert "2 rules, all valid" in capsys.readouterr().out
    assert policy(["try", str(file), "--log", str(log)], {}) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "r1  hit_semantic → not served: mode (line 2: tenant=acme)",
        "r2  hit_semantic → not served: threshold (line 4: all)",
        "2 of 3 hits would change; the log has 3 answers, from 1 to 3",
    ]


def test_the_command_tries_a_policy_on_a_running_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("rules:\n  - route: /v1/query\n    set: {mode: off}\n")
    with serving(SENTINEL_KEYS_FILE=str(tmp_path / "keys.json"), SENTINEL_LOG_LEVEL="error") as running:
        for _ in range(2):
            running.http.post("/v1/query", json={"prompt": "Why is the sky blue?"})
        code = policy(["try", str(file), "--url", running.said["address"]], {})

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0].endswith("hit_exact → not served: mode (line 2: route=/v1/query)")
    assert lines[1].startswith("1 of 1 hits would change; the server's memory has 2 answers, from 2")
    assert lines[2].startswith("0 of 0 near-misses would be compared by the gate")


def test_near_misses_that_a_lower_threshold_lets_pass_are_named() -> None:
    near = {"entry_id": "e1", "refused_by": "threshold", "similarity": 0.55, "time": "1", "tenant": "acme"}
    refused = {**near, "refused_by": "numbers", "time": "2"}
    trial = Policy(read("rules:\n  - tenant: acme\n    set: {threshold: 0.5}"), Effects(mode="semantic", threshold=0.6))

    assert list(nearer(trial, [near, refused])) == [
        "e1  miss at 0.550 → compared by the gate (line 2: tenant=acme)",
        "1 of 2 near-misses would be compared by the gate, from 1 to 2",
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", ""])
def test_a_server_that_does_not_answer_is_named(tmp_path: Path, url: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("rules: []\n")
    with pytest.raises(ConfigurationError, match=r"does not answer|--url"):
        policy(["try", str(file), "--url", url], {})


def test_each_error_is_named_with_its_line() -> None:
    text = """
rules:
  - tenant: acme
    set: {mode: sometimes, threshold: 2}
  - tenant: acme
    set: {mode: exact}
  - tenant: acme
    set: {mode: off}
  - tag: [a]
  - 5
experiment: {name: a}
extra: 1
"""

    with pytest.raises(ConfigurationError) as raised:
        read(text)

    assert [line.removeprefix("SENTINEL_POLICY: ") for line in str(raised.value).splitlines()] == [
        "line 12: extra: unknown field",
        "line 4: set.mode: Input should be 'semantic', 'exact', 'shadow' or 'off'",
        "line 4: set.threshold: Input should be less than or equal to 1",
        "line 9: set: is missing",
        "line 9: tag: must be text of up to 256 characters",
        "line 10: must be a mapping of key, tenant, tag, model, route, set",
        "line 11: experiment.share: is missing",
        "line 11: experiment.set: is missing",
        "line 7: has the selectors of line 5",
    ]


def test_of_many_errors_the_first_are_named() -> None:
    with pytest.raises(ConfigurationError) as raised:
        read("rules:\n" + "  - 5\n" * 60)

    assert len(str(raised.value).splitlines()) == 51
    assert str(raised.value).endswith("SENTINEL_POLICY: and 10 more errors")
