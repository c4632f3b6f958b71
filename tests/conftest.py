from __future__ import annotations

import gc
import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

import tests.support.environment  # noqa: F401  settings of the caller go before any test is imported
from scripts.devtools.http.forked import MEASURE
from scripts.devtools.http.serving import MEASURED
from tests.support.fakes import FakeClock, World
from tests.support.tracing import TRACING, tracing_of

# A busy machine is no failure. A longer search:  scripts/test --hypothesis-profile thorough
for profile, examples in (("suite", 50), ("thorough", 2_000)):
    settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("suite")

LONG = ("tests/scripts/test_container.py", "tests/web/console/", "tests/architecture/test_schema.py", "tests/sdk/")
"""Tests that wait for other processes, or run for seconds each."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let pytest-cov measure the workers: coverage would start itself in them too, for they are subprocesses."""
    os.environ.pop(MEASURE, None)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    tracing = tracing_of(session.config)
    if tracing is not None:
        session.config.pluginmanager.register(tracing, TRACING)
    if MEASURE in os.environ:
        # Coverage would double the time of every other process that a test starts, clients and compilers as well.
        os.environ[MEASURED] = os.environ.pop(MEASURE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests: at the end of a run other processes would wait for them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of garbage collection: a full one takes half a second with all of them in it."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Sentinel runs on asyncio: under uvicorn and under Mangum."""
    return "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> Callable[..., World]:
    """A way to build a gateway with all it needs; parts can be given."""

    def build(**parts: object) -> World:
        return World(clock=clock, **parts)  # type: ignore[arg-type]

    return build
