"""An execution environment of Lambda: runs the real runtime client through INIT, invocations and SnapStart."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from scripts.devtools.aws.runtime_api import MS, Exchange, RuntimeApiServer

_INIT_SECONDS, _RESTORE_SECONDS = 130.0, 60.0


class SandboxError(Exception):
    """The runtime ended, reported an error, or took too long; the message is what the platform would log."""


@dataclass(frozen=True, slots=True)
class Function:
    """What the platform knows of a function; `task` is the directory that would be /var/task."""

    task: Path
    python: Path
    handler: str = "handler.handler"
    environ: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 1769
    timeout: float = 29.0
    snapstart: bool = False
    name: str = "sentinel"
    region: str = "us-east-1"

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:123456789012:function:{self.name}:live"


@dataclass(frozen=True, slots=True)
class Invocation:
    """`payload` is the answer, a `Streamed` one, or the error object where `failed`."""

    request_id: str
    payload: Any
    duration_ms: float
    failed: bool


class Sandbox:
    """One execution environment, from process start to `close`; one invocation at a time."""

    def __init__(self, function: Function, *, output: IO[bytes] | None = None) -> None:
        self.function = function
        self._exchange = Exchange(function.arn)
        self._server = RuntimeApiServer(self._exchange)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            _command(function),
            cwd=function.task,
            env=_environment(function, self._server.server_address[1]),
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
        )

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def init(self) -> float:
        """Wait until the runtime asks for its first event, or to be snapshot; milliseconds since process start."""
        self._wait(self._exchange.frozen if self.function.snapstart else self._exchange.idle, _INIT_SECONDS, "init")
        return (time.perf_counter() - self._started) * MS

    def restore(self) -> float:
        """Let the runtime leave its snapshot; milliseconds of the hooks after it."""
        start = time.perf_counter()
        self._exchange.thawed.set()
        self._wait(self._exchange.idle, _RESTORE_SECONDS, "restore")
        return (time.perf_counter() - start) * MS

    def invoke(self, event: Any) -> Invocation:
        """Raises SandboxError where the function outlives its timeout; it is killed then, as the platform would."""
        request_id = str(uuid.uuid4())
        deadline_ms = int((time.time() + self.function.timeout) * MS)
        self._exchange.idle.clear()
        self._exchange.events.put((request_id, json.dumps(event).encode(), deadline_ms))
        kind, body, done = self._answer(request_id)
        duration = (done - self._exchange.sent_at) * MS
        payload = body if kind == "streamed" else json.loads(body or b"null")
        return Invocation(request_id, payload, duration, failed=kind == "error")

    def is_idle(self, *, within: float) -> bool:
        """Wait until the runtime asks for the next event, after the work that follows an answer."""
        return self._exchange.idle.wait(within)

    def peak_memory_mb(self) -> float:
        """Return the largest resident set so far, as the platform's `Max Memory Used`."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def cpu_ms(self) -> float:
        """Return the processor time used so far, which a busy machine changes less than the clock."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * MS

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request_id: str) -> tuple[str, Any, float]:
        end = time.monotonic() + self.function.timeout
        while time.monotonic() < end:
            try:
                return self._exchange.answers.get(timeout=0.2)
            except queue.Empty:
                self._still_running()
        self._process.kill()
        raise SandboxError(f"{request_id} Task timed out after {self.function.timeout:.2f} seconds")

    def _wait(self, event: threading.Event, limit: float, phase: str) -> None:
        end = time.monotonic() + limit
        while not event.wait(0.002):
            self._still_running()
            if time.monotonic() > end:
                raise SandboxError(f"{phase} timed out after {limit:.0f} seconds")
        if self._exchange.error is not None:
            raise SandboxError(f"{phase} failed: {json.dumps(self._exchange.error)}")

    def _still_running(self) -> None:
        if self._exchange.error is None and self._process.poll() is not None:
            raise SandboxError(f"Runtime exited with status {self._process.returncode}")


def _command(function: Function) -> list[str | Path]:
    """Return what starts the runtime; an exec wrapper gets that as its arguments, as on the platform."""
    usual: list[str | Path] = [function.python, "-m", "awslambdaric", function.handler]
    wrapper = function.environ.get("AWS_LAMBDA_EXEC_WRAPPER")
    return usual if wrapper is None else [function.task / Path(wrapper).relative_to("/var/task"), *usual]


def _environment(function: Function, port: int) -> dict[str, str]:
    """What the platform sets, and nothing of this machine but PATH."""
    kind = "snap-start" if function.snapstart else "on-demand"
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/tmp",  # noqa: S108  as on the platform, where nothing else can be written
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(function.task),
        "PYTHONPATH": str(function.task),
        "PYTHONDONTWRITEBYTECODE": "1",  # nor can byte code be left in /var/task
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        **function.environ,
    }
