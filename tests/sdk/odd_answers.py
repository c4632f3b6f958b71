"""Answers of upstream servers with odd usage, deltas, ends and tool calls, in the shape of `habits.py`."""

from __future__ import annotations

from typing import Any

from tests.sdk.habits import (
    BILL,
    BOTH,
    CALL,
    FIRST,
    ORDINARY,
    PIECES,
    REST,
    SECOND,
    STOP,
    TEXT,
    TOOLS,
    USAGE,
    Habit,
    body,
    call,
    calls,
    chunk,
    dumped,
    events,
    message,
    says,
    streamed,
    whole,
)

PARTS = [{"type": "text", "text": TEXT}]


def billed(**usage: Any) -> Habit:
    """Answer in the ordinary way with this usage."""
    return says(None, FIRST, REST, STOP, {**BILL, "usage": usage}, usage=usage)


def placed(index: Any) -> Habit:
    """Answer in the ordinary way under this index of the choice; without one if it is "none"."""

    def moved(each: dict[str, Any]) -> dict[str, Any]:
        choices = [{**choice, "index": index} for choice in each["choices"]]
        return {**each, "choices": [{k: v for k, v in one.items() if v != "none"} for one in choices]}

    return Habit(whole(dumped(moved(body()))), streamed(events(*map(moved, (FIRST, REST, STOP)), BILL)))


def reads(*deltas: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return (*map(chunk, deltas), STOP, BILL)


ODD: dict[str, Habit] = {
    # Usage
    "usage-with-choices-null": says(None, FIRST, REST, STOP, {**BILL, "choices": None}),
    "usage-without-choices": says(None, FIRST, REST, STOP, {k: v for k, v in BILL.items() if k != "choices"}),
    "usage-of-groq-alone": says(None, FIRST, REST, {**STOP, "x_groq": {"usage": USAGE}}),
    "usage-in-the-choice": says(
        None, FIRST, REST, {**STOP, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]}
    ),
    "usage-first": says(None, BILL, FIRST, REST, STOP),
    "usage-that-grows": says(
        None, {**FIRST, "usage": {**USAGE, "completion_tokens": 1}}, REST, {**STOP, "usage": USAGE}
    ),
    "usage-as-text": billed(prompt_tokens="5", completion_tokens="3", total_tokens="8"),
    "usage-as-fractions": billed(prompt_tokens=5.0, completion_tokens=3.0, total_tokens=8.0),
    "usage-below-zero": billed(prompt_tokens=-1, completion_tokens=3, total_tokens=2),
    "usage-huge": billed(prompt_tokens=10**30, completion_tokens=10**30, total_tokens=2 * 10**30),
    "usage-half": billed(completion_tokens=3),
    "usage-null-inside": billed(prompt_tokens=None, completion_tokens=3, total_tokens=None),
    "usage-empty": billed(),
    "usage-a-list": says(None, FIRST, REST, STOP, {**BILL, "usage": [5, 3]}, usage=[5, 3]),
    # Deltas and messages
    "reasoning-with-details": says(
        message(TEXT, reasoning="Hm.", reasoning_details=[{"type": "reasoning.text", "text": "Hm."}]),
        *reads(
            {
                "role": "assistant",
                "content": "",
                "reasoning": "Hm.",
                "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "index": 0}],
            },
            {"content": TEXT},
        ),
    ),
    "reasoning-alone": says(
        message(None, reasoning_content="Hm."),
        chunk({"reasoning_content": "Hm."}),
        chunk({}, "length"),
        BILL,
        reason="length",
    ),
    "reasoning-null-later": says(
        message(TEXT, reasoning_content=None),
        *reads(
            {"role": "assistant", "content": None, "reasoning_content": "Hm."},
            {"content": TEXT, "reasoning_content": None},
        ),
    ),
    "content-in-parts": says(message(PARTS), *reads({"role": "assistant", "content": PARTS})),
    "role-model": says({"role": "model", "content": TEXT}, *reads({"role": "model", "content": TEXT})),
    "role-null": says({"role": None, "content": TEXT}, *reads({"role": None, "content": TEXT})),
    "delta-and-message": says(
        None,
        *(
            {**each, "choices": [{**each["choices"][0], "message": message("The capital")}]}
            for each in (FIRST, REST, STOP)
        ),
        BILL,
    ),
    "citations": says(None, *({**each, "citations": ["https://a.example"]} for each in ORDINARY), citations=["x"]),
    "logprobs": says(
        None,
        *({**each, "choices": [{**one, "logprobs": {"content": []}} for one in each["choices"]]} for each in ORDINARY),
    ),
    "index-one": placed(1),
    "index-null": placed(None),
    "index-as-text": placed("0"),
    "index-missing": placed("none"),
    "ids-that-change": says(None, *({**each, "id": f"x-{place}"} for place, each in enumerate(ORDINARY))),
    "created-a-fraction": says(None, *({**each, "created": 1.5} for each in ORDINARY), created=1.5),
    "created-as-text": says(None, *({**each, "created": "now"} for each in ORDINARY), created="now"),
    "model-empty": says(None, *({**each, "model": ""} for each in ORDINARY), model=""),
    "text-after-the-end": says(None, FIRST, STOP, REST, BILL),
    "reason-twice": says(None, FIRST, REST, STOP, STOP, BILL),
    "reason-in-every-chunk": says(
        None, chunk({"content": "The capital"}, "stop"), chunk({"content": " is Paris."}, "stop")
    ),
    "reason-unknown": says(None, FIRST, REST, chunk({}, "done_by_magic"), BILL, reason="done_by_magic"),
    "reason-error": says(None, FIRST, REST, chunk({}, "error"), BILL, reason="error"),
    "reason-number": says(None, FIRST, REST, chunk({}, 1), BILL, reason=1),
    "two-choices": says(
        None,
        *ORDINARY[:3],
        {**chunk(), "choices": [{"index": 1, "delta": {"content": "Two"}, "finish_reason": "stop"}]},
        BILL,
    ),
    # Tool calls
    "calls-out-of-order": says(
        BOTH,
        *calls([{**SECOND, "index": 1}], [{**CALL, "index": 0}]),
        reason="tool_calls",
    ),
    "calls-interleaved": says(
        message(None, tool_calls=[{**CALL, "id": "a"}, {**CALL, "id": "b"}]),
        *calls(
            [call(0, id="a", type="function", function={"name": "f", "arguments": ""})],
            [call(1, id="b", type="function", function={"name": "f", "arguments": ""})],
            [call(1, function={"arguments": '{"a"'})],
            [call(0, function={"arguments": '{"a":'})],
            [call(1, function={"arguments": ":1}"})],
            [call(0, function={"arguments": "1}"})],
        ),
        reason="tool_calls",
    ),
    "call-from-index-one": says(TOOLS, *calls([{**CALL, "index": 1}]), reason="tool_calls"),
    "call-index-as-text": says(TOOLS, *calls(*([{**piece, "index": "0"}] for piece in PIECES)), reason="tool_calls"),
    "call-id-in-every-piece": says(
        TOOLS, *calls([PIECES[0]], *([{**p, "id": ""}] for p in PIECES[1:])), reason="tool_calls"
    ),
    "call-nulls-in-later-pieces": says(
        TOOLS,
        *calls(
            [PIECES[0]],
            *([{**p, "id": None, "type": None, "function": {"name": None, **p["function"]}}] for p in PIECES[1:]),
        ),
        reason="tool_calls",
    ),
    "call-arguments-object": says(
        message(None, tool_calls=[{**CALL, "function": {"name": "f", "arguments": {"a": 1}}}]),
        *calls([{**CALL, "index": 0, "function": {"name": "f", "arguments": {"a": 1}}}]),
        reason="tool_calls",
    ),
    "call-arguments-null": says(
        message(None, tool_calls=[{**CALL, "function": {"name": "f", "arguments": None}}]),
        *calls([{**CALL, "index": 0, "function": {"name": "f", "arguments": None}}]),
        reason="tool_calls",
    ),
    "call-without-id": says(
        message(None, tool_calls=[{"type": "function", "function": CALL["function"]}]),
        *calls([{"index": 0, "type": "function", "function": CALL["function"]}]),
        reason="tool_calls",
    ),
    "text-and-calls": says(
        message("Let me see.", tool_calls=[CALL]),
        chunk({"role": "assistant", "content": "Let me see."}),
        chunk({"tool_calls": [{**CALL, "index": 0}]}),
        chunk({}, "tool_calls"),
        BILL,
        reason="tool_calls",
    ),
    "tool-calls-null": says(message(TEXT, tool_calls=None), *reads({"content": TEXT, "tool_calls": None})),
    "reason-tool-calls-then-stop": says(TOOLS, *calls([{**CALL, "index": 0}])[:-1], STOP, BILL, reason="stop"),
    "content-a-number": says(message(5), *reads({"content": 5})),
}
