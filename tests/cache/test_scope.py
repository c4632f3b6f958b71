from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sentinel_core.cache.scope import Query, canonical_json, digest, fingerprint, is_plain_text, prompt_of, split
from sentinel_core.chat.messages import ChatRequest, Json, Message
from tests.support.fakes import chat

TEXTS = st.text(max_size=8)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": TEXTS})
REQUESTS = st.builds(
    ChatRequest,
    provider=TEXTS,
    model=TEXTS,
    messages=st.lists(MESSAGES, min_size=1, max_size=4).map(tuple),
    params=st.dictionaries(TEXTS, VALUES, max_size=3),
)

IMAGE: Json = {"type": "image_url", "image_url": {"url": "https://example.test/cat.png"}}
OTHER_IMAGE: Json = {"type": "image_url", "image_url": {"url": "https://example.test/dog.png"}}
BASE = ChatRequest(
    "groq",
    "small",
    (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "What is it?"},
    ),
    {"temperature": 0.7, "max_tokens": 500, "tools": [{"type": "function", "function": {"name": "f"}}]},
)


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _reordered(value: Json, seed: random.Random) -> Json:
    if isinstance(value, dict):
        keys = list(value)
        seed.shuffle(keys)
        return {key: _reordered(value[key], seed) for key in keys}
    return [_reordered(item, seed) for item in value] if isinstance(value, list) else value


def _same(first: Json, second: Json) -> bool:
    """Equality as JSON has it; Python's holds True for 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    return first == second


@given(REQUESTS, TEXTS, st.randoms(use_true_random=False))
def test_equal_requests_have_equal_scopes_whatever_the_order_of_their_keys(
    request_: ChatRequest, namespace: str, seed: random.Random
) -> None:
    def reordered(values: Message) -> dict[str, Json]:
        shuffled = _reordered(dict(values), seed)
        assert isinstance(shuffled, dict)
        return shuffled

    other = replace(
        request_,
        messages=tuple(reordered(message) for message in request_.messages),
        params=reordered(request_.params),
    )

    assert split(other, namespace) == split(request_, namespace)


@given(VALUES, VALUES)
@example(1, True)
@example(0, False)
@example(1, 1.0)
@example(0.0, -0.0)
@example(2**53, 2.0**53)
@example(2**53 + 1, 2.0**53)
@example("1", 1)
@example("null", None)
@example([1, [2]], [[1], 2])
@example({"a": {"b": 1}}, {"a": {}, "b": 1})
@example('","', ["", ""])
@example("\x00", "")
@example("\ud800", "\udc00")
def test_canonical_json_is_equal_where_and_only_where_the_values_are(first: Json, second: Json) -> None:
    assert (canonical_json(first) == canonical_json(second)) is _same(first, second)


@given(VALUES, st.randoms(use_true_random=False))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: Json, seed: random.Random) -> None:
    assert canonical_json(_reordered(value, seed)) == canonical_json(value)


def _with_message(position: int, **changes: Json) -> ChatRequest:
    messages = list(BASE.messages)
    messages[position] = {**messages[position], **changes}
    return replace(BASE, messages=tuple(messages))


def _with_param(name: str, value: Json) -> ChatRequest:
    return replace(BASE, params={**BASE.params, name: value})


@pytest.mark.parametrize(
    "changed",
    [
        replace(BASE, provider="other"),
        replace(BASE, model="large"),
        replace(BASE, params={}),
        _with_param("temperature", 0.70001),
        _with_param("max_tokens", 501),
        _with_param("max_tokens", "500"),
        _with_param("tools", []),
        _with_param("seed", 1),
        _with_param("seed", True),
        _with_param("response_format", {"type": "json_object"}),
        _with_param("", None),
        _with_message(0, content="Be brief"),
        _with_message(0, role="developer"),
        _with_message(1, content="Hi"),
        _with_message(1, name="Ann"),
        _with_message(2, content="Hello"),
        _with_message(2, tool_calls=[]),
        _with_message(3, name="Ann"),
        _with_message(3, role="assistant"),
        replace(BASE, messages=BASE.messages[1:]),
        replace(BASE, messages=(*BASE.messages[:1], *BASE.messages[3:])),
        replace(BASE, messages=(BASE.messages[1], BASE.messages[0], *BASE.messages[2:])),
        replace(BASE, messages=(*BASE.messages[:3], *BASE.messages[2:])),
        _with_message(3, content=[_text("What is it?"), IMAGE]),
        _with_message(3, content=[{**_text("What is it?"), "cache_control": {"type": "ephemeral"}}]),  # type: ignore[dict-item]
        _with_message(3, content=None),
    ],
)
def test_whatever_changes_the_answer_changes_the_fingerprint(changed: ChatRequest) -> None:
    assert fingerprint(changed, "open") != fingerprint(BASE, "open")


def test_another_namespace_is_another_scope() -> None:
    assert fingerprint(BASE, "a") != fingerprint(BASE, "b")
    assert split(BASE, "a").scope == ("a", fingerprint(BASE, "a"))


@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example("a", "bc", "ab", "c")
@example('a","model":"b', "c", "a", 'b","model":"c')
@example("a\x00b", "c", "a", "b\x00c")
def test_text_cannot_move_from_one_field_into_another(a: str, b: str, c: str, d: str) -> None:
    assume((a, b) != (c, d))
    message: Message = {"role": "user", "content": "hi"}

    assert fingerprint(ChatRequest(a, b, (message,)), "n") != fingerprint(ChatRequest(c, d, (message,)), "n")
    assert fingerprint(ChatRequest("p", a, (message,)), b) != fingerprint(ChatRequest("p", c, (message,)), d)


@given(REQUESTS, TEXTS)
def test_the_prompt_and_the_hints_are_no_part_of_the_scope(request_: ChatRequest, other: str) -> None:
    changed = replace(
        request_, messages=(*request_.messages[:-1], {**request_.messages[-1], "content": other}), hints={"user": "ann"}
    )

    assert fingerprint(changed, "open") == fingerprint(request_, "open")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (chat(temperature=1), chat(temperature=1.0)),
        (chat("a\nb"), chat([_text("a"), _text("b")])),
        (chat("a"), chat([_text("a")])),
    ],
)
def test_what_means_the_same_is_the_same(first: ChatRequest, second: ChatRequest) -> None:
    assert split(first, "open") == split(second, "open")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([_text("a"), IMAGE], [_text("a")]),
        ([_text("a"), IMAGE], [_text("a"), OTHER_IMAGE]),
        ([_text("a"), IMAGE], [IMAGE, _text("a")]),
        ([_text("a"), IMAGE, _text("b")], [_text("a\nb"), IMAGE]),
        ([_text("a"), IMAGE, OTHER_IMAGE], [_text("a"), OTHER_IMAGE, IMAGE]),
        ([_text("a"), IMAGE, IMAGE], [_text("a"), IMAGE]),
        ([{"type": "input_text", "text": "a"}], [_text("a")]),
        (None, ""),
        (None, []),
    ],
)
def test_parts_that_are_not_bare_text_are_scope_with_their_places(first: Json, second: Json) -> None:
    assert fingerprint(chat(first), "open") != fingerprint(chat(second), "open")


@pytest.mark.parametrize(
    ("content", "prompt", "plain"),
    [
        ("hi", "hi", True),
        ("", "", True),
        ([_text("a"), _text("b")], "a\nb", True),
        ([], "", True),
        ([_text("a"), IMAGE, _text("b")], "a\nb", False),
        ([IMAGE], "", False),
        ([{"type": "text"}], "", False),
        (["a"], "", False),
        (None, "", False),
        (7, "", False),
        ({"text": "a"}, "", False),
    ],
)
def test_the_prompt_is_the_text_of_the_last_message(content: Json, prompt: str, plain: bool) -> None:
    assert (prompt_of(chat(content, {"role": "user", "content": "earlier"})), is_plain_text(content)) == (prompt, plain)


def test_no_messages_have_no_prompt() -> None:
    assert prompt_of(ChatRequest("fake", "small", ())) == ""


def test_a_request_is_split_into_scope_and_prompt() -> None:
    request = chat("What is it?")

    assert split(request, "open") == Query("open", fingerprint(request, "open"), "What is it?", digest("What is it?"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("\u1100\u1161", "\uac00"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("\u2126", "\u03a9"),
    ],
)
def test_composition_and_line_ends_are_folded(first: str, second: str) -> None:
    assert digest(first) == digest(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Map", "map"),
        ("if x:\n    y", "if x:\n  y"),
        ("if x:\n\ty", "if x:\n    y"),
        ("a ", "a"),
        (" a", "a"),
        ("a\n", "a"),
        ("a b", "a  b"),
        ("a b", "a\u00a0b"),
        ("a\n\nb", "a\nb"),
        ("\ufb01", "fi"),
        ("\u00b2", "2"),
        ("\uff21", "A"),
        ("stra\u00dfe", "strasse"),
        ("a\x00", "a"),
        ("\u200ba", "a"),
        ("", " "),
        ("a?", "a"),
    ],
)
def test_nothing_else_is_folded(first: str, second: str) -> None:
    assert digest(first) != digest(second)


@given(st.text(st.characters(codec=None), max_size=20))
@example("\ud800")
@example("\udfff\ud800")
@example("\x00")
def test_every_text_has_a_query(text: str) -> None:
    query = split(chat(text), "open")

    assert (len(query.digest), len(query.fingerprint), query.prompt) == (64, 64, text)


def test_a_lone_surrogate_is_not_its_replacement() -> None:
    assert len({digest(text) for text in ("\ud800", "\udc00", "\ufffd", "?")}) == 4
    assert len({fingerprint(chat(stop=text), "n") for text in ("\ud800", "\udc00", "\ufffd", "?")}) == 4


def test_an_absent_temperature_is_a_scope_of_its_own() -> None:
    assert fingerprint(chat(), "open") != fingerprint(chat(temperature=1.0), "open")
