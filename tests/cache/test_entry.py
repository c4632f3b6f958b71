from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sentinel_core.cache.entry import Entry, decode, encode
from sentinel_core.chat.messages import Completion, Json, Usage
from sentinel_core.errors import CorruptEntryError
from tests.support.fakes import completion

ENTRY = Entry("hi", completion("Hello.", tool_calls=[{"id": "1"}]), 1_000_000.5, 60.0, 0.25, ("faq", "v:2"))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 10**12)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.builds(
    Entry,
    prompt=st.text(),
    completion=st.builds(
        Completion,
        provider=st.text(),
        model=st.text(),
        message=st.dictionaries(st.text(), JSON, max_size=3),
        finish_reason=st.text(),
        usage=st.none() | st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS),
    ),
    created=FINITE,
    ttl=FINITE,
    cost_usd=st.none() | FINITE,
    tags=st.lists(st.text(), max_size=3).map(tuple),
)


@given(ENTRIES)
@example(ENTRY)
@example(replace(ENTRY, prompt="\ud800 \x00 \u2028 \U0001f600", cost_usd=None, tags=()))
@example(replace(ENTRY, completion=replace(ENTRY.completion, usage=None)))
def test_what_is_written_is_read_again(entry: Entry) -> None:
    text = encode(entry)

    assert text.isascii()
    assert decode(text) == decode(text.encode()) == entry


@given(st.binary() | st.text() | JSON.map(json.dumps))
@example(b"\xff")
@example("")
@example("[" * 100_000)
@example("null")
@example("{}")
@example('{"format":1}')
@example('{"format":1,"completion":null}')
@example("9" * 5000)
def test_anything_else_is_corrupt(text: str | bytes) -> None:
    with pytest.raises(CorruptEntryError):
        decode(text)


@pytest.mark.parametrize("length", range(0, len(encode(ENTRY)), 7))
def test_a_truncated_entry_is_corrupt(length: int) -> None:
    with pytest.raises(CorruptEntryError):
        decode(encode(ENTRY)[:length])


_NUMBER: list[object] = ["60", True, [], {}, 10**400, float("nan"), float("inf")]
_TEXT: list[object] = [None, 7, True, [], {}]
_COUNT: list[object] = [None, 7.0, "7", True, [], {}]

_USAGE: list[object] = [7, "text", True, [], [["prompt_tokens", 7]]]
_OBJECT: list[object] = [None, 7, "text", True, [], [["role", "user"]]]
_TAGS: list[object] = [None, 7, "faq", True, {}, ["faq", 1], [["faq"]]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("created", value) for value in [None, *_NUMBER]),
        *(("ttl", value) for value in [None, *_NUMBER]),
        *(("cost_usd", value) for value in _NUMBER),
        *(("prompt", value) for value in _TEXT),
        *(("completion.provider", value) for value in _TEXT),
        *(("completion.model", value) for value in _TEXT),
        *(("completion.finish_reason", value) for value in _TEXT),
        *(("completion.usage.prompt_tokens", value) for value in _COUNT),
        *(("completion.usage.cached_tokens", value) for value in _COUNT),
        *(("completion.usage.other_tokens", value) for value in [*_COUNT, 7]),
        *(("completion.usage", value) for value in _USAGE),
        *(("completion.message", value) for value in _OBJECT),
        *(("completion", value) for value in [*_OBJECT, {}]),
        *(("tags", value) for value in _TAGS),
    ],
)
def test_a_field_of_another_type_is_corrupt(path: str, value: object) -> None:
    fields = json.loads(encode(ENTRY))
    *parents, name = path.split(".")
    inner: dict[str, Any] = fields
    for parent in parents:
        inner = inner[parent]
    inner[name] = value

    with pytest.raises(CorruptEntryError):
        decode(json.dumps(fields))


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN", "Infinity", '"60"', "true"])
def test_a_ttl_that_is_no_number_of_seconds_is_corrupt(text: str) -> None:
    with pytest.raises(CorruptEntryError):
        decode(encode(ENTRY).replace('"ttl":60.0', f'"ttl":{text}'))


def test_a_number_that_json_does_not_have_is_corrupt_wherever_it_stands() -> None:
    with pytest.raises(CorruptEntryError):
        decode(encode(ENTRY).replace('"id":"1"', '"id":NaN'))


@pytest.mark.parametrize(
    "path", ["prompt", "completion", "created", "ttl", "cost_usd", "tags", "completion.message", "completion.usage"]
)
def test_a_missing_field_is_corrupt(path: str) -> None:
    fields = json.loads(encode(ENTRY))
    *parents, name = path.split(".")
    del (fields[parents[0]] if parents else fields)[name]

    with pytest.raises(CorruptEntryError):
        decode(json.dumps(fields))


@pytest.mark.parametrize("version", [0, 2, "1", None, True])
def test_an_entry_of_another_format_is_corrupt(version: object) -> None:
    with pytest.raises(CorruptEntryError):
        decode(json.dumps({**json.loads(encode(ENTRY)), "format": version}))


def test_the_format_is_written_first_and_is_1() -> None:
    assert encode(ENTRY).startswith('{"format":1,"prompt":"hi",')


@pytest.mark.parametrize(("now", "age"), [(1_000_000.5, 0.0), (1_000_061.0, 60.5), (999_999.0, 0.0)])
def test_age_is_never_negative(now: float, age: float) -> None:
    assert ENTRY.age(now) == age


def test_prompt_and_answer_are_searched_whatever_the_case() -> None:
    message = {"role": "assistant", "content": "It is in the GROßE Straße."}
    kept = Entry("Where?", Completion("p", "m", message, "stop"), created=0.0, ttl=1.0)

    assert [kept.says(text.casefold()) for text in ("where", "grosse STRASSE", "IN THE", "nowhere")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_an_entry_of_an_older_version_has_no_author() -> None:
    older = json.loads(encode(ENTRY))
    del older["author"], older["is_personal"]

    assert decode(json.dumps(older)) == ENTRY


def test_a_personal_entry_is_for_its_author_alone() -> None:
    personal = replace(ENTRY, author="a", is_personal=True)

    assert decode(encode(personal)) == personal
    assert (personal.is_for("a"), personal.is_for("b")) == (True, False)
    assert replace(personal, is_personal=False).is_for("b")
