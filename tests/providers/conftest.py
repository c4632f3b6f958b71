from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.devtools.http.upstream import Upstream


@pytest.fixture
def anyio_backend() -> str:
    """Sentinel runs on asyncio: under uvicorn and under Mangum."""
    return "asyncio"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream.running() as server:
        yield server
