from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.web.authentication import OPEN_TO_ALL
from sentinel_core.web.paths import API, PathResolver, below, canonical
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ADMIN = "the-operators-own-key-long-enough"
Message = MutableMapping[str, Any]


async def resolved(path: str, *, base_path: str = "", root_path: str = "") -> tuple[str, str, str]:
    """Return path, root path and public base path as the application sees them."""
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)

    scope: Scope = {"type": "http", "path": path, "root_path": root_path}
    await PathResolver(app, base_path)(scope, None, None)  # type: ignore[arg-type]
    return scopes[0]["path"], scopes[0]["root_path"], scopes[0]["app_root_path"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/v1/query", "/v1/query"),
        ("/query", "/v1/query"),
        ("/query/batch", "/v1/query/batch"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/models", "/v1/models"),
        ("/models/groq/openai/gpt-oss-20b", "/v1/models/groq/openai/gpt-oss-20b"),
        ("/cache/entries/abc", "/v1/cache/entries/abc"),
        ("/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/messages", "/v1/messages"),
        ("/health", "/health"),
        ("/v1/health", "/v1/health"),
        ("/metrics", "/metrics"),
        ("/openai/v1/metrics", "/v1/metrics"),
        ("/v1/docs", "/v1/docs"),
        ("/admin/keys", "/admin/keys"),
        ("/v1/v1/admin/keys", "/v1/v1/admin/keys"),
        ("/openai/v1/admin/keys", "/openai/v1/admin/keys"),
        ("/querybatch", "/querybatch"),
        ("/Query", "/Query"),
        ("//query", "//query"),
        ("/v1//query", "/v1//query"),
        ("/./query", "/./query"),
        ("/v1", "/v1"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_an_alias_means_its_route_and_nothing_else_is_changed(path: str, meant: str) -> None:
    assert canonical(path) == meant
    assert canonical(meant) == meant


@pytest.mark.parametrize(
    ("path", "base", "rest"),
    [
        ("/ai/v1/query", "/ai", "/v1/query"),
        ("/ai", "/ai", "/"),
        ("/ai/", "/ai", "/"),
        ("/a/b/health", "/a/b", "/health"),
        ("/aim/health", "/ai", None),
        ("/aihealth", "/ai", None),
        ("/AI/health", "/ai", None),
        ("//ai/health", "/ai", None),
        ("/health", "/ai", None),
        ("/health", "", None),
    ],
)
def test_a_base_path_is_taken_off_by_whole_segments(path: str, base: str, rest: str | None) -> None:
    assert below(path, base) == rest


@pytest.mark.parametrize(
    ("path", "base_path", "root_path", "seen"),
    [
        ("/health", "", "", ("/health", "", "")),
        ("/prod/health", "", "/prod", ("/health", "", "/prod")),
        ("/health", "", "/prod", ("/health", "", "/prod")),
        ("/ai/query", "/ai", "", ("/v1/query", "", "/ai")),
        ("/query", "/ai", "", ("/v1/query", "", "/ai")),
        ("/ai/query", "/ai", "/prod", ("/v1/query", "", "/ai")),
        ("/prod/query", "/ai", "/prod", ("/v1/query", "", "/prod")),
        ("/ai/ai/health", "/ai", "", ("/ai/health", "", "/ai")),
        ("/prod/ai/health", "/ai", "/prod", ("/ai/health", "", "/prod")),
        ("/ai/v1/admin/keys", "/ai", "", ("/v1/admin/keys", "", "/ai")),
        ("/ai/admin/keys", "/ai", "", ("/admin/keys", "", "/ai")),
    ],
)
async def test_one_base_path_is_resolved_once(
    path: str, base_path: str, root_path: str, seen: tuple[str, str, str]
) -> None:
    assert await resolved(path, base_path=base_path, root_path=root_path) == seen


async def status_of(app: ASGIApp, method: str, path: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> int:
    """Ask for a path exactly as written, decoded once as servers do; HTTP clients would tidy it up."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "root_path": "",
        "scheme": "http", "query_string": b"", "headers": list(headers), "client": None, "server": ("test", 80),
        "http_version": "1.1",
    }  # fmt: skip
    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.fixture
def door(api: Build, clock: FakeClock) -> Api:
    return api(directory=directory(clock, MemoryKeys(key_of("acme"))), admin=ADMIN, base_path="/ai")


def spellings(path: str) -> Iterator[str]:
    """Write a path in other ways, none of which decodes to an open page."""
    yield from (path + "/", "/" + path, path.upper(), path.replace("/", "//"), f"/.{path}", f"/x/..{path}")
    yield from (f"/ai/ai{path}", f"/aim{path}", f"/AI{path}", f"/ai/{path}", f"/ai/.{path}", f"{path}/.", f"{path}%00")
    yield from (f"/health/..{path}", f"/docs/..{path}", f"/guide/..{path}", f"/docs{path}", f"/guide{path}")
    yield from (path.replace("/", "%252F"), f"{path};x", f"{path}%20", f"%20{path}", f"{path}%3Fx", f"{path}\\")


async def test_no_spelling_of_a_protected_path_is_open(door: Api) -> None:
    paths = list((await door.client.get("/openapi.json")).json()["paths"])
    protected = [path for path in paths if path not in OPEN_TO_ALL] + ["/admin/keys", "/metrics", "/v1", "/guide/none"]
    tried = {each for path in protected for each in (path, *spellings(path), f"/ai{path}", path.removeprefix("/v1"))}

    answers = {path: await status_of(door.app, method, path) for path in tried for method in ("GET", "POST", "HEAD")}

    assert len(answers) > 500
    assert {path: status for path, status in answers.items() if status != 401} == {}


async def test_no_spelling_of_an_open_path_opens_another(door: Api) -> None:
    tried = {each for path in OPEN_TO_ALL for each in spellings(path)} - {f"/ai{path}" for path in OPEN_TO_ALL}
    tried = {path for path in tried if below(unquote(path), "/ai") not in OPEN_TO_ALL and unquote(path) != "/"}

    assert {path: await status_of(door.app, "GET", path) for path in tried} == dict.fromkeys(tried, 401)


@pytest.mark.parametrize("path", ["/%68ealth", "/ai/health", "/ai%2Fhealth", "/%61i/%68ealth", "/ai", "/ai/docs"])
async def test_an_escaped_letter_of_an_open_path_is_that_letter(door: Api, path: str) -> None:
    assert await status_of(door.app, "GET", path) == 200


@pytest.mark.parametrize(
    "path", ["/admin/keys", "/v1/v1/admin/keys", "/openai/v1/admin/keys", "/v1/admin//keys", "/V1/admin/keys"]
)
async def test_admin_routes_have_one_spelling(door: Api, path: str) -> None:
    key = ((b"x-api-key", ADMIN.encode()),)

    assert await status_of(door.app, "GET", "/v1/admin/keys", key) == 200
    assert await status_of(door.app, "GET", path, key) in (401, 404)


async def test_every_route_but_the_operators_works_without_v1(api: Build) -> None:
    it = api()
    paths = (await it.client.get("/openapi.json")).json()["paths"]
    routes = [(path, method) for path, methods in paths.items() for method in methods if path.startswith("/v1/")]
    own = [(path, method) for path, method in routes if not path.startswith(("/v1/admin", "/v1/metrics"))]

    assert {path.split("/")[2] for path, _ in own} <= API
    for path, method in own:
        whole, short = [
            await it.client.request(method, each, json={}, headers={"x-request-id": "request-1"})
            for each in (path, path.removeprefix("/v1"))
        ]
        assert (short.status_code, sorted(short.headers)) == (whole.status_code, sorted(whole.headers))
        assert whole.status_code != 405


@given(st.lists(st.sampled_from(["v1", "openai", "query", "admin", "keys", "health", "", ".", "..", "ai", "V1"])))
def test_an_alias_never_leads_to_an_admin_route_or_an_open_page(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    meant = canonical(path)

    if meant != path:
        assert meant.startswith("/v1/")
        assert not meant.startswith("/v1/admin")
        assert meant not in OPEN_TO_ALL
