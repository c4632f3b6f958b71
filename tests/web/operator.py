"""The operator of the tests, and the tenants they look after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

Build = Callable[..., Api]
ADMIN = "the-operators-own-key-long-enough"
OPERATOR = {"authorization": f"Bearer {ADMIN}"}


def kept_apart(api: Build, clock: FakeClock, **parts: object) -> Api:
    """The application with two tenants."""
    return api(directory=directory(clock, MemoryKeys(key_of("acme"), key_of("globex"))), admin=ADMIN, **parts)


async def told(it: Api, path: str) -> dict[str, Any]:
    response = await call(it, "GET", path)
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


async def call(it: Api, method: str, path: str, body: Any = None) -> httpx.Response:
    return await it.client.request(method, f"/v1/admin{path}", json=body, headers=OPERATOR)


async def ask(it: Api, tenant: str, prompt: str = "hi", **headers: str) -> httpx.Response:
    response = await it.query({"prompt": prompt}, x_api_key=shown_to(tenant), **headers)
    assert response.status_code == 200, response.text
    return response
