from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.chat.messages import Json
from sentinel_core.errors import RequestTooLargeError
from sentinel_core.web.body_limits import check_values, is_finite, is_large
from tests.web.conftest import Api

Build = Callable[..., Api]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.sampled_from('a,[{"\\/:\n\u00e9')),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='b,{["\\'), inner),
    max_leaves=20,
)


def _values(value: Json) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_values, inner))


@given(JSON, st.booleans(), st.booleans())
def test_exactly_the_values_outside_strings_are_counted(value: Json, is_ascii: bool, is_padded: bool) -> None:
    raw = json.dumps(value, ensure_ascii=is_ascii, indent=1 if is_padded else None).encode("utf-8", "surrogatepass")
    # An empty array or object holds no value, but counts as one.
    least = _values(value)
    check_values(raw, 2 * least)
    if least > 1:
        with pytest.raises(RequestTooLargeError):
            check_values(raw, least - 1)


@pytest.mark.parametrize(
    ("raw", "is_refused"),
    [
        (b"[" + b"1," * 98 + b"1]", False),
        (b"[" + b"1," * 99 + b"1]", True),
        (b'"' + b",[{" * 1_000 + b'"', False),
        (b'"' + rb"\"," * 1_000 + b'"', False),
        (b'"' + rb"\\" * 1_000 + b'"', False),
        (b"[" + b'"",' * 300 + b'""]', True),
        (b"[" * 101, True),
        (b'{"a":' * 99, False),
        (b'"' * 500 + b"," * 200, True),
        (b"", False),
    ],
)
def test_more_values_than_allowed_are_refused(raw: bytes, is_refused: bool) -> None:
    if not is_refused:
        check_values(raw, 100)
        return
    with pytest.raises(RequestTooLargeError) as caught:
        check_values(raw, 100)
    assert (caught.value.status, caught.value.code) == (413, "too_many_values")
    assert str(caught.value) == "the body holds more than 100 JSON values"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(b"[" * 4_096, False), (b"[" * 4_097, True), (b" " * 65_536, False), (b" " * 65_537, True), (b"," * 5_000, True)],
)
def test_long_bodies_and_those_of_many_values_are_large(raw: bytes, expected: bool) -> None:
    assert is_large(raw) is expected


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/v1/query", "/v1/query/batch", "/v1/chat/completions", "/v1/cache/explain"])
async def test_every_json_route_refuses_too_many_values(api: Build, path: str) -> None:
    it = api(max_json_values=100)
    response = await it.client.post(path, content=b"[" + b"1," * 200 + b"1]")

    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_many_values")


@pytest.mark.anyio
async def test_a_large_body_is_answered_as_a_small_one(api: Build) -> None:
    it = api(max_body_bytes=1_000_000)
    body = {"messages": [{"role": "system", "content": "x" * 70_000}, {"role": "user", "content": "hi"}], "seed": 1}
    first, second = [await it.client.post("/v1/chat/completions", json=body) for _ in range(2)]

    assert [first.json()["sentinel"]["outcome"], second.json()["sentinel"]["outcome"]] == ["miss", "hit_exact"]
    assert [request.is_large for request in it.world.provider.requests] == [True]


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@given(st.lists(NUMBERS | st.sampled_from(["NaN", "Infinity", "-Infinity", '"text"', " " * 90]), max_size=4))
def test_a_text_with_an_infinite_number_never_counts_as_finite(parts: list[str]) -> None:
    text = "[" + ",".join(part if part.strip() else f'"{part}"' for part in parts) + "]"
    is_infinite = any(not math.isfinite(float(part)) for part in parts if part.strip() and part[0] != '"')

    assert not (is_infinite and is_finite(text.encode()))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a":1.5e10,"b":"1e99","c":-2E-400}', True),
        (b'{"messages":[{"role":"user","content":"What is 12 e 345?"}]}', True),
        (b'{"a":"' + b"1" * 150 + b'"}', True),
        (b'{"a":1e309}', False),
        (b'{"a":1E+0309}', False),
        (b'{"a":' + b"1" * 309 + b".0}", False),
        (b'{"a":' + b"1" * 215 + b"e95}", False),
        (b'{"a":NaN}', False),
        (b" " * 65_534 + b"[1e400]", False),
    ],
)
def test_a_text_is_finite_unless_something_in_it_looks_infinite(raw: bytes, expected: bool) -> None:
    assert is_finite(raw) == expected
