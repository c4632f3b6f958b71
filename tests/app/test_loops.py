"""Gateways whose providers' addresses lead back to themselves, as real servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.devtools.http.ports import free_port
from scripts.devtools.http.serving import Server, launched, serving
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.marking import mark_of
from sentinel_core.app.own_address import check_base_urls
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.route_marks import LONGEST, MOST_MARKS, is_loop

ANY = "0.0.0.0"  # noqa: S104  the address that stands for all
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


def test_a_stream_that_would_go_round_says_so(ring: Server) -> None:
    answer = ring.http.post("/v1/chat/completions", json={**ASKED, "stream": True})

    assert (answer.status_code, answer.json()["error"]["code"]) == (508, "gateway_loop")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9", "[::1]", ANY, "LOCALHOST."])
def test_a_gateway_whose_provider_is_itself_does_not_start(host: str) -> None:
    port = free_port()
    own = {**at(port), "OPENAI_BASE_URL": f'"http://{host}:{port}/v1/chat/completions"'}
    server = launched("--env-file", os.devnull, "--port", str(port), **own)
    _, complaint = server.communicate(timeout=60)

    assert server.returncode == 2
    assert f"OPENAI_BASE_URL: http://{host.lower()}:{port} is this server's own address" in complaint


@pytest.mark.parametrize(
    ("url", "served", "is_own"),
    [
        ("http://127.0.0.1:8000/v1", ("127.0.0.1", 8000), True),
        ("http://127.0.0.1:8001/v1", ("127.0.0.1", 8000), False),
        ("http://localhost:8000", (ANY, 8000), True),
        ("http://localhost", ("::", 80), True),
        ("http://10.0.0.5:8000", ("127.0.0.1", 8000), False),
        ("http://10.0.0.5:8000", ("10.0.0.5", 8000), True),
        ("http://localhost:8000", ("10.0.0.5", 8000), False),
        ("http://gate.example:8000/v1", (ANY, 8000), False),
        ("https://user:secret@localhost", ("127.0.0.1", 443), True),
    ],
)
def test_own_addresses_are_known_without_a_lookup(url: str, served: tuple[str, int], is_own: bool) -> None:
    if not is_own:
        check_base_urls({"openai": url}, [served])
        return
    with pytest.raises(ConfigurationError, match="own address") as error:
        check_base_urls({"openai": url}, [served])
    assert "secret" not in str(error.value)


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
