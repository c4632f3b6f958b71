"""Runs the function as Lambda does: the packaged tree where it was built, else the sources, under the real runtime."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import pytest
from filelock import FileLock

from scripts.devtools.aws import package
from scripts.devtools.aws.gateway_events import Request, Response, from_answer, to_event
from scripts.devtools.aws.local_lambda import SWITCHES, runtime_python
from scripts.devtools.aws.sandbox import Function, Invocation, Sandbox
from tests.support.environment import RUN, for_registries

ROOT = package.ROOT
NOTHING: Mapping[str, str] = {}
_OFFLINE = {"AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True, slots=True)
class Deployed:
    """What would be in /var/task, and the Python it runs on."""

    task: Path
    python: Path
    packaged: bool


@cache
def deployed() -> Deployed:
    """
    Take the package where its dependencies were built for this machine; our own sources in it are made anew.

    `scripts/package --architecture …` builds them, which takes a minute, so the tests alone do not.
    """
    architecture = package.own_architecture()
    choice = package.Choice(architecture, "onnx", package.BUILD / "package" / f"onnx-{architecture}", byte_code=True)
    base = _python_3_13()
    if base is not None and package.dependencies_at(choice).exists():
        with FileLock(package.BUILD / "packaging.lock", timeout=300):  # of processes side by side, one makes them
            _package_once(architecture)
            python = runtime_python(base)
        return Deployed(choice.into, python, packaged=True)
    if importlib.util.find_spec("awslambdaric") is None:
        pytest.skip("awslambdaric is not installed")
    return Deployed(ROOT, Path(sys.executable), packaged=False)


def _package_once(architecture: str) -> None:
    """Package at the first call of a test run; processes side by side share one package."""
    noted = package.BUILD / "packaged-for-tests"
    if not noted.exists() or noted.read_text() != RUN:
        command = [str(ROOT / "scripts" / "package"), "--architecture", architecture]
        subprocess.run(command, env=for_registries(), check=True, capture_output=True)
        noted.write_text(RUN)


def _python_3_13() -> str | None:
    found = subprocess.run(
        ["bash", "-c", ". scripts/lib/python313.sh && python_3_13"], cwd=ROOT, capture_output=True, text=True
    )
    return found.stdout.strip() if found.returncode == 0 else None


class Lambda:
    """One execution environment, called as API Gateway calls it, with what it has written so far."""

    def __init__(self, sandbox: Sandbox, output: IO[bytes]) -> None:
        self.sandbox = sandbox
        self._output = output

    def call(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        named = {"host": "api.test", "content-type": "application/json", **headers}
        sent = tuple((name.replace("_", "-"), value) for name, value in named.items())
        return from_answer(self.invoke(to_event(Request(method, target, sent, body))).payload)

    def ask(self, prompt: str, **fields: Any) -> Response:
        return self.call("POST", "/v1/query", json.dumps({"prompt": prompt, **fields}).encode())

    def invoke(self, event: Any) -> Invocation:
        return self.sandbox.invoke(event)

    def written(self) -> str:
        return Path(self._output.name).read_text()

    def lines(self) -> list[dict[str, Any]]:
        """The lines that are JSON: logs and metrics."""
        return [json.loads(line) for line in self.written().splitlines() if line.startswith("{")]

    def metrics(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if "_aws" in line]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line.get("message") == name]

    def counted(self, name: str) -> float:
        return sum(float(line[name][0]) for line in self.metrics() if name in line)


@contextmanager
def starting(
    environ: Mapping[str, str] = NOTHING, *, timeout: float = 29.0, snapstart: bool = False, streams: bool = False
) -> Iterator[Lambda]:
    """An environment whose INIT has not been waited for."""
    what = deployed()
    settings = {
        "SENTINEL_EMBEDDER": "onnx",
        "SENTINEL_SIMULATED_DELAY_MS": "0",
        "SENTINEL_STAGE": "test",
        "SENTINEL_OPEN": "true",
        **environ,
    }
    if streams:
        settings["AWS_LAMBDA_EXEC_WRAPPER"] = "/var/task/sentinel_core/app/streaming_function.sh"
    function = Function(
        what.task,
        what.python,
        handler="sentinel_core.app.streaming_function.main" if streams else "handler.handler",
        environ={**SWITCHES, **_OFFLINE, **settings},
        timeout=timeout,
        snapstart=snapstart,
    )
    with tempfile.NamedTemporaryFile() as output, Sandbox(function, output=output) as sandbox:
        yield Lambda(sandbox, output)


@contextmanager
def running(
    environ: Mapping[str, str] = NOTHING, *, timeout: float = 29.0, snapstart: bool = False, streams: bool = False
) -> Iterator[Lambda]:
    """An environment that has been initialised, and restored where it starts from a snapshot."""
    with starting(environ, timeout=timeout, snapstart=snapstart, streams=streams) as function:
        function.sandbox.init()
        if snapstart:
            function.sandbox.restore()
        yield function


class SecretsManager(ThreadingHTTPServer):
    """Speaks as much of AWS's protocol as reading one secret takes; None is a secret that is not there."""

    daemon_threads = True

    def __init__(self, secret: dict[str, object] | None) -> None:
        self.secret = secret
        self.reads = 0
        super().__init__(("127.0.0.1", 0), _SecretHandler)

    @classmethod
    @contextmanager
    def running(cls, secret: dict[str, object] | None) -> Iterator[SecretsManager]:
        server = cls(secret)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    @property
    def environ(self) -> dict[str, str]:
        return {
            "SENTINEL_SECRETS": "secretsmanager:sentinel/test",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://127.0.0.1:{self.server_address[1]}",
        }


class _SecretHandler(BaseHTTPRequestHandler):
    server: SecretsManager

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.reads += 1
        secret = self.server.secret
        self.send_response(400 if secret is None else 200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.end_headers()
        missing = {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find it."}
        found = {"Name": "sentinel/test", "VersionId": "v" * 32, "SecretString": json.dumps(secret)}
        self.wfile.write(json.dumps(missing if secret is None else found).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        pass


def event(name: str) -> Any:
    """A whole event as AWS documents it."""
    return json.loads((Path(__file__).parents[1] / "events" / f"{name}.json").read_text())
