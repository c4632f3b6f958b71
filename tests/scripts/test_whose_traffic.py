from __future__ import annotations

import json

import pytest

from scripts.benches import whose_traffic
from scripts.benches.whose_traffic import READING, Ask, body_of, owners
from sentinel_core.cache import personal


def test_the_rules_agree_with_the_traffic_on_whose_a_prompt_is() -> None:
    asks = [whose_traffic.ask(1, number) for number in range(2_000)]

    assert not [
        ask.prompt for ask in asks if whose_traffic.is_personal(ask.prompt) != (bool(personal.reasons(ask.prompt)))
    ]


def test_a_number_draws_the_same_request_each_time() -> None:
    assert whose_traffic.ask(7, 42) == whose_traffic.ask(7, 42)
    assert len({whose_traffic.ask(7, number).surface for number in range(1_000)}) == 15


def test_every_surface_has_a_body_but_those_that_read() -> None:
    bodies = {ask.surface: body_of(ask) for ask in (whose_traffic.ask(1, number) for number in range(1_000))}

    assert {surface for surface, body in bodies.items() if not body} == READING
    assert all(json.loads(body) for body in bodies.values() if body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"response":"This is own:acme:u1:p and none other\'s."}',
        b'data: {"delta":{"content":"This is own:ac"}}\n\ndata: {"delta":{"content":"me:u1:p and"}}\n\n',
        b'data: {"type":"response.output_text.delta","delta":"own:acme:u"}\n\ndata: {"delta":"1:p and"}\n\n',
    ],
)
def test_owners_are_read_from_pieces_of_a_stream(body: bytes) -> None:
    assert ("acme", "u1", "p") in owners(body)


def test_feedback_follows_the_answer_that_names_its_request() -> None:
    ask = Ask("acme", "u1", "feedback", "What is my refund?", (), "header", "wrong")

    assert ask.after(b'{"request_id":"5e1ee2"}').path == "/v1/cache/feedback"
    assert ask.after(b"{}") is ask
