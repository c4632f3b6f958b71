"""Replays with a judge: an oracle's errors, what its words change, and how often it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel_core.cache.odds import JudgeErrors
from sentinel_core.cache.pairs import Relation
from sentinel_core.matching.evaluation.cli import BAD_INPUT, PASSED, main
from sentinel_core.matching.evaluation.judged import JudgedDecider, Oracle, Words, errors_of, oracle
from sentinel_core.matching.evaluation.records import Request
from sentinel_core.matching.evaluation.replay import replay
from sentinel_core.matching.gate import Gate
from tests.matching.evaluation.test_cli import WordEmbedder
from tests.support.fakes import word_vector

TOPICS = ("machine", "deep", "reinforcement", "transfer")


def stream(kind: str, same: bool) -> list[Request]:
    """Prompts that share all words but one; equal answers for all of them, or one for each topic."""
    prompts = [f"what is {topic} learning number {n}" for n in range(30) for topic in TOPICS]
    return [Request(prompt, "one" if same else prompt, kind, "", "") for prompt in prompts]


def decider(records: list[Request], errors: JudgeErrors) -> JudgedDecider:
    vectors = {record.prompt: word_vector(record.prompt) for record in records}
    vectors |= {text.lower(): vector for text, vector in vectors.items()}
    return JudgedDecider(vectors, Gate(), judge=Oracle(errors), errors=errors)


def test_an_oracle_errs_as_often_as_it_says_and_always_alike() -> None:
    judge = Oracle(JudgeErrors(0.02, 0.08))
    wrong = sum(judge(str(n), "b", False) is Relation.SAME for n in range(5_000))
    missed = sum(judge(str(n), "b", True) is Relation.DIFFERENT for n in range(5_000))

    assert wrong / 5_000 == pytest.approx(0.02, abs=0.006)
    assert missed / 5_000 == pytest.approx(0.08, abs=0.012)
    assert judge("1", "b", True) is judge("1", "b", True)
    assert [Oracle(JudgeErrors(0, 0))("a", "b", same) for same in (True, False)] == [Relation.SAME, Relation.DIFFERENT]


@pytest.mark.parametrize(("text", "found"), [("oracle:0.1,0.2", Oracle(JudgeErrors(0.1, 0.2))), ("groq/llama", None)])
def test_an_oracle_is_named_with_its_errors(text: str, found: Oracle | None) -> None:
    assert oracle(text) == found


@pytest.mark.parametrize("text", ["oracle", "oracle:1,0", "oracle:a,b", "oracle:0.5,0.6", "oracle:-1,0", "oracle:0"])
def test_other_oracles_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  Python's own messages among them
        oracle(text)


def test_equal_prompts_become_hits_and_traps_do_not() -> None:
    errors = JudgeErrors(0.0, 0.0)
    for same in (True, False):
        records = stream("s", same)
        found = replay(records, one := decider(records, errors), 0.6)
        hits = [outcome for _, outcome in found if outcome.hit]
        assert all(outcome.right for outcome in hits)
        assert (len(hits) > 60) is same
        assert one.calls["s"] <= len(records)


def test_a_pair_is_asked_about_once() -> None:
    records = stream("s", same=False)
    one = decider(records, JudgeErrors(0.0, 0.0))
    replay([*records, *records], one, 0.6)

    assert one.calls["s"] == len(one.words) > 0
    assert errors_of(one) == f"0/{one.calls['s']},0/0"


def test_the_command_prints_the_judges_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(json.dumps({"prompt": each.prompt, "answer_id": "1"}) for each in stream("s", same=True)))

    assert main([str(file), "--no-curve", "--judge", "oracle:0,0"], WordEmbedder()) == PASSED
    printed = capsys.readouterr().out
    assert "with the judge" in printed
    assert "SENTINEL_JUDGE_ERRORS=0/0,0/" in printed
    assert main([str(file), "--no-curve", "--judge", "oracle:2,0"], WordEmbedder()) == BAD_INPUT
    assert main([str(file), "--no-curve", "--judge", "nowhere/model"], WordEmbedder()) == BAD_INPUT
    with pytest.raises(SystemExit):
        main([str(file), "--orders", "0"], WordEmbedder())
    assert capsys.readouterr().out == ""  # a wrong judge is named before minutes of replay, not after


def test_a_model_judges_where_one_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, asked = tmp_path / "s.jsonl", list[str]()
    file.write_text("\n".join(json.dumps({"prompt": each.prompt, "answer_id": "1"}) for each in stream("s", same=True)))

    class Judges:
        def find(self, name: str) -> Words:
            return self.word

        def word(self, prompt: str, stored: str, same: bool) -> Relation | None:
            asked.append(prompt)
            return None

    assert main([str(file), "--no-curve", "--judge", "groq/m"], WordEmbedder(), Judges()) == PASSED
    assert asked
    assert "with the judge" in capsys.readouterr().out
