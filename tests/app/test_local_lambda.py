from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.devtools.aws.local_lambda import SWITCHES, Pool, Server, environ_of
from scripts.devtools.aws.sandbox import Function
from tests.support import sandboxes


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    what = sandboxes.deployed()
    settings = {"SENTINEL_EMBEDDER": "onnx", "SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_OPEN": "true"}
    pool = Pool(Function(what.task, what.python, environ={**SWITCHES, **settings}), 1)
    server = Server(("127.0.0.1", 0), pool)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_address[1]}", timeout=60) as client:
        yield client
    server.shutdown()
    server.server_close()
    pool.close()


def test_the_function_answers_over_http_and_is_reported_as_the_platform_does(
    served: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    first = served.post("/v1/query", json={"prompt": "What is a gateway?"})
    second = served.post("/v1/query", json={"prompt": "What is a gateway?"})
    assert [each.json()["outcome"] for each in (first, second)] == ["miss", "hit_exact"]
    assert second.headers["cache-status"] == "sentinel; hit; detail=exact"
    said = [line.split(maxsplit=1)[0] for line in capfd.readouterr().out.splitlines() if line[:1].isupper()]
    assert said == ["INIT_START", "INIT_REPORT", "REPORT", "REPORT"]


def test_a_payload_that_lambda_would_not_take_is_refused_as_api_gateway_does(served: httpx.Client) -> None:
    response = served.post("/v1/query", content=b"x" * (6 * 1024 * 1024 + 1))
    assert (response.status_code, response.json()) == (413, {"message": "Request Too Long"})


@pytest.mark.parametrize("path", ["/v1/query%2Fx", "/%00", "/v1/../nothing", "/v1/metrics%3Fa", "//v1/query//x"])
def test_odd_paths_are_404s_in_our_shape(served: httpx.Client, path: str) -> None:
    response = served.get(path)
    assert (response.status_code, set(response.json())) == (404, {"error"})


def test_a_function_that_does_not_start_is_a_500(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("raise RuntimeError('no')")
    pool = Pool(Function(tmp_path, sandboxes.deployed().python), 1)
    assert [pool.invoke({}).status for _ in range(2)] == [500, 500]


def test_variables_come_from_the_file_and_from_the_shell_which_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env.json"
    file.write_text(json.dumps({"Parameters": {"A": "1", "B": 2}, "Gateway": {"GROQ_API_KEY": "file"}}))
    monkeypatch.setenv("GROQ_API_KEY", "shell")
    monkeypatch.setenv("OTHER", "not passed on")
    found = environ_of(file)
    assert {name: found[name] for name in ("A", "B", "GROQ_API_KEY")} == {"A": "1", "B": "2", "GROQ_API_KEY": "shell"}
    assert "OTHER" not in found
    assert found["SENTINEL_OPEN"] == "true"


@pytest.mark.parametrize("name", ["SENTINEL_OPEN", "SENTINEL_NAMESPACE_SECRET", "SENTINEL_SECRETS"])
def test_who_says_that_keys_are_asked_for_is_not_overruled(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "said")
    assert environ_of(None).get("SENTINEL_OPEN") == ("said" if name == "SENTINEL_OPEN" else None)
