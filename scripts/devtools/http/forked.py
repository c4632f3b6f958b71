"""Starts servers as forks of one process that has imported them: the imports take most of a start."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, reduction
from pathlib import Path
from typing import IO, Any

_PRELOADED = "scripts.devtools.http.preloaded"
MEASURE = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage starts in a process; in a fork it traces no imports."""

IS_POSSIBLE = sys.platform == "linux"
"""On macOS a forked process may not use system libraries, and Windows has no forks."""


class Forked:
    """`python -m sentinel_core` with these arguments and this environment; as much of a `Popen` as servers need."""

    def __init__(self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload([_PRELOADED])
        self.returncode: int | None = None
        self._logged: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  open until the end
        reader, writer = os.pipe()
        self.stdout: IO[str] = open(reader, encoding="utf-8")  # noqa: SIM115
        outputs = reduction.DupFd(writer), reduction.DupFd(self._logged.fileno())
        self._process = context.Process(target=_run, args=(list(arguments), dict(environ), str(folder), *outputs))
        self._process.start()
        os.close(writer)
        assert self._process.pid is not None
        self.pid = self._process.pid

    def send_signal(self, sig: signal.Signals) -> None:
        if self.returncode is None and self._process.is_alive():
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end; returns what was printed since, and all that was logged. Raises TimeoutExpired."""
        if self.returncode is not None:
            return "", ""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("sentinel", timeout or 0.0)
        self.returncode = self._process.exitcode
        self._process.close()
        with self.stdout as printed, self._logged as logged:
            logged.seek(0)
            return printed.read(), logged.read()


def _run(arguments: list[str], environ: dict[str, str], folder: str, *outputs: Any) -> None:
    """Be a process of its own, from its environment to its exit handlers."""
    for number, output in enumerate(outputs, start=1):
        os.dup2(output.detach(), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it, and so would this
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = ["sentinel", *arguments]
    if MEASURE in environ:
        import coverage

        coverage.process_startup()
        del os.environ[MEASURE]  # which that has set again: processes of this one are not measured
    from sentinel_core.__main__ import main

    try:
        sys.exit(main())
    finally:
        atexit._run_exitfuncs()
