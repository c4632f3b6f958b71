"""
Runs tests in forks of the process that has collected them: `pytest -p tests.support.forks --forks 3`.

Workers that import and collect by themselves, as those of pytest-xdist, take ten seconds each for it.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from tempfile import TemporaryFile
from typing import Any, cast

import pytest
from _pytest.capture import FDCaptureBase

from tests.support.tracing import TRACING

MOST = 100
"""Tests of one file that a worker takes at a time; they share its fixtures."""

_NUMBER = struct.Struct("i")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, help="run tests side by side in this many forks")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Take the place of pytest's own loop, where forks are asked for and all files could be collected."""
    forks = session.config.getoption("forks")
    if not forks or session.testsfailed or session.config.option.collectonly:
        return None
    Forks(session).run(forks)
    return True


def shares(names: Sequence[str]) -> list[range]:
    """Return ranges of tests, each of one file and of `MOST` tests at most, from their names in order."""
    found, start = [], 0
    for _, group in groupby(names, lambda name: name.partition("::")[0]):
        end = start + len(list(group))
        found += [range(at, min(at + MOST, end)) for at in range(start, end, MOST)]
        start = end
    return found


class Shares:
    """A pipe of the numbers of shares that are left; each is read by one process."""

    def __init__(self, count: int) -> None:
        self._left, written = os.pipe()
        os.write(written, b"".join(map(_NUMBER.pack, range(count))))
        os.close(written)

    def __iter__(self) -> Iterator[int]:
        while taken := os.read(self._left, _NUMBER.size):
            yield _NUMBER.unpack(taken)[0]


class Reports:
    """A hook in a worker: sends the reports of a test together when it has ended."""

    def __init__(self, config: pytest.Config, sender: Connection) -> None:
        self._config, self._sender = config, sender
        self._reports: list[dict[str, Any] | None] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        self._reports.append(hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._sender.send((nodeid, location, self._reports))
        self._reports = []


class Forks:
    """The loop: workers that run shares of the tests, and their reports, which pytest gets as its own."""

    def __init__(self, session: pytest.Session) -> None:
        self._session, self._config = session, session.config
        self._shares = shares([item.nodeid for item in session.items])
        self._left = Shares(len(self._shares))
        self._workers: dict[Connection, tuple[int, mmap.mmap]] = {}

    def run(self, count: int) -> None:
        """Return when all tests have run; raises Failed after as many failures as pytest may have."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all
        try:
            for number in range(count):
                self._start(number)
            while self._workers:
                for reader in cast("list[Connection]", wait(list(self._workers))):
                    self._receive(reader)
        except BaseException:
            for pid, _ in self._workers.values():
                os.kill(pid, signal.SIGINT)
            raise
        if self._session.shouldfail:
            raise self._session.Failed(self._session.shouldfail)

    def _start(self, number: int) -> None:
        reader, sender = Pipe(duplex=False)
        running = mmap.mmap(-1, _NUMBER.size)
        parent = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12: numpy has threads, which bear it
            pid = os.fork()
        if pid:
            sender.close()
            self._workers[reader] = pid, running
            return
        code = 1
        try:
            self._become_worker(number, sender)
            self._work(running, parent)
            sender.send(None)
            code = 0
        except BaseException:  # noqa: BLE001  a fork must end here
            traceback.print_exc()
        finally:
            try:
                self._session._setupstate.teardown_exact(None)  # servers of a test that was interrupted
            finally:
                sys.stderr.flush()
                os._exit(code)

    def _become_worker(self, number: int, sender: Connection) -> None:
        """Have output, folders and reports of one's own."""
        plugins, folders = self._config.pluginmanager, self._config._tmp_path_factory  # type: ignore[attr-defined]
        capture = plugins.getplugin("capturemanager")._global_capturing
        for kept in (capture.out, capture.err):
            if isinstance(kept, FDCaptureBase):  # what was imported holds the stream: only its file is another
                with TemporaryFile() as own:
                    os.dup2(own.fileno(), kept.tmpfile.fileno(), inheritable=False)
        plugins.unregister(name="terminalreporter")
        plugins.register(Reports(self._config, sender))
        folders._basetemp = folders.mktemp(f"worker{number}", numbered=False)

    def _work(self, running: mmap.mmap, parent: int) -> None:
        """Run shares for as long as any are left and the parent runs; the next test is taken before one is run."""
        items, tracing = self._session.items, self._config.pluginmanager.getplugin(TRACING)
        if tracing is not None:
            tracing.follow()
        numbers = (at for share in self._left for at in self._shares[share])
        at = next(numbers, None)
        while at is not None and os.getppid() == parent:
            _NUMBER.pack_into(running, 0, at)
            after = next(numbers, None)
            following = None if after is None else items[after]
            self._config.hook.pytest_runtest_protocol(item=items[at], nextitem=following)
            at = after
        if tracing is not None:
            tracing.save()

    def _receive(self, reader: Connection) -> None:
        try:
            sent = reader.recv()
        except EOFError:
            self._report_death(*self._workers.pop(reader))
            return
        if sent is None:
            os.waitpid(self._workers.pop(reader)[0], 0)
            return
        nodeid, location, reports = sent
        hook = self._config.hook
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        for data in reports:
            report = hook.pytest_report_from_serializable(config=self._config, data=data)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
        if self._session.shouldfail:
            list(self._left)  # workers find nothing more to take

    def _report_death(self, pid: int, running: mmap.mmap) -> None:
        """Report a worker that has not ended by itself as a failure of the test that it ran."""
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        item = self._session.items[_NUMBER.unpack_from(running)[0]]
        said = f"the process that ran this test ended with status {status}; those after it in its share did not run"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", said, "call")
        self._config.hook.pytest_runtest_logreport(report=report)
