"""Gateways whose providers' addresses lead back to themselves, as real servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.devtools.http.ports import free_port
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.marking import mark_of
from sentinel_core.app.settings import Settings
from sentinel_core.support.route_marks import LONGEST, MOST_MARKS, is_loop

ASKED: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "What is a bond?"}]}


def at(port: int, provider: str = "openai") -> dict[str, str]:
    """Settings of a gateway that asks one address."""
    name = provider.upper()
    return {
        f"{name}_API_KEY": "secret-key",
        f"{name}_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "SENTINEL_PROVIDER": provider,
    }


@pytest.fixture(scope="module")
def ring() -> Iterator[Server]:
    """The first of two gateways that ask each other."""
    ports = [free_port(), free_port()]
    with (
        serving("--port", str(ports[0]), **at(ports[1])) as first,
        serving("--port", str(ports[1]), **at(ports[0])),
    ):
        yield first


@pytest.mark.parametrize(("path", "code"), [("/v1/chat/completions", "gateway_loop"), ("/v1/messages", None)])
def test_gateways_that_ask_each_other_say_so(ring: Server, path: str, code: str | None) -> None:
    answer = ring.http.post(path, json=ASKED)

    assert (answer.status_code, answer.headers["x-should-retry"]) == (508, "false")
    assert answer.json()["error"].get("code") == code
    assert answer.json()["error"]["message"] == (
        "the base URL of openai leads back to this gateway: set it to the provider's own address"
    )


def test_a_gateway_that_asks_itself_says_so() -> None:
    port = free_port()
    with serving("--port", str(port), **at(port, "anthropic")) as server:
        answers = [
            server.http.post("/v1/chat/completions", json={**ASKED, "stream": stream}) for stream in (False, True)
        ]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(508, "gateway_loop")] * 2


def test_gateways_in_a_row_pass_their_marks_on() -> None:
    with Upstream.running() as upstream:
        last = int(httpx.URL(upstream.url).port or 0)
        with serving(**at(last)) as second:
            middle = int(httpx.URL(second.said["address"]).port or 0)
            with serving(**at(middle)) as first:
                answer = first.http.post("/v1/chat/completions", json=ASKED)

    assert answer.status_code == 200
    assert len(set(upstream.calls[0].headers["x-sentinel-via"].split(", "))) == 2


def test_a_mark_is_equal_in_all_instances_and_holds_no_password() -> None:
    marks = [mark_of(Settings(base_urls={"openai": f"http://{user}gate.example/v1"})) for user in ("", "u:secret@")]

    assert marks[0] == marks[1] != mark_of(Settings(base_urls={"openai": "http://other.example/v1"}))
    assert mark_of(Settings()) == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mine", True),
        ("a, mine,b", True),
        ("a, b", False),
        (", ".join("abcdefgh"), False),
        (", ".join("abcdefghi"), True),
        ("x" * LONGEST, False),
        ("x" * (LONGEST + 1), True),
    ],
)
def test_marks_of_a_loop_are_known(given: str, expected: bool) -> None:
    assert is_loop(given, "mine") is expected
    assert MOST_MARKS == 8
