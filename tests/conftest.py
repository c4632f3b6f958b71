from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from tests.support.fakes import FakeClock, World

# A busy machine is no failure.
settings.register_profile("sentinel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sentinel")


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
