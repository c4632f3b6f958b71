from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benches import client, report, soak, store_faults
from scripts.benches.soak_report import CALM, Lost, Phase, by_fault, by_minute, in_all
from scripts.benches.soak_traffic import Answer, CacheRequest, Weight, judged
from scripts.benches.stub import ANSWER, ASKED

QUERY = CacheRequest("query", "stub-10ms", "Where is Oslo?")
STREAM = QUERY._replace(door="stream")
EXACT, SEMANTIC = "sentinel; hit; detail=exact", "sentinel; hit; detail=semantic"


def reply(body: bytes, cache_status: str, status: int = 200) -> client.Reply:
    head = f"HTTP/1.1 {status} OK\r\nCache-Status: {cache_status}".encode()
    return client.Reply(status, head, body, first_seconds=0.1, seconds=0.2)


def told(asked: str, *, model: str = "stub-10ms", matched: str | None = None, status: str = EXACT) -> client.Reply:
    body = {"response": ANSWER + ASKED + asked, "model": model, "matched_prompt": matched}
    return reply(json.dumps(body).encode(), status)


def streamed(*pieces: str, status: str = EXACT, last: str = "[DONE]") -> client.Reply:
    chunks = [json.dumps({"model": "stub-10ms", "choices": [{"delta": {"content": piece}}]}) for piece in pieces]
    return reply("".join(f"data: {event}\n\n" for event in (*chunks, last)).encode(), status)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (told("Where is Oslo?", status="sentinel; fwd=miss; stored"), False),
        (told("Where is Rome?", status="sentinel; fwd=miss; stored"), True),
        (told("Where is Oslo?"), False),
        (told("Where is Rome?"), True),
        (told("Where is Oslo?", model="stub-30ms"), True),
        (told("Oslo is where?", matched="Oslo is where?", status=SEMANTIC), False),
        (told("Where is Rome?", matched="Oslo is where?", status=SEMANTIC), True),
        (told("Where is Rome?", status=SEMANTIC), True),
        (told("Where is Rome?", matched="Where is Rome?", status="sentinel; fwd=stale; detail=exact"), True),
    ],
)
def test_an_answer_to_other_words_than_it_says_is_wrong(answer: client.Reply, wrong: bool) -> None:
    assert judged(QUERY, answer, 1.0, {"Where is Rome?"}).wrong is wrong


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (streamed(ANSWER, ASKED, "Where is Oslo?"), False),
        (streamed(ANSWER, ASKED, "Where is Rome?"), True),
        (streamed(ANSWER, ASKED, "Where is Rome?", status=SEMANTIC), False),
        (streamed(ANSWER, ASKED, "Where is Bonn?", status=SEMANTIC), True),
    ],
)
def test_a_stream_reused_for_other_words_answers_something_that_was_asked(answer: client.Reply, wrong: bool) -> None:
    assert judged(STREAM, answer, 1.0, {"Where is Rome?"}).wrong is wrong


def test_what_became_of_a_request_is_read_from_headers_and_errors() -> None:
    error = '{"error": {"code": "provider_timeout"}}'
    stored = told("Where is Oslo?", status="sentinel; fwd=request; stored; detail=no-cache")

    assert judged(QUERY, stored, 1.0) == Answer(1.0, 0.2, "asked", "no-cache", stored=True)
    assert judged(QUERY, told("Where is Oslo?"), 1.0) == Answer(1.0, 0.2, "hit", "exact")
    assert judged(QUERY, reply(error.encode(), "", 504), 1.0) == Answer(1.0, 0.2, "failed", "provider_timeout")
    broken = streamed("It is", status="sentinel; fwd=miss", last=error)
    assert judged(STREAM, broken, 1.0) == Answer(1.0, 0.2, "failed", "provider_timeout")


PHASES = [
    Phase(CALM, CALM, 0.0, 10.0),
    Phase("provider", "killed", 10.0, 15.0),
    Phase(CALM, CALM, 15.0, 30.0),
    Phase("store", "killed", 30.0, 35.0),
    Phase(CALM, CALM, 35.0, 50.0),
]


def failed(begun: float) -> Answer:
    return Answer(begun, 1.0, "failed", "provider_timeout")


@pytest.mark.parametrize(
    ("begun", "unexcused", "recovery"),
    [
        (8.0, 1, 0.0),
        (9.5, 0, 0.0),
        (12.0, 0, 0.0),
        (16.0, 0, 2.0),
        (21.0, 1, 7.0),
        (29.5, 1, 0.0),
        (32.0, 1, 0.0),
        (36.0, 1, 2.0),
    ],
)
def test_only_a_failing_provider_excuses_a_failure(begun: float, unexcused: int, recovery: float) -> None:
    rows = in_all([failed(begun)], PHASES, [Weight(1.0, 100.0, 9)], None)

    found = {row["what"]: row["is"] for row in rows}
    assert (found["failed that the provider did not fail"], found["slowest recovery, s"]) == (unexcused, recovery)


def test_memory_at_both_ends_is_compared() -> None:
    grown = [Weight(float(second), 100.0 if second < 100 else 106.0, 9) for second in range(200)]

    rows = {row["what"]: (row["is"], row["met"]) for row in in_all([], PHASES, grown, Lost(looked=7, lost=1))}

    assert rows["memory after warm-up, MB"] == (100.0, "")
    assert rows["memory at the end, MB"] == (106.0, "no")
    assert rows["of them lost"] == (1, "no")


def test_what_it_weighed_is_told_once_a_minute() -> None:
    weights = [Weight(10.0 + second, 100.0 + second, 9) for second in range(0, 100, 20)]

    assert by_minute(weights, begun=10.0) == [
        {"minute": 0, "memory MB": 100.0, "open files": 9},
        {"minute": 1, "memory MB": 160.0, "open files": 9},
    ]


def test_what_a_fault_adds_is_against_the_time_without_one() -> None:
    answers = [Answer(1.0, 0.010, "hit"), Answer(31.0, 0.050, "hit"), Answer(32.0, 0.9, "asked", "store-unavailable")]

    calm, _, store = by_fault(answers, PHASES)

    assert (calm["times"], calm["hit p50 ms"], calm["+p50 hit"]) == (3, 10.0, 0.0)
    assert (store["hit p50 ms"], store["+p50 hit"], store["asked"], store["recovered after s"]) == (50.0, 40.0, 1, 0.0)


def test_without_prompts_it_says_why_it_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--data", str(tmp_path)]) == 0

    assert "skipped, for there is no" in capsys.readouterr().out


def test_a_tiny_run_breaks_a_store_and_answers_nothing_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "OUT", tmp_path)
    monkeypatch.setattr(soak, "MANNERS", ("throttled",))
    monkeypatch.setattr(store_faults, "FAULTS", {"rubbish": store_faults.FAULTS["rubbish"]})
    flags = "--made --store redis --minutes 0.03 --calm 0.5 --fault 0.3 --rate 80 --ttl 60"

    soak.main(flags.split())

    tables = json.loads((tmp_path / "soak.json").read_text())["tables"]
    broken = [(row["broken"], row["how"]) for row in tables["By what was broken"]]
    assert broken[:3] == [(CALM, CALM), ("provider", "throttled"), ("store", "rubbish")]
    found = {row["what"]: row["is"] for row in tables["In all"]}
    assert found["stored entries looked for after a kill"] > 0
    assert (found["wrong answers"], found["of them lost"]) == (0, 0)
