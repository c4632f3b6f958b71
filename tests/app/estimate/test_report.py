"""The HTML report in a real browser, opened as a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sentinel_core.app.estimate.command import estimate
from tests.support.fakes import WordEmbedder

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
EVIL = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (.ci/run installs it)")
def test_pairs_are_judged_in_the_report_and_read_back(tmp_path: Path) -> None:
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    log, html, saved, out = (tmp_path / name for name in ("log.jsonl", "out.html", "saved.json", "out.json"))
    prompts = [f"why is the sky blue {EVIL}", f"why the sky is blue {EVIL}", f"is the sky blue why {EVIL}"]
    log.write_text("".join(json.dumps({"prompt": prompt, "completion": EVIL}) + "\n" for prompt in prompts))
    arguments = [str(log), "--work", str(tmp_path / "work"), "--quiet", "--max-wrong", "1"]
    estimate([*arguments, "--html", str(html)], {}, WordEmbedder())
    faults: list[str] = []

    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text))
        page.goto(html.as_uri())
        rows = page.locator("tr[data-id]")
        count = rows.count()
        for button in ("right", "wrong", "wrong", "wrong"):  # the last two take the verdict back and give it again
            rows.nth(0).get_by_role("button", name=button).click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download verdicts.json").click()
        download.value.save_as(saved)
        bound, title = page.locator("#bound").inner_text(), page.title()
        browser.close()

    assert (faults, title) == ([], "What Sentinel would save")
    assert count > 0
    assert bound.startswith("1 of 1 wrong")
    assert list(json.loads(saved.read_text()).values()) == ["wrong"]
    estimate([*arguments, "--verdicts", str(saved), "--json", str(out), "--html", str(html)], {}, WordEmbedder())
    assert json.loads(out.read_text())["wrong_hits"]["wrong"] == 1
    assert "value=wrong aria-pressed=true" in html.read_text()
