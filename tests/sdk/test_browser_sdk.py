"""The browser SDK of OpenAI in a real browser: pages of an allowed origin are served, pages of another are not."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scripts.devtools.http.serving import ROOT, Server, serving
from sentinel_core.tenants import api_key
from tests.support.environment import for_registries

if TYPE_CHECKING:
    from playwright.sync_api import Page

SDK = "openai@7.59.0"
KEY = "a-key-of-a-page"
CHROMIUM = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or shutil.which("npm") is None, reason="no Chromium or no npm on this machine"
)

PAGE = "<!doctype html><script type=module src=page.mjs></script>"
SCRIPT = """
import OpenAI from './package/index.mjs';
window.client = (options) =>
    new OpenAI({baseURL: options.url, apiKey: options.key, dangerouslyAllowBrowser: true, maxRetries: 0});
window.failure = (error) =>
    ({name: error.constructor.name, status: error.status ?? null, code: error.code ?? null});
window.isReady = true;
"""
ASK = """async ({url, key, prompt}) => {
    const call = {model: 'simulated-1', messages: [{role: 'user', content: prompt}]};
    try {
        const {data, response} = await client({url, key}).chat.completions.create(call).withResponse();
        return {text: data.choices[0].message.content, cache: response.headers.get('cache-status')};
    } catch (error) { return failure(error); }
}"""
STREAM = """async ({url, key, prompt}) => {
    const call = {model: 'simulated-1', stream: true, messages: [{role: 'user', content: prompt}]};
    let text = '', chunks = 0;
    for await (const chunk of await client({url, key}).chat.completions.create(call)) {
        text += chunk.choices[0]?.delta?.content ?? '';
        chunks += 1;
    }
    return {text, chunks};
}"""
RESPONSE = """async ({url, key, prompt}) =>
    ({text: (await client({url, key}).responses.create({model: 'simulated-1', input: prompt})).output_text})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the SDK as npm packs it, fetched once and kept in build/."""
    kept = ROOT / "build" / "npm"
    packed = kept / f"{SDK.replace('@', '-')}.tgz"
    if not packed.exists():
        kept.mkdir(parents=True, exist_ok=True)
        try:
            command, environ = ["npm", "pack", SDK, "--silent"], for_registries()
            subprocess.run(command, cwd=kept, env=environ, check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            pytest.skip("npm cannot fetch the SDK")
    folder = tmp_path_factory.mktemp("pages")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (folder / "index.html").write_text(PAGE)
    (folder / "page.mjs").write_text(SCRIPT)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@contextmanager
def _pages(folder: Path) -> Iterator[str]:
    """Serve the folder from an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def places(folder: Path) -> Iterator[tuple[Server, Page, Page]]:
    """A server, a page of the origin that it allows, and a page of another origin."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with ExitStack() as stack:
        allowed, foreign = (stack.enter_context(_pages(folder)) for _ in range(2))
        keys = f"acme:{api_key.digest(KEY)}"
        environ = {
            "SENTINEL_CORS_ORIGINS": allowed,
            "SENTINEL_API_KEYS": keys,
            "SENTINEL_KEYS_FILE": str(folder / "keys.json"),
            "SENTINEL_NAMESPACE_SECRET": "s" * 32,
            "SENTINEL_LOG_LEVEL": "error",
        }
        server = stack.enter_context(serving(**environ))
        browser = stack.enter_context(sync.sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        stack.callback(browser.close)
        pages = []
        for origin in (allowed, foreign):
            page = browser.new_page()
            page.goto(origin)
            page.wait_for_function("window.isReady")
            pages.append(page)
        yield server, pages[0], pages[1]


def _given(server: Server, prompt: str, key: str = KEY) -> dict[str, str]:
    return {"url": f"{server.said['address']}/v1", "key": key, "prompt": prompt}


def test_a_page_of_an_allowed_origin_asks_and_reads_the_cache_header(places: tuple[Server, Page, Page]) -> None:
    server, page, _ = places
    given = _given(server, "Why is the sky blue?")

    first, second = page.evaluate(ASK, given), page.evaluate(ASK, given)

    assert "Why is the sky blue?" in first["text"]
    assert (first["text"], "fwd=miss" in first["cache"], "hit" in second["cache"]) == (second["text"], True, True)


def test_a_page_streams_an_answer(places: tuple[Server, Page, Page]) -> None:
    server, page, _ = places
    given = _given(server, "How do magnets work?")

    streamed = page.evaluate(STREAM, given)

    assert streamed["text"] == page.evaluate(ASK, given)["text"]
    assert streamed["chunks"] > 3


def test_a_page_asks_the_responses_route(places: tuple[Server, Page, Page]) -> None:
    server, page, _ = places

    assert "What is rain?" in page.evaluate(RESPONSE, _given(server, "What is rain?"))["text"]


def test_a_page_reads_errors_as_the_sdk_raises_them(places: tuple[Server, Page, Page]) -> None:
    server, page, _ = places

    refused = page.evaluate(ASK, _given(server, "Why?", key="wrong"))

    assert refused["name"] == "AuthenticationError"
    assert (refused["status"], refused["code"]) == (401, "invalid_api_key")


def test_a_page_of_another_origin_gets_nothing(places: tuple[Server, Page, Page]) -> None:
    server, _, foreign = places

    refused = foreign.evaluate(ASK, _given(server, "Why is the sky blue?"))

    assert refused == {"name": "APIConnectionError", "status": None, "code": None}
