from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel_core.web import docs, guide
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
FOLDER = Path(guide.__file__).parent


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == guide.PAGES.keys()


@pytest.mark.parametrize("name", guide.PAGES)
async def test_a_page_is_served_under_the_strict_policy(api: Build, name: str) -> None:
    response = await api().client.get(f"/guide/{name}")

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["content-security-policy"] == docs.POLICY
    assert re.search("<h1>.+</h1>", response.text)
    assert not re.findall(r"<script|<style| style=| on\w+=", response.text)


async def test_every_link_of_the_guide_leads_to_a_page_that_is_there(api: Build) -> None:
    it = api()
    pages = ["/guide", *(f"/guide/{name}" for name in guide.PAGES)]
    links = {link for page in pages for link in re.findall('(?:href|src)="(/[^"#]*)', (await it.client.get(page)).text)}

    assert links >= set(pages)
    assert {link: (await it.client.get(link)).status_code for link in links} == dict.fromkeys(links, 200)


def test_every_link_between_the_files_leads_to_a_file() -> None:
    links = {
        (path.name, link)
        for path in FOLDER.glob("*.md")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    }

    assert {(name, link) for name, link in links if not (FOLDER / link).exists()} == set()


def test_raw_html_is_shown_as_text() -> None:
    assert guide.rendered("<script>x</script>", "") == "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"


def test_a_comment_is_not_shown() -> None:
    assert guide.rendered("a\n\n<!-- x\ny -->\nb\n", "") == "<p>a</p>\n<p>b</p>\n"


def test_a_link_that_runs_a_script_stays_text() -> None:
    assert "href" not in guide.rendered("[x](javascript:alert(1))", "")


def test_a_table_becomes_a_table() -> None:
    assert "<td>1</td>" in guide.rendered("| a |\n|---|\n| 1 |\n", "")


async def test_an_unknown_page_is_not_found(api: Build) -> None:
    assert (await api().client.get("/guide/nothing")).status_code == 404
