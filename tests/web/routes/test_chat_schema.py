from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sentinel_core.chat.messages import Json
from sentinel_core.errors import RequestError
from sentinel_core.web import json_route
from sentinel_core.web.body_limits import FINITE
from sentinel_core.web.routes.chat_schema import ChatBody

VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.just("text"), "text": st.text(max_size=3)}, optional={"cache_control": VALUES})
    | st.fixed_dictionaries({"type": st.just("image_url"), "image_url": VALUES}),
    max_size=2,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant"])},
    optional={"content": st.none() | st.text(max_size=3) | PARTS, "name": VALUES, "tool_calls": VALUES},
)
BODIES = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGES, min_size=1, max_size=3)},
    optional={
        "model": st.none() | st.just("m"),
        "temperature": st.none() | st.just(0.5),
        "stream_options": st.none() | st.just({"include_usage": True, "other": 1}),
        "user": st.none() | st.just("u"),
        "tools": VALUES,
        "store": VALUES,
    },
)


@given(BODIES, st.sampled_from([None, FINITE]))
def test_a_body_gives_what_was_sent(sent: dict[str, Json], context: object) -> None:
    body = ChatBody.model_validate_json(json.dumps(sent), context=context)
    request = body.request("p", "m")
    dumped = body.model_dump(exclude_unset=True, exclude_none=True)

    assert body.given() == body.model_dump(exclude_unset=True) == sent
    assert [*body.given()] == [*body.model_dump(exclude_unset=True)]
    assert list(request.messages) == sent["messages"]
    assert request.params == {name: dumped[name] for name in ("temperature", "tools") if name in dumped}
    assert request.hints == {name: dumped[name] for name in ("user", "store") if name in dumped}


WRONG = st.fixed_dictionaries(
    {"messages": VALUES | st.lists(MESSAGES | VALUES, max_size=2)},
    optional={"model": VALUES, "temperature": VALUES, "stream_options": VALUES, "n": VALUES, "tools": VALUES},
)


@given(BODIES | WRONG | VALUES)
def test_a_body_of_many_values_is_read_as_one_of_few(sent: Json) -> None:
    raw, model = json.dumps(sent).encode(), TypeAdapter(ChatBody)

    def read() -> tuple[str, ...]:
        try:
            body = json_route._parsed(model, ChatBody, raw, 50_000, 400, None)
        except RequestError as error:
            return str(error), error.code, str(error.status)
        return (repr(body.given()),)

    expected = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_route, "has_many_values", bool)
        assert read() == expected


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400"])
@pytest.mark.parametrize("place", ['"x":[{}]', '"messages":[{{"role":"user","name":{}}}]'])
def test_a_number_that_is_no_json_is_refused_everywhere(number: str, place: str) -> None:
    with pytest.raises(ValidationError, match="are no JSON numbers"):
        ChatBody.model_validate_json('{"messages":[{"role":"user"}],' + place.format(number) + "}")
