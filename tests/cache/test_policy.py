from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import policy
from sentinel_core.cache.directives import NO_DIRECTIVES, Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.policy import Rules, Unstorable
from sentinel_core.chat.messages import ChatRequest, Completion, Json
from sentinel_core.errors import InvalidRequestError
from tests.support.fakes import RULES, chat, completion

ENTRY = Entry("hi", completion(), created=1000.0, ttl=100.0)
SECONDS = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("value", "directives"),
    [
        ("", Directives()),
        (" ", Directives()),
        (",,", Directives()),
        ("no-cache", Directives(no_cache=True)),
        ("No-Cache", Directives(no_cache=True)),
        ("no-cache=whatever", Directives(no_cache=True)),
        ("no-store", Directives(no_store=True)),
        ("only-if-cached", Directives(only_if_cached=True)),
        ("max-age=0", Directives(max_age=0)),
        ("max-age=60", Directives(max_age=60)),
        ('max-age="60"', Directives(max_age=60)),
        ("MAX-AGE = 60", Directives(max_age=60)),
        ("max-age=007", Directives(max_age=7)),
        ("max-age=" + "9" * 5000, Directives(max_age=math.inf)),
        ("stale-if-error=0", Directives(stale_if_error=0)),
        ("stale-if-error=30", Directives(stale_if_error=30)),
        ("max-age=60, max-age=10", Directives(max_age=10)),
        ("max-age=10, max-age=60", Directives(max_age=10)),
        ("stale-if-error=9,stale-if-error=5,stale-if-error=7", Directives(stale_if_error=5)),
        ("  no-cache ,\tno-store,,max-age=5  ", Directives(no_cache=True, no_store=True, max_age=5)),
        ("no-transform, private, s-maxage=soon, nocache, no_store, x-no-cache", Directives()),
        ("min-fresh=5, max-stale", Directives()),
    ],
)
def test_directives_are_read_as_rfc_9111_writes_them(value: str, directives: Directives) -> None:
    assert Directives.parse(value) == directives


@pytest.mark.parametrize("name", ["max-age", "stale-if-error"])
@pytest.mark.parametrize(
    "number", ["", "=", "=soon", "=-1", "=1.5", "=1e3", "=0x10", "=1 0", "=\u0661", "=\u00b2", "=NaN"]
)
def test_a_directive_with_a_bad_number_is_named(name: str, number: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Directives.parse(f"no-store, {name}{number}")

    error = caught.value
    assert (str(error), error.status, error.code, error.param) == (
        f"Cache-Control: {name} must be a whole number of seconds", 400, "invalid_header", "Cache-Control",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["max-age=5, max-age=soon", "max-age=soon, max-age=5"])
def test_one_bad_number_of_two_is_still_bad(value: str) -> None:
    with pytest.raises(InvalidRequestError):
        Directives.parse(value)


@given(st.text())
def test_any_header_is_read_or_refused(value: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        Directives.parse(value)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (chat(), None),
        (chat(n=1), None),
        (chat(n=None), None),
        (chat(n=2), BypassReason.SEVERAL_CHOICES),
        (chat(logprobs=False), None),
        (chat(logprobs=True), BypassReason.LOGPROBS),
        (chat(temperature=None), None),
        (chat(temperature=0), None),
        (chat(temperature=1.0), None),
        (chat(temperature=1.0001), BypassReason.TEMPERATURE),
        (chat(temperature=2), BypassReason.TEMPERATURE),
        (ChatRequest("fake", "small", ()), BypassReason.NOT_A_USER_TURN),
        (ChatRequest("fake", "small", ({"content": "hi"},)), BypassReason.NOT_A_USER_TURN),
        (ChatRequest("fake", "small", ({"role": "user"}, {"role": "assistant"})), BypassReason.NOT_A_USER_TURN),
    ],
)
def test_what_must_not_be_shared_is_named(request_: ChatRequest, reason: BypassReason | None) -> None:
    assert policy.bypass_reason(request_, RULES) is reason


def test_an_absent_temperature_counts_as_the_default() -> None:
    assert policy.bypass_reason(chat(), replace(RULES, max_temperature=0.99)) is BypassReason.TEMPERATURE


@pytest.mark.parametrize(
    ("content", "comparable"),
    [
        ("hi", True),
        ("", False),
        (" \n\t\u3000", False),
        (None, False),
        ([], False),
        ([{"type": "text", "text": "hi"}], True),
        ([{"type": "text", "text": " "}], False),
        ([{"type": "text", "text": "hi"}, {"type": "text", "text": "you"}], True),
        ([{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {}}], False),
        ([{"text": "hi"}], False),
        (["hi"], False),
    ],
)
def test_only_text_that_says_something_is_compared(content: Json, comparable: bool) -> None:
    assert policy.is_comparable(chat(content)) is comparable


@pytest.mark.parametrize(("asked", "threshold"), [(None, 0.75), (0.0, 0.75), (0.75, 0.75), (0.76, 0.76), (1.0, 1.0)])
def test_a_caller_may_raise_the_threshold_and_never_lower_it(asked: float | None, threshold: float) -> None:
    assert policy.threshold(Controls(threshold=asked), RULES) == threshold


@pytest.mark.parametrize(("asked", "ttl"), [(None, 100.0), (0.0, 0.0), (99.0, 99.0), (100.0, 100.0), (1e9, 100.0)])
def test_a_caller_may_shorten_the_ttl_and_never_prolong_it(asked: float | None, ttl: float) -> None:
    assert policy.time_to_live(Controls(ttl=asked), RULES) == ttl


@pytest.mark.parametrize(
    ("age", "max_age", "fresh"),
    [
        (0.0, math.inf, True),
        (99.999, math.inf, True),
        (100.0, math.inf, False),
        (-5.0, math.inf, True),
        (0.0, 0.0, False),
        (9.999, 10.0, True),
        (10.0, 10.0, False),
        (100.0, 1000.0, False),
    ],
)
def test_an_entry_is_fresh_while_its_lifetime_exceeds_its_age(age: float, max_age: float, fresh: bool) -> None:
    assert policy.is_fresh(ENTRY, Directives(max_age=max_age), 1000.0 + age) is fresh


def test_an_entry_with_no_lifetime_is_never_fresh() -> None:
    assert not policy.is_fresh(replace(ENTRY, ttl=0.0), NO_DIRECTIVES, 1000.0)


@pytest.mark.parametrize(
    ("cache_control", "last_moment"),
    [
        ("", 150.0),
        ("stale-if-error=0", 100.0),
        ("stale-if-error=20", 120.0),
        ("stale-if-error=50", 150.0),
        ("stale-if-error=9999", 150.0),
        ("no-store", 150.0),
        ("no-cache", 0.0),
        ("max-age=60", 0.0),
        ("no-cache, stale-if-error=20", 120.0),
        ("max-age=60, stale-if-error=20", 80.0),
        ("max-age=0, stale-if-error=20", 20.0),
        ("max-age=9999, stale-if-error=20", 120.0),
        ("max-age=60, stale-if-error=9999", 110.0),
    ],
)
def test_an_entry_may_stand_in_until_what_the_caller_and_the_operator_allow(
    cache_control: str, last_moment: float
) -> None:
    def allowed(age: float) -> bool:
        return policy.may_serve_stale(ENTRY, Directives.parse(cache_control), RULES, 1000.0 + age)

    assert not allowed(last_moment)
    assert last_moment == 0 or allowed(last_moment - 0.001)


@given(SECONDS, SECONDS, SECONDS, SECONDS, st.none() | SECONDS)
def test_no_caller_gets_an_older_answer_than_the_operator_allows(
    age: float, ttl: float, stale: float, max_age: float, asked: float | None
) -> None:
    entry = replace(ENTRY, ttl=ttl)
    rules = Rules(threshold=0.5, ttl=1.0, stale=stale, max_temperature=1.0)
    directives = Directives(max_age=max_age, stale_if_error=asked)
    now = entry.created + age

    if policy.is_fresh(entry, directives, now):
        assert policy.is_fresh(entry, NO_DIRECTIVES, now)
    if policy.may_serve_stale(entry, directives, rules, now):
        assert policy.may_serve_stale(entry, NO_DIRECTIVES, rules, now)


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (completion(), None),
        (completion(finish_reason="length"), Unstorable.TRUNCATED),
        (completion(finish_reason="content_filter"), Unstorable.FILTERED),
        (completion(finish_reason=""), Unstorable.NOT_FINISHED),
        (completion(finish_reason="error"), Unstorable.NOT_FINISHED),
        (completion(refusal="I cannot."), Unstorable.REFUSED),
        (completion(refusal=None), None),
        (completion(""), Unstorable.EMPTY),
        (completion(" \n"), Unstorable.EMPTY),
        (completion(None), Unstorable.EMPTY),
        (completion(None, tool_calls=[]), Unstorable.EMPTY),
        (completion(None, finish_reason="tool_calls", tool_calls=[{"id": "1"}]), Unstorable.TOOL_CALLS),
        (completion(None, finish_reason="function_call", function_call={"name": "f"}), Unstorable.TOOL_CALLS),
        (completion("I'm sorry, but I can't help with that."), Unstorable.REFUSED),
        (completion("I cannot assist with this request."), Unstorable.REFUSED),
        (completion("As an AI language model, I am unable to provide medical advice."), Unstorable.REFUSED),
        (completion("I can’t help you find that."), Unstorable.REFUSED),
        (completion("I can't believe it's not butter."), None),
        (completion("Sorry, the shop is closed on Mondays."), None),
        (completion('"I cannot help it", he said.'), None),
        (completion("I cannot give a date for certain, but here is what is known. " + "It was long ago. " * 20), None),
        (completion("", finish_reason="function_call"), Unstorable.EMPTY),
        (replace(completion(), is_partial=True), Unstorable.TOO_LARGE),
    ],
)
def test_only_whole_answers_are_kept(given_: Completion, reason: Unstorable | None) -> None:
    assert policy.unstorable(given_, chat(), NO_DIRECTIVES, RULES) is reason


def test_tool_calls_are_kept_where_the_operator_says_so() -> None:
    given_ = completion(None, finish_reason="tool_calls", tool_calls=[{"id": "1"}])

    assert policy.unstorable(given_, chat(), NO_DIRECTIVES, replace(RULES, store_tool_calls=True)) is None


@pytest.mark.parametrize(
    ("controls", "within"),
    [
        (Controls(), Controls(Directives(max_age=60.0), ttl=60.0)),
        (Controls(Directives(max_age=10.0), ttl=5.0), Controls(Directives(max_age=10.0), ttl=5.0)),
        (Controls(Directives(max_age=90.0), ttl=90.0), Controls(Directives(max_age=60.0), ttl=60.0)),
    ],
)
def test_an_answer_that_does_not_last_has_a_shorter_life_and_never_a_longer_one(
    controls: Controls, within: Controls
) -> None:
    assert controls.within(60.0) == within


def test_no_store_comes_before_every_other_reason() -> None:
    directives = Directives(no_store=True)

    assert policy.unstorable(completion(), chat(), directives, RULES) is Unstorable.NO_STORE
    assert policy.unstorable(completion(finish_reason="length"), chat(), directives, RULES) is Unstorable.NO_STORE


@pytest.mark.parametrize(
    ("waited", "made", "more", "in_time"),
    [(0.25, 1, 2, True), (0.26, 1, 2, False), (0.5, 2, 1, True), (0.51, 2, 1, False), (0.0, 1, 2, True)],
)
def test_a_store_is_asked_again_if_that_ends_in_time(waited: float, made: int, more: int, in_time: bool) -> None:
    assert policy.is_in_time(waited, made, more, 0.75) == in_time
    assert policy.is_in_time(waited, made, more, math.inf)
