"""The files of the console: what they may hold, and how they are served."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel_core.web import console, docs
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

FOLDER = Path(console.__file__).parent
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js"})
MOST_BYTES = 200_000
UNSAFE = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|cookie"
)


async def test_every_file_is_served_without_a_key_under_the_strict_policy(api: Callable[..., Api]) -> None:
    it = api(admin="a" * 24)
    responses = {path: await it.client.get(path) for path in sorted(console.PATHS)}

    assert {response.status_code for response in responses.values()} == {200}
    assert responses["/console"].headers["content-security-policy"] == docs.POLICY
    assert {path for path, response in responses.items() if "javascript" in response.headers["content-type"]} == {
        f"/console/{name}.js" for name in console.MODULES
    }


def test_the_console_is_small_when_compressed() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in FILES) < MOST_BYTES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_takes_no_markup_from_data_and_nothing_from_other_sites(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")

    assert re.findall(UNSAFE, text) == []
    assert re.findall(r"https?://", text) == []


def test_the_page_has_no_inline_script_or_style() -> None:
    page = (FOLDER / "index.html").read_text("utf-8")

    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page) == []


def test_every_module_that_is_imported_is_served() -> None:
    imported = {
        name
        for path in FILES
        if path.suffix == ".js"
        for name in re.findall(r'from "\./(\w+)\.js"', path.read_text("utf-8"))
    }
    assert imported == set(console.MODULES) - {"main"}
    assert {path.stem for path in FILES if path.suffix == ".js"} == set(console.MODULES)
