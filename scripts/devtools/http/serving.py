"""Starts the real server process for a test, and stops it as a user would."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import httpx

from scripts.devtools.http.forked import IS_POSSIBLE, MEASURE, Forked

ROOT = Path(__file__).parents[3]
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
MEASURED = "TESTS_MEASURE_SERVERS"
"""A test run's variable with the value of `MEASURE`: of the processes that it starts, servers alone are measured."""
_SERVE = ("--env-file", os.devnull, "--port", "0")
_QUICK = {"SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_EMBEDDER": "onnx"}


class Process(Protocol):
    """A fork, or a process of its own."""

    @property
    def stdout(self) -> IO[str] | None: ...
    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, sig: signal.Signals) -> None: ...
    def kill(self) -> None: ...
    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]: ...


@dataclass(frozen=True, slots=True)
class Server:
    """A running `python -m sentinel_core`: what it said at start, and a client for it."""

    process: Process
    said: Mapping[str, str]
    warnings: Sequence[str]
    http: httpx.Client

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; returns the exit code and what was logged."""
        self.process.send_signal(signal.SIGINT)
        _, logged = self.process.communicate(timeout=60)
        assert self.process.returncode is not None
        return self.process.returncode, logged

    def wait_for_embedder(self) -> None:
        """Return when the embedder is no longer loading."""
        while self.http.get("/health", params={"deep": 1}).json()["embedder"] == "loading":
            time.sleep(0.05)


def asking(url: str, provider: str = "openai") -> dict[str, str]:
    """Return the settings by which a server asks the upstream at `url` and no other."""
    name = provider.upper()
    return {"SENTINEL_PROVIDER": provider, f"{name}_API_KEY": "gateway's", f"{name}_BASE_URL": url}


@contextmanager
def serving(*flags: str, **environ: str) -> Iterator[Server]:
    """
    Serve on a free port with this environment and no other; the simulated provider does not wait.

    The process is a fork where forks are possible, which starts in a third of the time. The embedder is the lean one,
    with the same vectors: fastembed's imports are a quarter of a start.
    """
    with _served(launched(*_SERVE, *flags, **{**_QUICK, **environ})) as running:
        yield running


@contextmanager
def serving_alone(**environ: str) -> Iterator[Server]:
    """Serve from a process of its own, as a user starts it."""
    with _served(_alone(_SERVE, {**_QUICK, **environ})) as running:
        yield running


def launched(*arguments: str, **environ: str) -> Process:
    """Start the command `sentinel` with these arguments, this environment and no other."""
    if not IS_POSSIBLE:
        return _alone(arguments, environ)
    measure = {MEASURE: os.environ[MEASURED]} if MEASURED in os.environ else {}
    return Forked(arguments, {**_passed_on(), **measure, **environ}, ROOT)


def _alone(arguments: Sequence[str], environ: Mapping[str, str]) -> Process:
    """Start a process that is not measured: coverage would trace its imports, for a second and a half."""
    command, pipe = [sys.executable, "-m", "sentinel_core", *arguments], subprocess.PIPE
    env = {**_passed_on(), **environ}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True)


def _passed_on() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


@contextmanager
def _served(process: Process) -> Iterator[Server]:
    try:
        said, warnings = _announcement(process)
        with httpx.Client(base_url=said["address"], timeout=30) as http:
            yield Server(process, said, warnings, http)
    finally:
        _end(process)


def _end(process: Process) -> None:
    """Interrupt, so that coverage can be written; kill a process that does not end within 60 s."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _announcement(process: Process) -> tuple[dict[str, str], list[str]]:
    said: dict[str, str] = {}
    warnings: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        match = re.fullmatch(r"(\w+): +(.*)\n", line)
        assert match is not None, line
        if match[1] == "warning":
            warnings.append(match[2])
            continue
        said[match[1]] = match[2]
        if match[1] == "docs":
            return said, warnings
    raise AssertionError(process.communicate()[1])
