"""A local Lambda Runtime API: drives the real runtime client through INIT, invocations and SnapStart."""

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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

_PREFIX = "/2018-06-01/runtime"
_INIT_SECONDS, _RESTORE_SECONDS = 130.0, 60.0
_ACCEPTED = b'{"status":"OK"}'
_MS = 1000.0


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


@dataclass(slots=True)
class Streamed:
    """
    A streamed response: metadata, and the body's chunks with the milliseconds at which each came.

    `error` is the type in the trailers of a response that was cut off.
    """

    metadata: Any = None
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    content_type: str = ""
    error: str | None = None
    ended_ms: float = 0.0

    @property
    def body(self) -> bytes:
        """The body as the caller gets it."""
        return b"".join(chunk for _, chunk in self.chunks)


@dataclass(slots=True)
class Exchange:
    """What the HTTP side and the driving side tell each other."""

    arn: str
    events: queue.Queue[tuple[str, bytes, int]] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, Any, float]] = field(default_factory=queue.Queue)
    idle: threading.Event = field(default_factory=threading.Event)
    frozen: threading.Event = field(default_factory=threading.Event)
    thawed: threading.Event = field(default_factory=threading.Event)
    error: Any = None
    sent_at: float = 0.0

    def fail(self, error: Any) -> None:
        self.error = error
        self.idle.set()
        self.frozen.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment for each answer: two would wait 40 ms for a delayed acknowledgement
    disable_nagle_algorithm = True
    server: RuntimeApiServer

    def do_GET(self) -> None:
        exchange = self.server.exchange
        if self.path == f"{_PREFIX}/invocation/next":
            exchange.idle.set()
            self._hand_over(*exchange.events.get())
        elif self.path == f"{_PREFIX}/restore/next":
            exchange.frozen.set()
            exchange.thawed.wait()
            self._answer(200)
        else:
            self._answer(404)

    def do_POST(self) -> None:
        if self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming":
            streamed = self._streamed()
            self._answer(202, _ACCEPTED)
            self.server.exchange.answers.put(("streamed", streamed, time.perf_counter()))
            return
        body = self._body()
        now = time.perf_counter()
        self._answer(202, _ACCEPTED)
        kind = self.path.rsplit("/", 1)[-1]
        if self.path in (f"{_PREFIX}/init/error", f"{_PREFIX}/restore/error"):
            self.server.exchange.fail(json.loads(body or b"null"))
        elif kind in ("response", "error"):
            self.server.exchange.answers.put((kind, body, now))

    def _hand_over(self, request_id: str, event: bytes, deadline_ms: int) -> None:
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.exchange.arn,
        }
        self.server.exchange.sent_at = time.perf_counter()
        self._answer(200, event, headers)

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _streamed(self) -> Streamed:
        """Read metadata, eight NULs, chunks and trailers, as the platform passes them on."""
        streamed, held = Streamed(content_type=self.headers.get("Content-Type", "")), b""
        while size := int(self.rfile.readline(), 16):
            chunk = self.rfile.read(size)
            self.rfile.readline()
            if streamed.metadata is None:
                held += chunk
                if (end := held.find(b"\0" * 8)) < 0:
                    continue
                streamed.metadata, chunk = json.loads(held[:end]), held[end + 8 :]
            if chunk:
                streamed.chunks.append((self._elapsed_ms(), chunk))
        for line in iter(self.rfile.readline, b"\r\n"):
            name, _, value = line.decode().strip().partition(": ")
            if name == "Lambda-Runtime-Function-Error-Type":
                streamed.error = value
        streamed.ended_ms = self._elapsed_ms()
        return streamed

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self.server.exchange.sent_at) * _MS

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        pass


class RuntimeApiServer(ThreadingHTTPServer):
    """The HTTP side of one execution environment, on a free port of this machine."""

    daemon_threads = True

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A runtime that dies leaves its long poll behind; that is no error of ours."""


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
        return (time.perf_counter() - self._started) * _MS

    def restore(self) -> float:
        """Let the runtime leave its snapshot; milliseconds of the hooks after it."""
        start = time.perf_counter()
        self._exchange.thawed.set()
        self._wait(self._exchange.idle, _RESTORE_SECONDS, "restore")
        return (time.perf_counter() - start) * _MS

    def invoke(self, event: Any) -> Invocation:
        """Raises SandboxError where the function outlives its timeout; it is killed then, as the platform would."""
        request_id = str(uuid.uuid4())
        deadline_ms = int((time.time() + self.function.timeout) * _MS)
        self._exchange.idle.clear()
        self._exchange.events.put((request_id, json.dumps(event).encode(), deadline_ms))
        kind, body, done = self._answer(request_id)
        duration = (done - self._exchange.sent_at) * _MS
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
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * _MS

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
