from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sentinel_core.app.estimate import calls
from sentinel_core.app.estimate.calls import Call, NoCall
from sentinel_core.chat.messages import Usage

MESSAGES = [{"role": "user", "content": "Why is the sky blue?"}]
ANSWER = {"role": "assistant", "content": "Scattering."}
RESPONSE = {
    "choices": [{"message": ANSWER, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 7},
}
LITELLM = {
    "request_id": "r1",
    "call_type": "acompletion",
    "spend": 0.002,
    "prompt_tokens": 5,
    "completion_tokens": 7,
    "startTime": "2026-11-01 10:00:00",
    "endTime": "2026-11-01 10:00:02",
    "model": "gpt-4o",
    "custom_llm_provider": "openai",
    "user": "default_user_id",
    "end_user": "ann",
    "metadata": "{}",
    "messages": "{}",
    "response": json.dumps(RESPONSE),
    "proxy_server_request": json.dumps({"model": "gpt-4o", "messages": MESSAGES, "litellm_call_id": "x"}),
}
HELICONE = {
    "Request ID": "r1",
    "request_created_at": "2026-11-01T10:00:00Z",
    "request_body": {"model": "gpt-4o", "messages": MESSAGES},
    "response_body": RESPONSE,
    "delay_ms": 2000,
    "costUSD": 0.002,
    "response_status": 200,
}
LANGFUSE = {
    "id": "r1",
    "type": "GENERATION",
    "name": "answer",
    "startTime": "2026-11-01T10:00:00.000Z",
    "endTime": "2026-11-01T10:00:02.000Z",
    "model": "gpt-4o",
    "modelParameters": {"temperature": "0.2", "max_tokens": "inf"},
    "input": MESSAGES,
    "output": ANSWER,
    "usage": {"input": 5, "output": 7},
    "calculatedTotalCost": 0.002,
}


def call(row: object) -> Call:
    found = calls.call(row)
    assert isinstance(found, Call)
    return found


def facts(found: Call) -> tuple[Any, ...]:
    return found.answer, found.usage, found.seconds, found.cost_usd, found.time, found.id


@pytest.mark.parametrize("row", [LITELLM, HELICONE, LANGFUSE])
def test_logs_of_three_products_give_the_same_facts(row: dict[str, Any]) -> None:
    found = call(row)

    assert facts(found) == (ANSWER, Usage(5, 7), 2.0, 0.002, 1_793_527_200.0, "r1")
    assert [message.content for message in found.body.messages] == ["Why is the sky blue?"]
    assert found.body.model == "gpt-4o"
    assert found.is_failed is False


def test_a_row_of_cells_gives_the_same_call() -> None:
    cells = {name: value if isinstance(value, str) else json.dumps(value) for name, value in LANGFUSE.items()}

    assert call(cells) == call(LANGFUSE)


def test_parameters_beside_a_request_are_part_of_it() -> None:
    request = call(LANGFUSE).body.request("openai", "gpt-4o")

    assert dict(request.params) == {"temperature": 0.2}
    assert call(LITELLM).body.request("openai", "gpt-4o").hints == {"user": "ann"}


@pytest.mark.parametrize(
    "row",
    [
        "Why is the sky blue?",
        MESSAGES,
        {"prompt": "Why is the sky blue?"},
        {"Question": "Why is the sky blue?"},
        {"messages": MESSAGES},
        {"request": {"messages": MESSAGES}},
        {"request": {"body": {"messages": MESSAGES}}},
        {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": MESSAGES}},
    ],
)
def test_requests_are_found_in_many_places(row: object) -> None:
    assert call(row).body.request("p", "m").messages == tuple(MESSAGES)


def test_a_system_prompt_beside_the_prompt_comes_first() -> None:
    request = call({"prompt": "Hello", "system_prompt": "Be brief."}).body.request("p", "m")

    assert [message["role"] for message in request.messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (5, "a row is a JSON object or a text"),
        ({}, "holds no prompt"),
        ({"prompt": "  "}, "holds no prompt"),
        (
            {"call_type": "acompletion", "messages": "{}", "spend": 1},
            "holds no prompt: LiteLLM logs them with store_prompts_in_spend_logs",
        ),
        (
            {"messages": MESSAGES, "temperature": 7},
            "not a chat request: temperature: Input should be less than or equal to 2",
        ),
    ],
)
def test_rows_without_a_request_are_refused_with_the_reason(row: object, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        call(row)


@pytest.mark.parametrize("row", [{**LANGFUSE, "type": "SPAN"}, {**LITELLM, "call_type": "aembedding"}])
def test_rows_that_are_no_calls_to_a_chat_model_are_left_out(row: dict[str, Any]) -> None:
    assert isinstance(calls.call(row), NoCall)


@pytest.mark.parametrize(
    "failure",
    [{"response_status": 500}, {"status": "failure"}, {"level": "ERROR"}, {"response": {"error": {"message": "no"}}}],
)
def test_failed_calls_are_known(failure: dict[str, Any]) -> None:
    assert call({"messages": MESSAGES, **failure}).is_failed is True
