from __future__ import annotations

import logging
import re
from io import StringIO

import pytest

from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.text_logs import TextFormatter, TextRecorder
from tests.support.fakes import FakeClock

HIT = Answered(
    "/v1/query",
    "hit_semantic",
    200,
    9.81,
    detail="semantic",
    provider="groq",
    model="m",
    similarity=0.934,
    saved_usd=0.00012,
)
MISS = Answered("/v1/query", "miss", 200, 812.0, provider="groq", model="m", cost_usd=0.00012)
REFUSED = Answered("/v1/query", "refused", 429, 0.2, detail="rate_limit_exceeded")


def written(answered: Answered, *, coloured: bool = False) -> str:
    out = StringIO()
    TextRecorder(out, FakeClock(0.0), coloured=coloured).record(answered)
    [line] = out.getvalue().splitlines(keepends=True)
    return re.sub(r"\d\d:\d\d:\d\d", "TIME", line)


@pytest.mark.parametrize(
    ("answered", "line"),
    [
        (
            HIT,
            "TIME  200  hit_semantic                   9.8 ms  /v1/query  groq/m  similarity 0.93  saved $0.000120\n",
        ),
        (MISS, "TIME  200  miss                         812.0 ms  /v1/query  groq/m  cost $0.000120\n"),
        (REFUSED, "TIME  429  refused:rate_limit_exceeded       0.2 ms  /v1/query\n"),
    ],
)
def test_an_answer_is_one_short_line(answered: Answered, line: str) -> None:
    assert written(answered) == line


@pytest.mark.parametrize(("answered", "colour"), [(HIT, 32), (MISS, 33), (REFUSED, 31)])
def test_the_outcome_has_its_colour_on_a_terminal(answered: Answered, colour: int) -> None:
    assert f"\x1b[{colour}m{answered.outcome}" in written(answered, coloured=True)


def test_a_model_cannot_steer_the_terminal() -> None:
    line = written(MISS._replace(model="m\x1b[2J\nforged"))

    assert "groq/m?[2J?forged" in line
    assert line.count("\n") == 1


def test_an_event_is_a_line_with_its_fields() -> None:
    record = logging.makeLogRecord({"levelno": 30, "levelname": "WARNING", "msg": "store.unavailable", "created": 0.0})
    record.fields = {"reason": "no answer", "text": "a\nb"}

    line = TextFormatter(coloured=False).format(record)

    assert re.sub(r"^[\d:]+", "TIME", line) == "TIME  warning  store.unavailable reason=no answer text=a?b"
