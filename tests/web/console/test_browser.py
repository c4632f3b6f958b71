"""The console in a real browser. Takes about half a minute: each step is what an operator does by hand."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.devtools.http.serving import Server, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (.ci/run installs it)")

ADMIN = "the-operators-own-key-long-enough"
WIDTHS = (320, 1280)
NEW_YEAR = 1_798_761_600
"""The midnight that begins 2027, UTC."""

HOSTILE = (
    "<img src=x onerror=document.title='owned'>",
    "<script>document.title='owned'</script>",
    "\"><svg onload=document.title='owned'>",
    "javascript:document.title='owned'",
    "{{constructor.constructor('document.title=1')()}}",
    "\u202egnp.exe</td></table><h1>owned</h1>",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("keys")
    with _serving(folder, SENTINEL_ADMIN_KEY=ADMIN, SENTINEL_NAMESPACE_SECRET="s" * 32) as running:
        key = running.http.post("/v1/admin/keys", json={"tenant": "acme"}, headers={"x-api-key": ADMIN}).json()["key"]
        running.http.headers["x-api-key"] = key
        _wait_for_the_embedder(running)
        yield running


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _serving(tmp_path_factory.mktemp("no-keys")) as running:
        _wait_for_the_embedder(running)
        yield running


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": getattr(request, "param", 1280), "height": 800})
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert faults == []


at_each_width = pytest.mark.parametrize("page", WIDTHS, indirect=True)


def _serving(folder: Path, **environ: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return serving(SENTINEL_KEYS_FILE=str(folder / "keys.json"), SENTINEL_LOG_LEVEL="error", **environ)


def _wait_for_the_embedder(running: Server) -> None:
    until = time.monotonic() + 120
    while running.http.get("/health?deep=1").json()["embedder"] != "ready":
        assert time.monotonic() < until
        time.sleep(0.1)


def _ask(running: Server, prompt: str) -> dict[str, object]:
    answer: dict[str, object] = running.http.post("/v1/query", json={"prompt": prompt}).json()
    return answer


def _sign_in(page: Page, running: Server, view: str = "overview") -> None:
    page.goto(f"{running.said['address']}/console#{view}")
    page.get_by_label("Key").fill(ADMIN)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Views").wait_for()


def _width(page: Page) -> int:
    size = page.viewport_size
    assert size is not None
    return size["width"]


def _is_as_wide_as_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@at_each_width
def test_an_operator_signs_in_and_sees_every_view(page: Page, server: Server) -> None:
    _ask(server, "What is deep water?")
    page.goto(server.said["address"])
    page.get_by_label("Key").fill("not-a-key")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("No such key").wait_for()
    _sign_in(page, server)
    views = page.get_by_role("navigation", name="Views").get_by_role("link")
    names = views.all_inner_texts()

    assert len(names) == 17
    for name in names:
        views.get_by_text(name, exact=True).click()
        page.get_by_role("heading", level=1, name=name).wait_for()
        page.wait_for_timeout(150)
        assert _is_as_wide_as_the_window(page), name
        assert _unnamed_controls(page) == [], name
        assert page.locator("#status").text_content() == "", name


def _unnamed_controls(page: Page) -> list[str]:
    """Return the controls that a screen reader has no name for."""
    tree = page.locator("body").aria_snapshot()
    return re.findall(r"- (?:button|textbox|searchbox|combobox|link|spinbutton)(?::|$)", tree, re.MULTILINE)


@at_each_width
def test_a_wrong_hit_is_judged_by_one_key_and_is_gone(page: Page, server: Server) -> None:
    width = _width(page)
    stored, asked = f"How do I reset my password {width}?", f"How can I reset my password {width}?"
    _ask(server, stored)
    assert _ask(server, asked)["outcome"] == "hit_semantic"
    _sign_in(page, server, "hits")
    page.get_by_label("Find by words").fill(str(width))
    assert page.locator("#asked").inner_text() == asked
    assert page.locator("#asked mark").all_inner_texts() == ["can"]
    page.get_by_role("heading", name="Judge hits").click()
    page.keyboard.press("m")
    page.get_by_text("never share an answer again").wait_for()
    page.get_by_text("No hit matches the filter").wait_for()

    assert _ask(server, asked)["outcome"] == "miss"
    assert _ask(server, stored)["outcome"] == "hit_exact"


@at_each_width
def test_an_operator_makes_and_revokes_a_key(page: Page, server: Server) -> None:
    tenant = f"made-{_width(page)}"
    _sign_in(page, server, "keys")
    page.get_by_label("Tenant", exact=True).last.fill(tenant)
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".secret").inner_text()
    headers = {"x-api-key": key}
    assert server.http.post("/v1/query", json={"prompt": "hi"}, headers=headers).status_code == 200
    row = page.get_by_role("row").filter(has_text=tenant)
    row.get_by_role("button", name="Revoke").click()
    row.get_by_role("button", name="Really revoke?").click()
    page.get_by_text("Revoked: here at once").wait_for()

    assert server.http.post("/v1/query", json={"prompt": "hi"}, headers=headers).status_code == 401
    assert key not in page.url


@at_each_width
def test_live_requests_are_filtered_and_paused(page: Page, server: Server) -> None:
    width = _width(page)
    _ask(server, f"Why is the sky blue over {width} towns?")
    _sign_in(page, server, "requests")
    filter_ = page.get_by_label("Filter by prompt, model, tenant or reason")
    filter_.fill(f"over {width} towns")
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    assert rows.count() == 1
    _ask(server, f"Why is the sea green over {width} towns?")
    rows.nth(1).wait_for()
    page.get_by_role("button", name="Pause").click()
    _ask(server, f"Why is the grass red over {width} towns?")
    page.wait_for_timeout(2_500)

    assert rows.count() == 2


@pytest.mark.parametrize("page", [320], indirect=True)
def test_the_first_key_of_an_open_server_shows_an_admin_key(page: Page, tmp_path: Path) -> None:
    with _serving(tmp_path) as running:
        page.goto(f"{running.said['address']}/console#keys")
        page.get_by_label("Tenant", exact=True).fill("acme")
        page.get_by_role("button", name="Make a key").click()
        page.get_by_text("Your admin key").wait_for()
        admin, key = page.locator(".secret").all_inner_texts()

        assert running.http.get("/v1/admin/keys").status_code == 401
        assert running.http.get("/v1/admin/keys", headers={"x-api-key": admin}).status_code == 200
        assert running.http.post("/v1/query", json={"prompt": "hi"}, headers={"x-api-key": key}).status_code == 200
        page.reload()
        page.get_by_role("heading", name="Sign in").wait_for()


def test_hostile_texts_are_shown_as_texts(page: Page, server: Server) -> None:
    for text in (*HOSTILE, *HOSTILE):
        server.http.post("/v1/query", json={"prompt": text})
    _sign_in(page, server, "requests")
    for view in ("requests", "entries", "top"):
        page.evaluate(f"location.hash = '{view}'")
        if view == "entries":
            page.get_by_label("Tenant").first.select_option("acme")
        page.locator("tbody").get_by_text("onerror=document.title").first.wait_for()
        assert page.locator("main img, main script, main h1:has-text('owned'), main svg[onload]").count() == 0
    assert "owned" not in page.title()


def test_the_playground_streams_and_shows_cache_headers(page: Page, open_server: Server) -> None:
    page.goto(f"{open_server.said['address']}/console#playground")
    page.get_by_label("Route").select_option("stream")
    page.get_by_label("Prompt", exact=True).fill("What is rain?")
    page.get_by_role("button", name="Send").click()
    page.locator("#reply").filter(has_text="What is rain?").wait_for()

    assert "sentinel; fwd=miss" in page.locator("dl").inner_text()


def test_two_prompts_are_compared_by_scope_similarity_and_rule(page: Page, open_server: Server) -> None:
    page.goto(f"{open_server.said['address']}/console#why-not")
    page.get_by_label("First").fill("How tall was the tree in 1999?")
    page.get_by_label("Second").fill("How tall was the tree in 2005?")
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("They would not share an answer").wait_for()

    assert page.get_by_role("cell", name="numbers").count() == 1
    page.get_by_label("Second").fill('{"prompt": "How tall was the tree in 1999?", "system": "Be brief."}')
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("differs, so nothing is compared").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(page: Page, server: Server, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    _ask(server, "What is deep water?")
    _sign_in(page, server, "requests")
    page.locator("tbody tr").first.wait_for()

    assert page.evaluate(_CONTRAST) == []


_CONTRAST = """() => {
  const channel = (value) => value <= 10 ? value / 3295 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll("body *")].filter((element) => {
    if (!hasText(element) || !element.getClientRects().length) return false;
    const [one, two] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return (one + 0.05) / (two + 0.05) < 4.5;
  }).map((element) => `${element.tagName} ${element.textContent.slice(0, 20)}`);
}"""
"""Elements with text below the contrast of 4.5 (WCAG 2.2, 1.4.3)."""


def test_an_answer_is_edited_and_pinned_and_unpinned(page: Page, open_server: Server) -> None:
    _ask(open_server, "How do I pin an answer?")
    page.goto(f"{open_server.said['address']}/console#entries")
    page.get_by_role("row", name="How do I pin").get_by_role("button", name="Edit or pin").click()
    page.get_by_label("Answer", exact=True).fill("By its <b>button</b>.")
    page.get_by_role("button", name="Pin", exact=True).click()
    page.get_by_role("button", name="Unpin").wait_for()
    assert _ask(open_server, "How do I pin an answer?")["response"] == "By its <b>button</b>."
    page.get_by_role("button", name="Unpin").click()
    page.get_by_text("None. An entry above").wait_for()
    assert _ask(open_server, "How do I pin an answer?")["reason"] == "exact"


def test_labelled_pairs_are_compared_beside_cosine(page: Page, open_server: Server) -> None:
    page.goto(f"{open_server.said['address']}/console#lab")
    pairs = ("Reset my password,How do I reset my password?,same", '"Go to v2, now",Go to v3 now,different')
    page.get_by_label("Or as text").fill("\n".join(("first,second,label", *pairs)))
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("img", name="Share of same pairs served").wait_for()
    assert "0 of 1: these would be wrong answers" in page.locator("main").inner_text()


@at_each_width
def test_the_part_that_keeps_requests_from_hitting_is_named(page: Page, open_server: Server) -> None:
    for minute in range(60):
        system = {"role": "system", "content": f"You help <b>customers</b>. It is 12:{minute:02}."}
        messages = [system, {"role": "user", "content": "How do I reset my password?"}]
        open_server.http.post("/v1/chat/completions", json={"model": "simulated", "messages": messages})
    page.goto(f"{open_server.said['address']}/console#near-misses")

    page.get_by_text(re.compile(r"of your requests differ in `system`: it holds a time\. Leave names")).wait_for()
    cells = page.locator("tr", has=page.locator("code", has_text="system")).locator("td")
    assert cells.all_inner_texts()[0] == "system"
    assert cells.all_inner_texts()[3] == "time"
    assert _is_as_wide_as_the_window(page)


@pytest.mark.parametrize(
    ("zone", "midnight"), [("America/St_Johns", "20:30"), ("Asia/Kolkata", "05:30"), ("UTC", "00:00")]
)
def test_days_are_named_in_utc_and_minutes_where_the_operator_is(
    browser: Browser, open_server: Server, zone: str, midnight: str
) -> None:
    context = browser.new_context(timezone_id=zone, locale="en-US")
    page = context.new_page()
    page.goto(f"{open_server.said['address']}/console")
    shown = page.evaluate(f"import('/console/dom.js').then((dom) => [dom.day({NEW_YEAR}), dom.clock({NEW_YEAR})])")
    context.close()

    assert shown == ["1/1/2027", f"{midnight}:00"]


def test_an_experiment_shows_both_policies_and_their_difference(page: Page, tmp_path: Path) -> None:
    policy = "experiment:\n  {name: off-for-half, share: 0.5, set: {mode: off}}\n"
    with _serving(tmp_path, SENTINEL_POLICY=policy, SENTINEL_SIMULATED_DELAY_MS="0") as running:
        for number in range(60):
            headers = {"x-sentinel-user": f"user-{number}"}
            running.http.post("/v1/query", json={"prompt": "Why is the sky blue?"}, headers=headers)
        page.goto(f"{running.said['address']}/console#experiment")
        page.get_by_role("heading", name="off-for-half").wait_for()
        row = (
            page.get_by_role("row").filter(has_text="Requests answered from the cache").locator("td").all_inner_texts()
        )
        wrong = page.get_by_role("row").filter(has_text="Wrong hits").locator("td").all_inner_texts()

    assert (row[2], row[5]) == ("0.0 %", "B has less")
    assert re.fullmatch(r"-[\d.]+ % to -[\d.]+ %", row[4])
    assert wrong[1:3] == ["not measured", "not measured"]


def test_views_of_absent_parts_ask_for_nothing_that_is_not_there(page: Page, open_server: Server) -> None:
    missing: list[str] = []
    page.on("response", lambda response: missing.append(response.url) if response.status == 404 else None)
    page.goto(f"{open_server.said['address']}/console#judge")
    page.get_by_text("No judge configured").wait_for()
    page.goto(f"{open_server.said['address']}/console#experiment")
    page.get_by_text("No experiment runs").wait_for()

    assert [url for url in missing if "/learning" in url or "/experiment" in url] == []


def test_few_judged_hits_are_counts_with_their_interval(page: Page, tmp_path: Path) -> None:
    with _serving(tmp_path, SENTINEL_SIMULATED_DELAY_MS="0") as running:
        entry = _ask(running, "What is one deep water?")["entry_id"]
        running.http.post("/v1/cache/feedback", json={"entry_id": entry, "verdict": "wrong"})
        page.goto(f"{running.said['address']}/console")
        card = page.locator("section.card").filter(has_text="Wrong hits")
        card.get_by_text("judged").wait_for()
        text = card.inner_text()

    assert "1 of 1" in text
    assert "100.0 %" not in text.split("true share")[0]
