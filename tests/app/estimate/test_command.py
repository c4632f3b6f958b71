from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sentinel_core import web
from sentinel_core.app.estimate import meanings, running, verdicts
from sentinel_core.app.estimate.command import estimate
from sentinel_core.app.estimate.kept_judgements import Judged, KeptJudgements
from sentinel_core.app.estimate.tally import Pair
from sentinel_core.app.estimate.vectors import KeptVectors
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.verdict import Verdict
from sentinel_core.errors import ConfigurationError, EmbeddingError
from sentinel_core.matching.gate import Gate
from tests.stores.contract import entry
from tests.support.fakes import WordEmbedder

SKY = "why is the sky blue"
SAME = "why is the blue sky"
EVIL = '=cmd|"/C calc"!A0 <script>alert(1)</script>'


class Counting(WordEmbedder):
    """Counts texts; fails from `limit` texts on."""

    def __init__(self, limit: int = 10**9) -> None:
        super().__init__()
        self.count = 0
        self.limit = limit

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        self.count += len(texts)
        if self.count > self.limit:
            raise EmbeddingError("the process was killed")
        return await super().embed_many(texts)


def log(path: Path, *prompts: str, **fields: Any) -> Path:
    rows = [{"messages": [{"role": "user", "content": prompt}], "model": "gpt-4o", **fields} for prompt in prompts]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def run(tmp_path: Path, *arguments: object, environ: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    out = tmp_path / "out.json"
    given = [*map(str, arguments), "--json", str(out), "--work", str(tmp_path / "work"), "--quiet"]
    code = estimate(given, environ or {}, WordEmbedder())
    return code, json.loads(out.read_text())


def test_repeats_are_hits_with_their_dollars_and_seconds(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", SKY, SKY, "what is rain", SKY, cost_usd=0.5, latency=2)

    code, result = run(tmp_path, path)

    assert code == 0
    assert (result["requests"], result["hit_rate_percent"], result["exact_percent"]) == (4, 50.0, 50.0)
    assert (result["usd"], result["saved_usd"]) == (2.0, 1.0)
    assert (result["seconds"], result["saved_seconds"]) == (8.0, 3.96)
    assert result["models"]["openai/gpt-4o"]["hit_rate_percent"] == 50.0


def test_a_failed_call_leaves_no_answer(tmp_path: Path) -> None:
    _, result = run(tmp_path, log(tmp_path / "log.jsonl", SKY, SKY, status="failure"))

    assert result["hit_rate_percent"] == 0.0


def test_answers_expire_by_the_times_of_the_log(tmp_path: Path) -> None:
    rows = [{"prompt": SKY, "created": 1_700_000_000 + day * 86_400 * 2} for day in range(3)]
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    assert run(tmp_path, path)[1]["hit_rate_percent"] == 0.0
    assert run(tmp_path, path, "--ignore-times")[1]["hit_rate_percent"] == 66.67


def test_the_parts_that_keep_equal_prompts_apart_are_named(tmp_path: Path) -> None:
    cold = {"messages": [{"role": "user", "content": SKY}], "temperature": 0}
    briefed = {"messages": [{"role": "system", "content": "Brief."}, {"role": "user", "content": SKY}]}
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in (cold, {**cold, "temperature": 1}, briefed)))

    _, result = run(tmp_path, path)

    assert result["scope"]["misses_of_prompts_asked_in_another_scope"] == 2
    assert result["scope"]["parts_that_differ"] == {"temperature": 2, "system prompt": 1}


def test_bad_rows_are_named_and_the_rest_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = log(tmp_path / "log.jsonl", SKY, SKY)
    path.write_text(
        path.read_text() + "{broken\n" + json.dumps({"id": 1, "prompt": "a"}) + "\n" + '{"id":1,"prompt":"b"}'
    )

    code, result = run(tmp_path, path)

    assert (code, result["requests"]) == (2, 3)
    assert capsys.readouterr().err.splitlines() == [
        f"{path}:3: not JSON",
        f"{path}:5: has the id of an earlier row",
    ]


def test_a_log_without_requests_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("")

    with pytest.raises(ConfigurationError, match="no row holds a request"):
        run(tmp_path, path)


def test_a_killed_run_embeds_only_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 10)
    path = log(tmp_path / "log.jsonl", *(f"question number{n} of{n} many{n}" for n in range(40)))
    arguments = [str(path), "--work", str(tmp_path), "--quiet", "--no-budgets"]
    with pytest.raises(ConfigurationError, match="killed"):
        estimate(arguments, {}, Counting(limit=25))

    second = Counting()
    assert estimate(arguments, {}, second) == 0

    assert second.count == 20
    assert list(tmp_path.glob("*.vectors")) == []


def test_a_killed_run_judges_only_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 10)
    judged: list[str] = []
    judge = Gate.judge

    def counted(gate: Gate, asked: str, stored: str, similarity: float, odds: float = 1.0) -> Verdict:
        judged.append(asked)
        return judge(gate, asked, stored, similarity, odds)

    monkeypatch.setattr(Gate, "judge", counted)
    prompts = [f"{start} the quick fox number {n}" for n in range(20) for start in ("is", "was", "is")]
    path = log(tmp_path / "log.jsonl", *prompts)
    out, arguments = tmp_path / "out.json", [str(path), "--work", str(tmp_path), "--quiet"]
    whole = [*arguments, "--json", str(out)]
    assert estimate(whole, {}, WordEmbedder()) == 0
    expected, all_judged = json.loads(out.read_text()), len(judged)
    judged.clear()
    with pytest.raises(ConfigurationError, match="killed"):
        estimate(arguments, {}, Counting(limit=30))
    before = len(judged)
    assert 0 < before < all_judged

    assert estimate(whole, {}, WordEmbedder()) == 0

    assert json.loads(out.read_text()) == expected
    assert len(judged) == all_judged
    assert list(tmp_path.glob("estimate-*")) == []


def test_kept_judgements_are_those_of_one_gate_and_one_text(tmp_path: Path) -> None:
    path, near = tmp_path / "kept", [Candidate(entry("one"), 0.9), Candidate(entry("two"), 0.8)]
    first = KeptJudgements(path)
    judged = Judged(first, "strict")
    assert judged.known("asked", near, is_extract=False) is None
    judged.note([(near[0], Verdict(False, 0.25, "numbers")), (near[1], Verdict(True, 0.75))])
    assert judged.known("other", near, is_extract=False) is None
    judged.note([(near[1], Verdict(True, 0.75))])
    first.close()
    with path.open("ab") as file:
        file.write(b"half")

    second = KeptJudgements(path)
    again = Judged(second, "strict")
    found = again.known("asked", near[::-1], is_extract=False)
    others = [
        again.known("other", near, is_extract=False),
        again.known("asked", near, is_extract=True),
        again.known("asked", near[:1], is_extract=False),
        Judged(second, "loose").known("asked", near, is_extract=False),
    ]
    second.remove()

    assert found is not None
    assert [(each.prompt, each.verdict) for each in found] == [
        ("one", Verdict(False, 0.25, "confidence")),
        ("two", Verdict(True, 0.75)),
    ]
    assert others == [None] * 4
    assert not path.exists()


@pytest.mark.anyio
async def test_half_a_record_of_a_killed_run_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    first = KeptVectors(WordEmbedder(), path)
    expected = [vector for vector in await first.embed_many(["a", "b"]) if not isinstance(vector, Exception)]
    await first.aclose()
    with path.open("ab") as file:
        file.write(b"half")

    second = KeptVectors(Counting(limit=0), path)
    found = [await second.embed("a"), await second.embed("b")]
    second.remove()

    assert [vector.tolist() for vector in found] == [vector.tolist() for vector in expected]


def test_rows_after_the_full_ones_are_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "FULL_ROWS", 100)
    monkeypatch.setattr(running, "SAMPLED_ROWS", 100)
    monkeypatch.setattr(running.run, "__kwdefaults__", {"has_budgets": False, "full_rows": 100})
    prompts = [f"question q{n} r{n} s{n}" for n in range(400)]
    path = log(tmp_path / "log.jsonl", *prompts, *prompts)

    _, result = run(tmp_path, path, "--no-budgets")

    low, high = result["hit_rate_percent_95"]
    assert result["rows"]["read"] == 800
    assert 0 < result["sampled_rows"] < 300
    assert result["exact_percent"] == pytest.approx(50, abs=5)
    assert low <= result["hit_rate_percent"] <= high


def test_reports_escape_prompts_and_cells_begin_no_formula(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", EVIL, f"{EVIL} ", "x")
    html, pairs = tmp_path / "out.html", tmp_path / "pairs.csv"

    run(tmp_path, path, "--html", html, "--pairs", pairs)

    assert "<script>alert" not in html.read_text()
    assert all(not each.startswith("=") for row in csv.reader(pairs.read_text().splitlines()) for each in row)


def test_a_pair_without_a_logged_answer_shows_none(tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_text("How do I reset my password?\nHow can I reset my password?\n")

    _, result = run(tmp_path, path, "--no-budgets")

    assert [pair["answer"] for pair in result["riskiest_pairs"]] == [""]


def _pairs(count: int) -> list[Pair]:
    return [Pair(0.1, f"{n}", "a", "b", "c", 0.9) for n in range(count)]


def test_verdicts_bound_the_wrong_hits() -> None:
    given = {"0": "wrong", "1": "right"}

    few = verdicts.bound(_pairs(2), given, semantic=2, hits=10)
    many = verdicts.bound(_pairs(2), given, semantic=50, hits=100)

    assert few is not None
    assert (few.judged, few.wrong, few.upper, few.upper_of_hits) == (2, 1, 0.5, 0.1)
    assert many is not None
    assert many.upper == pytest.approx(0.9055, abs=0.001)
    assert verdicts.bound(_pairs(2), {}, semantic=2, hits=2) is None


def test_verdicts_of_a_killed_run_are_kept(tmp_path: Path) -> None:
    said = iter(["y"])

    with pytest.raises(StopIteration):
        verdicts.ask(_pairs(5), {}, tmp_path / "v.json", lambda _: next(said), lambda _: None)

    assert verdicts.load(tmp_path / "v.json") == {"0": "right"}


def test_pairs_are_judged_in_the_terminal(tmp_path: Path) -> None:
    said, shown = iter(["y", "n", "s", "q"]), list[str]()

    given = verdicts.ask(_pairs(5), {}, tmp_path / "v.json", lambda _: next(said), shown.append)

    assert given == {"0": "right", "1": "wrong"} == verdicts.load(tmp_path / "v.json")
    assert len(shown) == 4


def test_an_unclosed_quote_is_named_and_the_rest_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f'prompt,model\n{SKY},m\n"open,m\n{SKY},m\n')

    code, result = run(tmp_path, path)

    assert (code, result["requests"], result["exact_percent"]) == (2, 2, 50.0)
    assert capsys.readouterr().err == f"{path}:3: a quote that opens in this row is not closed as CSV wants it\n"


def test_a_missing_log_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^there is no file .*gone\.jsonl$"):
        run(tmp_path, tmp_path / "gone.jsonl")


def test_each_figure_of_the_json_and_the_guide_is_explained(tmp_path: Path) -> None:
    _, result = run(tmp_path, log(tmp_path / "log.jsonl", SKY))
    guide = (Path(web.__file__).parent / "guide" / "adoption.md").read_text("utf-8")

    assert result.keys() == result["meanings"].keys() == meanings.MEANINGS.keys()
    assert result["shares_percent"].keys() == meanings.SHARES.keys()
    explained = meanings.MEANINGS | meanings.SHARES
    assert [name for name, text in explained.items() if f"| `{name}` | {text} |" not in guide] == []


def test_the_table_and_the_report_hold_no_internal_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, html = log(tmp_path / "log.jsonl", SKY, SKY, SAME, "tell me a joke"), tmp_path / "out.html"

    run(tmp_path, path, "--html", html)

    for text in (capsys.readouterr().out, html.read_text()):
        assert re.findall(r"novelty|volatile|unlogged|bypass|own_|>-<|^ +- ", text) == []
