"""Serves the packaged function over HTTP on this machine, through the real runtime client."""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from scripts.devtools.aws import gateway_events
from scripts.devtools.aws.gateway_events import LARGEST_PAYLOAD, Request, Response
from scripts.devtools.aws.package import BUILD, ROOT, environment, name_of, pins
from scripts.devtools.aws.sandbox import Function, Invocation, Sandbox, SandboxError

PLATFORM = (
    *("awslambdaric", "snapshot-restore-py", "simplejson"),
    *("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"),
)
"""What the managed runtime brings along; everything else must be in the package."""

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
"""What template.yaml sets for libraries, which read it before any code of ours runs."""

PASSED_ON = ("SENTINEL_", "GROQ_", "UPSTASH_")
GUARDS = {"SENTINEL_OPEN", "SENTINEL_NAMESPACE_SECRET", "SENTINEL_SECRETS"}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.package is None or not (given.package / "handler.py").exists():
        print("lambda: no package there; build one with scripts/package", file=sys.stderr)
        return 2
    function = Function(
        task=given.package.resolve(),
        python=runtime_python(),
        environ=environ_of(given.env_vars),
        memory_mb=given.memory,
        timeout=given.timeout,
        snapstart=given.snapstart,
    )
    return serve(function, given.host, given.port, instances=given.instances)


def runtime_python(base: str = sys.executable) -> Path:
    """Return an interpreter with the platform's own packages and nothing else; `base` is a Python 3.13."""
    wanted = [pin for pin in pins(file=ROOT / "scripts" / "requirements-dev.txt") if name_of(pin) in PLATFORM]
    return environment(BUILD / "runtime", wanted, base=base)


def serve(function: Function, host: str, port: int, *, instances: int) -> int:
    pool = Pool(function, instances)
    server = Server((host, port), pool)
    print(f"listening on http://{host}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        pool.close()
    return 0


class Pool:
    """Execution environments; one request each at a time, started as requests need them, as the platform does."""

    def __init__(self, function: Function, instances: int) -> None:
        self._function = function
        self._idle: queue.LifoQueue[Sandbox | None] = queue.LifoQueue()
        for _ in range(instances):
            self._idle.put(None)

    def invoke(self, event: Any) -> Response:
        try:
            sandbox = self._idle.get(timeout=self._function.timeout)
        except queue.Empty:
            return gateway_events.failed(503, "Service Unavailable")
        try:
            sandbox = sandbox or self._start()
            invocation = sandbox.invoke(event)
        except SandboxError as error:
            print(f"REPORT Status: error {error}", flush=True)
            self._discard(sandbox)
            return gateway_events.failed(503 if "timed out" in str(error) else 500)
        self._idle.put(sandbox)
        report(invocation, sandbox)
        return gateway_events.failed() if invocation.failed else gateway_events.from_answer(invocation.payload)

    def close(self) -> None:
        while not self._idle.empty():
            if (sandbox := self._idle.get_nowait()) is not None:
                sandbox.close()

    def _start(self) -> Sandbox:
        sandbox = Sandbox(self._function)
        try:
            print(f"INIT_START Runtime Version: {self._function.python.name}", flush=True)
            print(f"INIT_REPORT Init Duration: {sandbox.init():.2f} ms", flush=True)
            if self._function.snapstart:
                print(f"RESTORE_REPORT Restore Duration: {sandbox.restore():.2f} ms", flush=True)
        except SandboxError:
            sandbox.close()
            raise
        return sandbox

    def _discard(self, sandbox: Sandbox | None) -> None:
        if sandbox is not None:
            sandbox.close()
        self._idle.put(None)


def report(invocation: Invocation, sandbox: Sandbox) -> None:
    facts = [
        f"RequestId: {invocation.request_id}",
        f"Duration: {invocation.duration_ms:.2f} ms",
        f"Memory Size: {sandbox.function.memory_mb} MB",
        f"Max Memory Used: {sandbox.peak_memory_mb():.0f} MB",
    ]
    print("REPORT " + "\t".join(facts), flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], pool: Pool) -> None:
        self.pool = pool
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        request = Request(self.command, self.path, tuple(self.headers.items()), body)
        if length > LARGEST_PAYLOAD:
            self._send(gateway_events.failed(413, "Request Too Long"))
        else:
            self._send(self.server.pool.invoke(gateway_events.to_event(request, source_ip=self.client_address[0])))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815  the base class's names

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        pass


def environ_of(file: Path | None) -> Mapping[str, str]:
    """
    The variables of this shell that concern Sentinel, over those of a file as `sam local` takes it.

    Where neither says whether keys are asked for, none are: this serves one machine.
    """
    given = {} if file is None else json.loads(file.read_text())
    merged = {**given.get("Parameters", {}), **given.get("Gateway", {})}
    own = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    told = {**{name: str(value) for name, value in merged.items()}, **own}
    opened = {} if GUARDS & {name for name, value in told.items() if value} else {"SENTINEL_OPEN": "true"}
    return {**SWITCHES, "SENTINEL_EMBEDDER": "onnx", **told, **opened}


def _newest_package() -> Path | None:
    built = [*(BUILD / "package").glob("*/handler.py"), *(ROOT / ".aws-sam" / "build").glob("Gateway/handler.py")]
    return max(built, key=lambda path: path.stat().st_mtime).parent if built else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/lambda",
        description="Serve the packaged function here, under the runtime client that Lambda runs, without Docker.",
    )
    parser.add_argument(
        "--package", type=Path, default=_newest_package(), help="directory; by default the newest built"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=3000, help="port to listen on; 0 takes a free one (default 3000)")
    parser.add_argument("--env-vars", type=Path, help="JSON file of variables, as `sam local` takes it")
    parser.add_argument("--instances", type=int, default=4, help="most execution environments at once (default 4)")
    parser.add_argument("--memory", type=int, default=1769, help="MB the function is told it has (default 1769)")
    parser.add_argument("--timeout", type=float, default=29.0, help="seconds of an invocation (default 29)")
    parser.add_argument("--snapstart", action="store_true", help="run the hooks before and after a snapshot")
    return parser


if __name__ == "__main__":
    sys.exit(main())
