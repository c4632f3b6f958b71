"""Starts and stops the processes that are measured, each on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benches import report
from scripts.benches.report import ROOT
from scripts.devtools.http.ports import free_port

_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rss_mb(self) -> float:
        """Resident memory now, children included."""
        return sum(map(rss_mb_of, _family(self.process.pid)))

    def cpu_seconds(self) -> float:
        """Processor time so far: what a busy neighbour on this machine does not change."""
        tasks = (task for pid in _family(self.process.pid) for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    environ: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    timeout: float = 60,
) -> Iterator[Running]:
    """
    Run a command until the block ends, and enter it when its port takes connections.

    The environment is the one given and no other; output goes to `build/bench/logs/NAME.log`.
    """
    logs = report.OUT / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    kept = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    begun = time.monotonic()
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=cwd, env={**kept, **(environ or {})}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, name, port, begun + timeout)
            yield Running(name, port, process, time.monotonic() - begun)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def sentinel(*, upstream: Running, name: str = "sentinel", **environ: str) -> Iterator[Running]:
    """Serve Sentinel with a stub in Groq's place; `environ` chooses store, embedder and the rest."""
    port = free_port()
    settings = {
        "GROQ_API_KEY": "none",
        "GROQ_BASE_URL": f"{upstream.url}/v1",
        "SENTINEL_MODEL": "stub",
        **environ,
    }
    command = [sys.executable, "-m", "sentinel_core", "--port", str(port), "--provider", "groq"]
    with running(name, command, port=port, environ=settings) as server:
        yield server


@contextmanager
def module(name: str, *flags: str, port: int | None = None) -> Iterator[Running]:
    """Run one of our own servers, `scripts.benches.NAME`, which takes `--port`."""
    port = port or free_port()
    command = [sys.executable, "-m", f"scripts.benches.{name}", "--port", str(port), *flags]
    # Threads of OpenBLAS spin for each other on few cores; the product turns them off as well.
    with running(name, command, port=port, environ={"OPENBLAS_NUM_THREADS": "1"}) as server:
        yield server


def _wait(process: subprocess.Popen[bytes], name: str, port: int, until: float) -> None:
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with code {process.returncode}; see {report.OUT}/logs/{name}.log")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{name} does not listen on port {port}; see {report.OUT}/logs/{name}.log")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    below = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [pid, *(member for child in below for member in _family(child))]


def rss_mb_of(pid: int) -> float:
    """Return a process's resident memory; 0.0 where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576
