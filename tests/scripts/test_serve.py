from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benches import report, serve


def test_a_tiny_run_measures_every_kind_of_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "OUT", tmp_path)
    flags = "--made --entries 20 --rounds 1 --requests 3 --connections 2 --seconds 0.2"

    assert serve.main(flags.split()) == 0

    tables = json.loads((tmp_path / "serve.json").read_text())["tables"]
    measured = {row["what"] for row in tables["Sequential"]}
    assert {"bare route", "exact hit", "semantic hit", "miss, upstream of 50 ms"} <= measured
    assert [(row["what"], row["errors"]) for row in tables["Connections"]] == [("exact hit", 0), ("semantic hit", 0)]
