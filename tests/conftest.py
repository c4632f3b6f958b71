from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.fakes import FakeClock, World

# A busy machine is no failure. A longer search:  scripts/test --hypothesis-profile thorough
for profile, examples in (("suite", 50), ("thorough", 2_000)):
    settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("suite")


MEASURED_CASES = 40
"""Cases of one test that coverage traces: the tracer takes as long as the tests, and later cases pass no new lines."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take all but the first cases of a test out of coverage: it then errs towards less only."""
    cases: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if cases[test] > MEASURED_CASES:
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Import all modules; each process does, and coverage traces one of them."""
    plugin = session.config.pluginmanager.getplugin("_cov")
    controller = getattr(plugin, "cov_controller", None)
    is_traced = controller is not None and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    if controller is None or is_traced:
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


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
