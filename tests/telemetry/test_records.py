from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from sentinel_core.telemetry.logs import BufferedLines, JsonFormatter, LogRecorder, log_with
from sentinel_core.telemetry.records import Answered
from tests.support.fakes import FakeClock

FACTS = Answered(
    "/v1/query", "hit_semantic", 200, 3.5, "semantic", "fake", "small", avoided_tokens=12, cost_usd=0.0,
    saved_usd=0.25, similarity=0.97, timings_ms={"store": 0.5, "embed": 2.0}, request_id="abc",
)  # fmt: skip
TIME = 1_000_000.25


class Written(list[str]):
    """An output that keeps each piece by itself."""

    def write(self, text: str, /) -> None:
        self.append(text)


def _line(answered: Answered) -> dict[str, object]:
    out = StringIO()
    LogRecorder(out, FakeClock(TIME)).record(answered)
    [line] = out.getvalue().splitlines()
    assert out.getvalue() == line + "\n"
    told: dict[str, object] = json.loads(line)
    return told


def test_a_line_tells_every_fact_that_is_one() -> None:
    assert _line(FACTS) == {
        "time": "1970-01-12T13:46:40.250+00:00", "level": "info", "event": "answer.sent", "route": "/v1/query",
        "outcome": "hit_semantic", "status": 200, "latency_ms": 3.5, "detail": "semantic", "provider": "fake",
        "model": "small", "prompt_tokens": 0, "completion_tokens": 0, "avoided_tokens": 12, "cost_usd": 0.0,
        "saved_usd": 0.25, "similarity": 0.97, "timings_ms": {"store": 0.5, "embed": 2.0}, "request_id": "abc",
    }  # fmt: skip


def test_what_cost_nothing_and_what_has_no_price_look_different() -> None:
    free, unknown = (_line(Answered("/", "miss", 200, 1.0, cost_usd=cost)) for cost in (0.0, None))

    assert free["cost_usd"] == 0.0
    assert "cost_usd" not in unknown


@pytest.mark.anyio
async def test_lines_of_one_moment_are_written_at_once_in_their_order() -> None:
    written = Written()
    lines = BufferedLines(written, seconds=0.0)
    for line in ("one\n", "two\n"):
        lines.write(line)
    assert written == []
    await asyncio.sleep(0.01)
    lines.write("three\n")
    lines.flush()
    await asyncio.sleep(0.01)

    assert written == ["one\ntwo\n", "three\n"]


@pytest.mark.anyio
async def test_the_line_of_an_answer_is_the_same_where_it_is_written_later(clock: FakeClock) -> None:
    at_once, later = Written(), Written()
    lines = BufferedLines(later)
    for out in (at_once, lines):
        LogRecorder(out, clock).record(FACTS._replace(prompt="half a pair: \ud83d"))
    clock.advance(9.0)
    lines.flush()

    assert later == at_once
    assert json.loads(later[0])["prompt"] == "half a pair: \ud83d"


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("sentinel")
    handlers, level, ours_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(ours_level)


@pytest.mark.usefixtures("logging_restored")
def test_events_and_warnings_of_libraries_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log_with(JsonFormatter(), "info")
    logging.getLogger("sentinel").info("store.failed", extra={"fields": {"step": "load", "error": KeyError("x")}})
    logging.getLogger("sentinel").debug("not.told")
    logging.getLogger("elsewhere").warning("odd %s", "thing")
    logging.getLogger("elsewhere").info("not told")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [{key: line[key] for key in line if key != "time"} for line in lines] == [
        {"level": "info", "event": "store.failed", "step": "load", "error": "'x'"},
        {"level": "warning", "event": "odd thing"},
    ]


def test_an_exception_is_told_by_its_name_only() -> None:
    info = (ValueError, ValueError("secret"), None)
    record = logging.LogRecord("sentinel", logging.ERROR, "x.py", 1, "request.crashed", (), info)
    line = json.loads(JsonFormatter().format(record))

    assert {key: line[key] for key in line if key != "time"} == {
        "level": "error", "event": "request.crashed", "error": "ValueError",
    }  # fmt: skip
