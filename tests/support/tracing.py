"""Lets coverage trace what tests run and nothing else: on Python 3.11 its tracer doubles the time of all code."""

from __future__ import annotations

import inspect
import os
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol

import pytest
from coverage import Coverage

QUIET_CASES = 20
"""Cases of a test in a row that pass no new line; later ones are not traced, so coverage errs towards less only."""

QUIET_CASES_SECONDS = 0.3
"""Processor time of such cases in a row after which later ones are not traced either."""

QUIET_SECONDS = 0.2
"""Processor time from one look at a test to the next."""

FIRST_LOOKS, LATER_LOOKS = 3, 2
"""
Looks in a row without a new line, in the first case of a test and in later ones; the rest is not traced, to its end.
Lines after a long loop are lost, so coverage errs towards less again.
"""

OTHERS = ("tests/architecture/", "tests/scripts/", "tests/sdk/")
"""Tests that run little of the product, or run it in servers, which are measured themselves."""

TRACING = "tracing"
"""The name of these hooks among pytest's plugins."""

_IS_TRACED = pytest.StashKey[bool]()


def tracing_of(config: pytest.Config) -> Tracing | None:
    """Return the hooks for this run's coverage, or None where none is measured."""
    controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if controller is None:
        return None
    controller.cov.stop()
    while (below := Coverage.current()) is not None:
        below.stop()  # pytest-cov starts two in a worker: the lower one would trace where the upper one is stopped
    controller.cov.start()
    return Tracing(ThreadTracer(controller.cov))


class Tracer(Protocol):
    """What notes the lines that this thread passes."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def runs(self) -> bool: ...
    def passed(self) -> int: ...
    def seconds(self) -> float: ...
    def save(self) -> None: ...


class ThreadTracer:
    """Coverage's tracer of this thread; those of threads that outlive a test go on, for coverage starts them once."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._function = sys.gettrace()

    def start(self) -> None:
        sys.settrace(self._function)

    def stop(self) -> None:
        self._function = sys.gettrace()
        sys.settrace(None)

    def runs(self) -> bool:
        """Return whether it notes lines; pytest-cov stops it for tests that are marked `no_cover`."""
        return sys.gettrace() is not None

    def passed(self) -> int:
        """Return how many pairs of lines were passed, one after the other."""
        collector = self._coverage._collector
        return sum(map(len, list(collector.data.values()))) if collector else 0

    def seconds(self) -> float:
        """Return this process's time so far."""
        return time.process_time()

    def save(self) -> None:
        """Write what this process has noted to a file of its own."""
        self._coverage.stop()
        self._coverage.save()


class Tracing:
    """Hooks of pytest: no tracer between tests, in what draws examples, and in cases that pass no new lines."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._is_on = True
        self._is_quiet = False
        self._passed, self._still, self._looks = 0, 0, FIRST_LOOKS
        self._ended: set[str] = set()
        self._quiet: Counter[str] = Counter()
        self._quiet_seconds: dict[str, float] = defaultdict(float)
        self._searches: dict[int, object] = {}

    @contextmanager
    def switched(self, *, is_on: bool) -> Iterator[None]:
        """Trace the body or do not; what was before goes on after it."""
        before = self._is_on
        self._switch(is_on=is_on and not self._is_quiet)
        try:
            yield
        finally:
            self._switch(is_on=before and not self._is_quiet)

    def look(self, *_: object) -> None:
        """Stop in a case that has passed no new line for some looks; a signal's handler."""
        passed, is_on = self._tracer.passed(), self._is_on and self._tracer.runs()
        self._passed, self._still = passed, self._still + 1 if is_on and passed == self._passed else 0
        if self._still >= self._looks:
            self._is_quiet = True
            self._switch(is_on=False)

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """Look at each part of a second that this process works."""
        if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGVTALRM, self.look)
        self.follow()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    @staticmethod
    def follow() -> None:
        """Look from now on, in a fork as well: it has no timer of its parent's."""
        signal.setitimer(signal.ITIMER_VIRTUAL, QUIET_SECONDS, QUIET_SECONDS)

    def save(self) -> None:
        """End the measurement of a fork."""
        with self.switched(is_on=True):
            self._tracer.save()

    def _switch(self, *, is_on: bool) -> None:
        if is_on and not self._is_on:
            self._tracer.start()
            self._is_on = True  # after the start, for a look may come between
        elif self._is_on and not is_on:
            self._is_on = False
            self._tracer.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Trace the imports of one process; each process has them."""
        with self.switched(is_on=os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"):
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        with self.switched(is_on=False), self._looking():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        test = item.nodeid.partition("[")[0]
        is_quiet = self._quiet[test] >= QUIET_CASES or self._quiet_seconds[test] >= QUIET_CASES_SECONDS
        # pytest-cov stops the tracer of a test without coverage, and starts another that has to be known after it.
        has_cover = item.get_closest_marker("no_cover") is None
        item.stash[_IS_TRACED] = not has_cover or not (is_quiet or test.startswith(OTHERS))
        before, start = self._tracer.passed(), self._tracer.seconds()
        self._is_quiet, self._passed, self._still = False, before, 0
        self._looks = LATER_LOOKS if test in self._ended else FIRST_LOOKS
        try:
            return (yield)
        finally:
            self._ended.add(test)
            has_new = self._tracer.passed() > before
            self._quiet[test] = 0 if has_new else self._quiet[test] + 1
            self._quiet_seconds[test] = 0 if has_new else self._quiet_seconds[test] + self._tracer.seconds() - start

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Trace what later tests share, though its first user is not traced."""
        is_shared = fixturedef.scope != "function" and not fixturedef.baseid.startswith(OTHERS)
        with self.switched(is_on=self._is_on or is_shared):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        with self.switched(is_on=item.stash[_IS_TRACED]):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Trace a test, but of a property only its body: what draws the examples takes most of the time."""
        is_property = item.get_closest_marker("no_cover") is None and self._is_property(item)
        with self.switched(is_on=item.stash[_IS_TRACED] and not is_property):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        with self.switched(is_on=item.stash[_IS_TRACED]):
            return (yield)

    def _is_property(self, item: pytest.Item) -> bool:
        search = getattr(getattr(item, "obj", None), "hypothesis", None)
        if search is None:
            return False
        if id(search) not in self._searches:
            self._searches[id(search)] = search
            search.inner_test = self._traced(search.inner_test)
        return True

    def _traced(self, test: Any) -> Any:
        """Return the body of a property, traced for as long as its test is."""

        @wraps(test)
        def traced(*args: Any, **kwargs: Any) -> Any:
            with self.switched(is_on=True):
                return test(*args, **kwargs)

        @wraps(test)
        async def traced_later(*args: Any, **kwargs: Any) -> Any:
            with self.switched(is_on=True):
                return await test(*args, **kwargs)

        return traced_later if inspect.iscoroutinefunction(test) else traced
