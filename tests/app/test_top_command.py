from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.devtools.http.serving import serving
from sentinel_core.__main__ import main
from sentinel_core.app.top_command import lines

TOTAL: dict[str, Any] = {
    "requests": 8, "exact_hits": 2, "semantic_hits": 1, "stale_answers": 1, "errors": 1, "cost_usd": 0.5,
    "saved_usd": 0.25, "latency_ms": {"miss": {"count": 4, "p50": 80.0, "p95": None}},
}  # fmt: skip
SERIES: dict[str, Any] = {"total": TOTAL, "wrong_hits": {"judged": 4, "wrong": 1}}
REQUEST: dict[str, Any] = {
    "at": 0.0, "outcome": "miss", "latency_ms": 80.0, "reason": None, "prompt": "a\x1b[31mred\nb", "route": "/v1/query",
}  # fmt: skip


def test_a_screen_shows_the_hour_the_latencies_and_the_latest_requests() -> None:
    screen = lines(SERIES, [REQUEST], width=120, height=40)

    assert screen[0] == "Sentinel, last hour: 8 requests, 50.0 % hits (25.0 % exact, 12.5 % semantic), 1 errors"
    assert screen[1] == "Spent $0.5000, avoided $0.2500; wrong hits: 1 of 4 judged"
    assert screen[3] == "miss                 4   p50   80.0 ms   p95         -"
    assert screen[-1][9:] == "miss               80.0  -                     a [31mred b"


def test_a_screen_fits_its_terminal_and_obeys_no_prompt() -> None:
    screen = lines(SERIES, [{**REQUEST, "prompt": "\x1b]0;owned\x07" * 100}] * 100, width=50, height=20)

    assert (len(screen), max(map(len, screen))) == (20, 50)
    assert all(character.isprintable() for line in screen for character in line)


def test_an_empty_server_has_no_shares() -> None:
    empty = {"total": {**TOTAL, "requests": 0}, "wrong_hits": {"judged": 0, "wrong": 0}}

    assert "- hits" in lines(empty, [], width=120, height=40)[0]


def test_top_shows_a_running_server_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(SENTINEL_KEYS_FILE=str(tmp_path / "keys.json"), SENTINEL_LOG_LEVEL="error") as running:
        running.http.post("/v1/query", json={"prompt": "Why is the sky blue?"})
        code = main(["top", "--once", "--url", running.said["address"]])

    assert code == 0
    assert "1 requests" in (shown := capsys.readouterr().out)
    assert "Why is the sky blue?" in shown


def test_top_names_the_address_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "--once", "--url", "http://127.0.0.1:9"]) == 2
    assert "http://127.0.0.1:9 does not answer" in capsys.readouterr().err
