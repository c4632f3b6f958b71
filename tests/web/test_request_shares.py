"""One key's requests under way leave connections for those of other keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.web.request_shares import LATELY_SECONDS, RequestShares
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio


def test_a_key_has_a_bound_and_callers_without_one_have_none() -> None:
    shares = RequestShares(2)
    for key in ("a", "a", "b", "", "", ""):
        shares.begin(key)
    with pytest.raises(ServiceUnavailableError):
        shares.begin("a")
    shares.begin("b")
    shares.end("a")
    shares.begin("a")

    assert shares._running == {"a": 2, "b": 2, "": 3}


def test_a_key_without_requests_is_forgotten() -> None:
    shares = RequestShares(2)
    shares.begin("a")
    shares.end("a")

    assert not shares._running


async def test_callers_who_wait_for_one_answer_are_refused_past_the_bound(
    api: Callable[..., Api], clock: FakeClock
) -> None:
    doors = directory(clock, MemoryKeys(key_of("acme"), key_of("globex")))
    it = api(directory=doors, access={"shares": RequestShares(3)})
    it.world.provider.gate = asyncio.Event()
    acme, globex = ({"authorization": f"Bearer {shown_to(name)}"} for name in ("acme", "globex"))
    waiting = [asyncio.create_task(it.query(**acme)) for _ in range(3)]
    await it.world.provider.started.wait()
    refused = await it.query(**acme)
    other = asyncio.create_task(it.query(**globex))
    await asyncio.sleep(0.01)
    it.world.provider.gate.set()
    answers = await asyncio.gather(*waiting, other)

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "connections_unavailable")
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (await it.query(**acme)).status_code == 200


def test_other_keys_ask_while_their_requests_are_under_way_and_a_second_after() -> None:
    clock = FakeClock()
    shares = RequestShares(9, clock)
    shares.begin("a")
    assert (shares.are_others("a"), shares.are_others("b")) == (False, True)
    shares.begin("b")
    assert shares.are_others("a")

    shares.end("b")
    for _ in range(3):
        shares.begin("a")
        shares.end("a")
    clock.advance(LATELY_SECONDS - 0.001)
    assert shares.are_others("a")
    clock.advance(0.001)
    assert not shares.are_others("a")
