"""The README and the guide agree with the code."""

from __future__ import annotations

from pathlib import Path

from scripts.settings_table import BEGIN, END, PAGE, table

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_table_of_settings_is_that_of_the_code() -> None:
    written = PAGE.read_text().split(BEGIN)[1].split(END)[0]

    assert written == table()


def test_it_is_short_enough_for_a_newcomer() -> None:
    assert len(README.splitlines()) < 270
