from __future__ import annotations

import json
from typing import Any

import pytest

from sentinel_core.cache import soundness, storing
from sentinel_core.cache.directives import Directives
from sentinel_core.cache.schema_check import SchemaCheck
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import LONGEST_JSON
from tests.support.fakes import RULES, chat, completion

TOOLS: Any = [{"type": "function", "function": {"name": "f"}}]
SCHEMA: Any = {
    "type": "object",
    "required": ["city", "people"],
    "properties": {
        "city": {"type": "string", "enum": ["Paris", "Rome"]},
        "people": {"type": "integer"},
        "mayor": {"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}]},
        "parts": {"type": "array", "items": {"type": ["string", "null"]}},
        "kind": {"const": "capital"},
    },
    "$defs": {"person": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
}
OBJECT: Any = {"type": "json_object"}
STRICT: Any = {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": SCHEMA}}


def judged(text: str, **params: Any) -> Unstorable | None:
    return storing.unstorable(completion(text), chat(**params), Directives(), RULES)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        *((reason, None) for reason in ("stop", "eos", "end_turn", "STOP", "eos_token", "stop_sequence", "COMPLETE")),
        *((reason, Unstorable.TRUNCATED) for reason in ("length", "MAX_TOKENS", "max_output_tokens")),
        *((reason, Unstorable.FILTERED) for reason in ("content_filter", "SAFETY", "RECITATION")),
        *((reason, Unstorable.NOT_FINISHED) for reason in ("", "error", "abort", "pause_turn")),
    ],
)
def test_finish_reasons_count_in_every_spelling(reason: str, expected: Unstorable | None) -> None:
    assert storing.unstorable(completion(finish_reason=reason), chat(), Directives(), RULES) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think></think>", Unstorable.EMPTY),
        ("<think>\n\n</think>\n\n", Unstorable.EMPTY),
        ("<think>Paris, I think.</think>", Unstorable.EMPTY),
        ("<think>Paris, I th", Unstorable.NOT_FINISHED),
        ("<think>Paris.</think>Paris.", None),
        ("The tag <think> opens the thoughts.", None),
    ],
)
def test_an_answer_of_thoughts_alone_is_not_kept(text: str, expected: Unstorable | None) -> None:
    assert judged(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "f", "arguments": {}}</tool_call>',
        "<function=f>{}</function>",
        '[TOOL_CALLS][{"name": "f", "arguments": {}}]',
        "<|python_tag|>f()",
        "<｜tool▁calls▁begin｜>f",
        "<|channel|>commentary to=functions.f {}",
        "Paris.<|im_end|>",
        "<|im_start|>assistant\nParis.",
    ],
)
def test_a_tool_call_or_template_mark_in_the_text_is_not_kept(text: str) -> None:
    assert judged(text) is Unstorable.TOOL_CALL_TEXT


@pytest.mark.parametrize(
    "text",
    ['{"name": "f", "arguments": {}}', '```json\n[{"name": "f", "parameters": {}}]\n```', "Let me: <tool_call>f"],
)
def test_a_call_written_as_text_counts_where_tools_were_given(text: str) -> None:
    assert judged(text, tools=TOOLS) is Unstorable.TOOL_CALL_TEXT
    assert judged(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("Error: upstream timed out", "Internal Server Error", "error code: 1015", "API error (500)"),
        *(
            "Rate limit exceeded. Please try again.",
            "429 Too Many Requests",
            "Service Unavailable",
            "An error occurred.",
        ),
        *("The model is currently overloaded.", '{"error": {"message": "no"}}', '{"error": "x", "code": 500}'),
        "<html><head><title>502 Bad Gateway</title></head></html>",
        "upstream connect error or disconnect/reset before headers",
    ],
)
def test_a_servers_error_with_status_200_is_not_kept(text: str) -> None:
    assert judged(text) is Unstorable.ERROR_TEXT


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Errors are values.",
            "A 404 means that nothing is there.",
            "The error was mine.",
            '{"error": 0.1, "mean": 2}',
        ),
        *(
            "Too many cooks spoil the broth.",
            "<html><body>Hi</body></html>",
            "Services are available.",
            "500 people came.",
        ),
        "Error: " + "a long explanation of what this log line says, " * 10,
    ],
)
def test_an_answer_about_errors_is_kept(text: str) -> None:
    assert judged(text) is None


@pytest.mark.parametrize("text", ["{}", ' {"a": [1]}\n'])
def test_an_object_satisfies_json_mode(text: str) -> None:
    assert judged(text, response_format=OBJECT) is None


@pytest.mark.parametrize("text", ["[1]", "Here: {}", "```json\n{}\n```", '{"a": 1', "7", "[" * 100_000])
def test_anything_but_an_object_breaks_json_mode(text: str) -> None:
    assert judged(text, response_format=OBJECT) is Unstorable.FORMAT
    assert judged(text, response_format={"type": "text"}) is None


GOOD: Any = {"city": "Paris", "people": 2_000_000, "mayor": {"name": "A"}, "parts": ["a", None], "kind": "capital"}


@pytest.mark.parametrize("changes", [{}, {"mayor": None}, {"people": 2.0}, {"more": 1}])
def test_an_answer_that_fits_its_schema_is_kept(changes: dict[str, Any]) -> None:
    assert judged(json.dumps(GOOD | changes), response_format=STRICT) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"city": "Oslo"}, {"city": 1}, {"people": "2"}, {"people": 1.5}, {"people": True}, {"mayor": {}},
        {"mayor": {"name": 1}}, {"parts": [1]}, {"parts": {}}, {"kind": "town"},
    ],
)  # fmt: skip
def test_an_answer_that_breaks_its_schema_is_not_kept(changes: dict[str, Any]) -> None:
    assert judged(json.dumps(GOOD | changes), response_format=STRICT) is Unstorable.FORMAT


@pytest.mark.parametrize("missing", ["city", "people"])
def test_a_missing_required_field_breaks_the_schema(missing: str) -> None:
    text = json.dumps({name: value for name, value in GOOD.items() if name != missing})
    assert judged(text, response_format=STRICT) is Unstorable.FORMAT


@pytest.mark.parametrize(
    "schema",
    [
        None, [], {"$ref": "#"}, {"$ref": "#/x"}, {"$ref": 1}, {"type": 1}, {"required": 1}, {"properties": []},
        {"anyOf": 1}, {"items": 1}, {"type": ["odd"]},
    ],
)  # fmt: skip
def test_an_odd_schema_lets_every_json_pass(schema: Any) -> None:
    wanted: Any = {"type": "json_schema", "json_schema": {"schema": schema}}
    assert not soundness.breaks_format('{"a": {"b": []}}', chat(response_format=wanted))


def test_a_schema_made_to_take_for_ever_is_given_up() -> None:
    never: Any = {"anyOf": [{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"$ref": "#"}], "properties": {"a": False}}
    check = SchemaCheck({"anyOf": [never, {"$ref": "#"}, {"$ref": "#"}], "items": {"$ref": "#"}})

    check.fits([[[]]] * 100)
    assert check._left > -10_000


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"enum": [*range(9_000)]}}, [8_999] * 9_000),
        ({"items": {"enum": ["a" * 5_000 + str(at) for at in range(900)]}}, ["a" * 5_000] * 900),
        ({"items": {"enum": [[[*range(99)]]] * 900}}, [[[*range(99)]]] * 900),
        ({"items": {"const": [*range(9_000)]}}, [[*range(9_000)]] * 9_000),
        ({"items": {"required": [str(at) for at in range(900)] * 10}}, [{str(at): 1 for at in range(900)}] * 90),
    ],
)
def test_long_lists_of_a_schema_count_as_many_comparisons(schema: Any, value: Any) -> None:
    check, counted = SchemaCheck(schema), 0
    for each in value:
        counted += check._left > 0
        assert check._fits(each, schema["items"], 3)

    assert check._left <= 0
    assert counted <= 12


@pytest.mark.parametrize("schema", [{"$ref": "#" + "/a" * 99_000}, {"type": ["boolean"] * 9_000}])
def test_a_reference_or_a_list_of_types_without_end_lets_all_pass(schema: Any) -> None:
    assert SchemaCheck(schema).fits(1)


def test_properties_that_a_value_does_not_have_cost_nothing() -> None:
    check = SchemaCheck({"items": {"properties": {str(at): {"type": "null"} for at in range(9_000)}}})

    assert check.fits([{}] * 900)
    assert not check.fits([{"8999": 1}])


@pytest.mark.parametrize(
    ("text", "tools", "expected"),
    [
        ('{"a": "' + "b" * LONGEST_JSON + '"}', False, Unstorable.FORMAT),
        ('{"a": "' + "b" * LONGEST_JSON + '"}', True, Unstorable.TOOL_CALL_TEXT),
        ("a" * LONGEST_JSON + " [TOOL_CALLS]" + "a" * 99_000, True, Unstorable.TOOL_CALL_TEXT),
        ("a" * 2 * LONGEST_JSON, True, None),
        ("<think>" + "a" * LONGEST_JSON, True, Unstorable.NOT_FINISHED),
        ("<Think>" + "a" * LONGEST_JSON + "</think>Paris.", True, None),
    ],
    ids=range(6),
)
def test_a_long_answer_is_read_in_pieces_and_not_parsed(text: str, tools: bool, expected: Unstorable | None) -> None:
    params: dict[str, Any] = (
        {"tools": [{"type": "function"}]} if tools else {"response_format": {"type": "json_object"}}
    )
    assert judged(text, **params) is expected


def test_infinity_is_no_integer() -> None:
    assert not SchemaCheck({"type": "integer"}).fits(float("inf"))
