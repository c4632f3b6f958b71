"""One request's way through the gateway stays short: few functions to read, few returns to a file left before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import FrameType

import pytest

import sentinel_core
from tests.support.fakes import World

pytestmark = pytest.mark.anyio

ROOM = str(Path(sentinel_core.__file__).parent / "gateway")
MOST_STAYS, MOST_CLIMBS = 12, 5


def count_climbs(files: Sequence[str]) -> int:
    """Count the returns to a file that was left before."""
    left: set[str] = set()
    climbs = 0
    for before, after in pairwise(files):
        if before != after:
            left.add(before)
            climbs += after in left
    return climbs


async def test_a_miss_enters_few_functions_of_the_gateway(world: Callable[..., World]) -> None:
    it = world()
    ask = it.ask()
    stays: dict[tuple[str, str], None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOM) and not code.co_name.startswith("<"):
            stays[code.co_filename, code.co_qualname] = None

    sys.setprofile(note)
    try:
        await it.gateway.answer(ask)
    finally:
        sys.setprofile(None)

    assert it.provider.calls == 1
    assert len(stays) <= MOST_STAYS, list(stays)
    assert count_climbs([file for file, _ in stays]) <= MOST_CLIMBS, list(stays)


def test_a_return_to_a_file_is_a_climb() -> None:
    assert [count_climbs(files) for files in ("", "aab", "aba", "abab", "abcab")] == [0, 0, 1, 2, 2]
