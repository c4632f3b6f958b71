"""The README and the guide agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.settings_table import BEGIN, END, GUIDE, PAGES, table
from sentinel_core import __version__

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_table_of_settings_is_that_of_the_code(page: str) -> None:
    written = (GUIDE / page).read_text().split(BEGIN)[1].split(END)[0]

    assert written == table(PAGES[page])


def test_the_changelog_has_the_version_and_three_kinds_of_change() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    section = changelog.split(f"\n## {__version__} - ")[1].split("\n## ")[0]

    assert re.findall("^### (.*)$", section, re.MULTILINE) == ["Added", "Changed", "Fixed"]
    assert changelog.index("\n## Unreleased\n") < changelog.index(f"\n## {__version__}")


def test_it_is_short_enough_for_a_newcomer() -> None:
    assert len(README.splitlines()) <= 200


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = set(re.findall(r"\]\((?!https?:)([^)]+)\)", README))
    headings = {_anchor(line) for line in README.splitlines() if line.startswith("#")}

    broken = {link for link in links if not (link[1:] in headings if link[0] == "#" else (ROOT / link).is_file())}

    assert len(links) > 15
    assert broken == set()


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lstrip("# ").lower()).replace(" ", "-")
