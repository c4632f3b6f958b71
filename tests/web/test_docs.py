from __future__ import annotations

import re
from collections.abc import Callable
from threading import get_ident
from typing import Any

import pytest

from sentinel_core import __version__
from sentinel_core.web import docs, guide
from sentinel_core.web.description import SCHEMES, TAGS
from tests.web.conftest import PRIVATE, Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_browser_is_led_from_the_root_to_the_console(api: Build) -> None:
    response = await api().client.get("/", headers=BROWSER)

    assert (response.status_code, response.headers["location"], response.headers["vary"]) == (307, "/console", "accept")


async def test_a_base_path_stands_before_the_docs_in_links(api: Build) -> None:
    it = api(base_path="/ai")
    led = await it.client.get("/ai", headers=BROWSER)
    description = (await it.client.get("/ai/openapi.json")).json()

    assert led.headers["location"] == "/ai/console"
    assert description["servers"] == [{"url": "/ai"}]
    assert 'href="/ai/guide/settings"' in (await it.client.get("/ai/guide")).text


async def test_description_and_guide_are_written_outside_the_event_loop(
    api: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def noting(work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: object) -> Any:
            threads.append(get_ident())
            return work(*given)

        return noted

    monkeypatch.setattr(docs, "_written", noting(docs._written))
    monkeypatch.setattr(guide, "rendered", noting(guide.rendered))
    client = api().client

    answers = [await client.get(path) for path in ("/openapi.json", "/openapi.json", "/guide")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(threads) == 2
    assert get_ident() not in threads


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
async def test_a_script_gets_the_routes_as_one_line_of_json(api: Build, accept: str) -> None:
    response = await api().client.get("/", headers={"accept": accept})

    assert response.status_code == 200
    assert "\n" not in response.text
    assert response.json() == {
        "name": "sentinel",
        "version": __version__,
        "routes": [
            "/v1/audio/…",
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/embeddings",
            "/v1/images/…",
            "/v1/messages",
            "/v1/messages/count_tokens",
            "/v1/metrics",
            "/v1/models",
            "/v1/moderations",
            "/v1/query",
            "/v1/query/batch",
            "/v1/responses",
            "/v1/cache/…",
            "/health",
            "/docs",
            "/guide",
            "/console",
        ],
    }


async def test_a_page_loads_only_its_own_files_and_those_are_there(api: Build) -> None:
    it = api()
    page = await it.client.get("/docs")
    files = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page.text)

    assert page.headers["content-security-policy"] == docs.POLICY
    assert "unsafe" not in docs.POLICY
    assert not re.findall(r"<script(?! src)|<style|style=|https?:| on\w+=", page.text)
    assert sorted(files) == sorted(
        ["docs/init.js", "docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "guide", "openapi.json"]
    )
    assert {file: (await it.client.get(f"/{file}")).status_code for file in files} == dict.fromkeys(files, 200)


@pytest.mark.parametrize(
    ("path", "kind", "longer_than"),
    [
        (docs.BUNDLE, "text/javascript; charset=utf-8", 1_000_000),
        (docs.STYLE, "text/css; charset=utf-8", 100_000),
        (docs.START, "text/javascript; charset=utf-8", 100),
    ],
)
async def test_an_asset_is_served_whole_with_its_type(api: Build, path: str, kind: str, longer_than: int) -> None:
    response = await api().client.get(path)

    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert len(response.content) > longer_than
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert response.headers["content-security-policy"] == PRIVATE["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/health", *sorted(docs.PATHS), "/guide", "/guide/settings"])
async def test_head_answers_as_get_without_a_body(api: Build, path: str) -> None:
    it = api()
    got, head = [await it.client.request(method, path) for method in ("GET", "HEAD")]

    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}


async def test_the_description_declares_keys_tags_and_refusals(api: Build) -> None:
    document = (await api().client.get("/openapi.json")).json()
    refusals = {
        f"{method} {path}": [status for status in ("401", "402", "429") if status in operation["responses"]]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    used = {tag for methods in document["paths"].values() for one in methods.values() for tag in one["tags"]}

    assert document["components"]["securitySchemes"] == SCHEMES
    assert (document["tags"], {tag["name"] for tag in document["tags"]}) == (TAGS, used)
    assert document["paths"]["/health"]["get"]["security"] == []
    assert document["paths"]["/v1/query"]["post"]["security"] == [{"bearer": []}, {"x-api-key": []}]
    assert refusals.pop("get /health") == []
    assert {name for name, statuses in refusals.items() if "401" not in statuses} == set()
    assert {name for name, statuses in refusals.items() if "402" in statuses} >= {
        "post /v1/query",
        "post /v1/query/batch",
        "post /v1/chat/completions",
    }
    assert refusals["get /v1/cache/entries"] == ["401", "429"]
    assert refusals["get /v1/admin/keys"] == ["401", "429"]


async def test_the_description_is_written_once_for_callers_without_a_key(
    api: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = api()
    first = await it.client.get("/openapi.json")
    monkeypatch.setattr(docs, "JSONResponse", None)
    second = await it.client.get("/openapi.json")

    assert second.content == first.content
    assert second.headers["content-type"] == "application/json"
