import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_core.matching.gate.reading import Difference, read
from sentinel_core.matching.gate.rules.registry import RULES

REFUSED = [(name, *example) for name, rule in RULES.items() for example in rule.must_refuse]
PASSED = [(name, *example) for name, rule in RULES.items() for example in rule.must_pass]


@pytest.mark.parametrize(("name", "asked", "stored", "asked_span", "stored_span"), REFUSED)
def test_a_rule_names_the_two_spans_that_differ(
    name: str, asked: str, stored: str, asked_span: str, stored_span: str
) -> None:
    assert RULES[name](read(asked), read(stored)) == Difference(asked_span, stored_span)


@pytest.mark.parametrize(("name", "asked", "stored"), PASSED)
def test_a_rule_lets_another_wording_pass(name: str, asked: str, stored: str) -> None:
    assert RULES[name](read(asked), read(stored)) is None
    assert RULES[name](read(stored), read(asked)) is None


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_examples_of_both_kinds(name: str) -> None:
    rule = RULES[name]
    assert rule.name == name
    assert rule.must_refuse
    assert rule.must_pass


_VOCABULARY = (
    "the how many who when what 2 3 5kg from to paris rome not never enable disable all only his her my "
    "first last monday "
    'cheapest `x` "y" in python json q $ don\'t élan 你好 🎉 before after more than less than 100 '
    "sorted by Berlin ATM"
)
_WORDS = st.sampled_from(_VOCABULARY.split(" "))
_PROMPTS = st.one_of(st.lists(_WORDS, max_size=10).map(" ".join), st.text(max_size=80))


@settings(max_examples=4 * settings().max_examples)
@given(prompt=_PROMPTS)
def test_no_rule_refuses_an_identical_prompt(prompt: str) -> None:
    asked, stored = read(prompt), read(prompt)
    assert [name for name, rule in RULES.items() if name != "length" and rule(asked, stored)] == []


@given(asked=_PROMPTS, stored=_PROMPTS)
def test_every_rule_refuses_the_same_pairs_either_way_round(asked: str, stored: str) -> None:
    one, other = read(asked), read(stored)
    assert [bool(rule(one, other)) for rule in RULES.values()] == [bool(rule(other, one)) for rule in RULES.values()]
