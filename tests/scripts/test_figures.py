"""The tables of the guide's evaluation page."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.train import figures
from scripts.train.figures import BUDGETS, Figures, budgets, results, worths, write
from sentinel_core.matching.evaluation.tally import Tally
from sentinel_core.matching.evaluation.worth import Worth
from sentinel_core.matching.gate import RULES

DATA = "../shared/data/dev"
GOOD = Tally(requests=100, hits=40, exact=0, wrong=1, reusable=60)
TRAPS = Tally(requests=50, hits=5, exact=0, wrong=5, reusable=0, trapped=5)
FOUND = [
    Figures("bank", dict.fromkeys(BUDGETS, GOOD), GOOD, [Worth("numbers", "bank", 3, 7)]),
    Figures("traps", dict.fromkeys(BUDGETS, TRAPS), TRAPS, [Worth("dates", "other name", 1, 2)]),
]


def test_results_stand_beside_cosine() -> None:
    assert results(FOUND).splitlines()[2:] == [
        "| bank | 2.5 % | 65 % | 2.5 % | 65 % |",
        "| traps | 10 % served | – | 10 % served | – |",
    ]


def test_each_budget_is_a_line() -> None:
    lines = budgets(FOUND).splitlines()

    assert lines[0] == "| `SENTINEL_MAX_WRONG` | bank | traps |"
    assert lines[2:] == [f"| {budget} | 2.5 %, 65 % | 10 % served, – |" for budget in BUDGETS]


def test_each_rule_is_a_line() -> None:
    lines = {line.split("`")[1]: line for line in worths(FOUND).splitlines()[2:]}

    assert list(lines) == list(RULES)
    assert (lines["numbers"], lines["dates"]) == ("| `numbers` | 3 / 7 |  |", "| `dates` |  | 1 / 2 |")
    assert lines["length"] == "| `length` |  |  |"


def test_a_table_replaces_the_one_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- worth -->\nold\n<!-- /worth -->\nb\n", "utf-8")
    monkeypatch.setattr(figures, "GUIDE", page)

    write({"worth": "new"})

    assert page.read_text("utf-8") == "a\n<!-- worth -->\nnew\n<!-- /worth -->\nb\n"


def test_the_guide_has_a_place_for_each_table() -> None:
    page = figures.GUIDE.read_text("utf-8")

    assert [page.count(f"<!-- {name} -->\n") for name in ("results", "budgets", "worth")] == [1, 1, 1]


def test_the_guide_says_the_worth_of_each_rule() -> None:
    _, rest = figures.GUIDE.read_text("utf-8").split("<!-- worth -->\n")
    table, _ = rest.split("\n<!-- /worth -->")
    rows = [line.split("`")[1] for line in table.splitlines()[2:]]

    assert rows == list(RULES), f"write the tables again: python -m scripts.train.figures {DATA}"
