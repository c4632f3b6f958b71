from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from scripts.benches.bodies import TEMPLATES, bodies
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

LARGEST = 20_000


async def test_no_body_of_any_shape_ends_in_an_exception(api: Callable[..., Api]) -> None:
    it = api(max_body_bytes=LARGEST, max_json_values=2_000)
    statuses = {}
    chance = random.Random(3)  # noqa: S311  the same bodies in every run
    for body in bodies(chance, count=200, largest=LARGEST):
        answer = await it.client.post(body.path, content=body.raw)
        statuses[body] = answer.status_code

    assert set(statuses.values()) <= {200, 400, 413, 422}
    assert {200, 413} <= set(statuses.values())
    assert {body.path for body in statuses} == {path for path, _ in TEMPLATES}
    assert all(len(body.raw) <= LARGEST for body in statuses)
