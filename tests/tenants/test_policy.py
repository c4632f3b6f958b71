from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.errors import ConfigurationError
from sentinel_core.tenants.api_key import UserScope
from sentinel_core.tenants.policy import SELECTORS, Effects, Facts, Policy, Rule

BASE = Effects(mode="semantic", max_wrong=0.02, threshold=0.6, ttl_seconds=86_400.0)
FACTS = Facts(("k1", "ci"), "acme", ("faq", "v2"), ("groq/small", "small"), "/v1/query")


def rule(line: int, effects: Effects, **selectors: str) -> Rule:
    return Rule(line, selectors, effects)


def test_the_most_specific_rule_wins_for_each_effect() -> None:
    rules = [
        rule(1, Effects(mode="exact", ttl_seconds=60.0), route="/v1/query"),
        rule(2, Effects(mode="off"), model="groq/small"),
        rule(3, Effects(mode="semantic", threshold=0.9), tenant="acme"),
        rule(4, Effects(threshold=0.7), key="ci"),
    ]

    resolved = Policy(rules, BASE).resolve(FACTS)

    assert resolved.effects == Effects(mode="semantic", max_wrong=0.02, threshold=0.7, ttl_seconds=60.0)
    assert resolved.sources == {
        "threshold": "line 4: key=ci", "mode": "line 3: tenant=acme", "ttl_seconds": "line 1: route=/v1/query",
    }  # fmt: skip


def test_two_selectors_beat_one_of_the_same_rank() -> None:
    rules = [rule(1, Effects(mode="off"), tenant="acme"), rule(2, Effects(mode="exact"), tenant="acme", model="small")]

    assert Policy(rules).resolve(FACTS).effects.mode == "exact"
    assert Policy(rules).resolve(FACTS._replace(models=("groq/large", "large"))).effects.mode == "off"


def test_a_rule_without_selectors_holds_for_all() -> None:
    assert Policy([rule(1, Effects(mode="off"))], BASE).resolve(FACTS).sources == {"mode": "line 1: all"}


@pytest.mark.parametrize(
    ("by_tag", "expected"),
    [
        (Effects(threshold=0.5), (0.6, 86_400.0, "semantic")),
        (Effects(threshold=0.8), (0.8, 86_400.0, "semantic")),
        (Effects(ttl_seconds=1e6), (0.6, 86_400.0, "semantic")),
        (Effects(ttl_seconds=60.0), (0.6, 60.0, "semantic")),
        (Effects(mode="exact"), (0.6, 86_400.0, "exact")),
    ],
)
def test_a_rule_with_a_tag_is_stricter_or_has_no_effect(by_tag: Effects, expected: tuple[object, ...]) -> None:
    effects = Policy([rule(1, by_tag, tag="faq")], BASE).resolve(FACTS).effects

    assert (effects.threshold, effects.ttl_seconds, effects.mode) == expected


def test_equal_selectors_are_refused_by_line() -> None:
    with pytest.raises(ConfigurationError, match="line 7: has the selectors of line 3"):
        Policy([rule(3, Effects(mode="off"), tenant="acme"), rule(7, Effects(mode="exact"), tenant="acme")])


def test_rules_for_other_requests_have_no_effect() -> None:
    policy = Policy([rule(1, Effects(mode="off"), tenant="globex"), rule(2, Effects(mode="off"), tag="x")], BASE)

    assert (policy.resolve(FACTS).effects, policy.resolve(FACTS).sources) == (BASE, {})


@given(st.lists(st.dictionaries(st.sampled_from(SELECTORS), st.sampled_from("ab"), max_size=3), max_size=12))
def test_resolving_agrees_with_a_search_of_all_rules(selectors: list[dict[str, str]]) -> None:
    unique = list({tuple(sorted(each.items())): each for each in selectors if "tag" not in each}.values())
    rules = [rule(line, Effects(threshold=line / 100), **each) for line, each in enumerate(unique)]
    facts = Facts(("a",), "a", (), ("a", "b"), "b", experiment="b")
    values = {"key": ("a",), "tenant": ("a",), "model": ("a", "b"), "route": ("b",), "experiment": ("b",)}
    matching = [each for each in rules if all(value in values[name] for name, value in each.selectors.items())]
    order = {each.line: [name not in each.selectors for name in SELECTORS] for each in matching}
    best = min(order.values(), default=None)

    threshold = Policy(rules, BASE).resolve(facts).effects.threshold

    assert threshold in [
        *[line / 100 for line, rank in order.items() if rank == best],
        *([] if order else [BASE.threshold]),
    ]


@pytest.mark.parametrize(
    ("selectors", "asked", "expected"),
    [
        ({"tag": "faq"}, "never", "always"),
        ({}, "never", "always"),
        ({"model": "small"}, "auto", "always"),
        ({"tenant": "acme"}, "auto", "auto"),
        ({"key": "ci"}, "never", "never"),
    ],
)
def test_only_rules_by_key_or_tenant_loosen_a_keys_own_scope(
    selectors: dict[str, str], asked: UserScope, expected: UserScope
) -> None:
    facts = FACTS._replace(own_scope="always")

    resolved = Policy([rule(1, Effects(user_scope=asked), **selectors)], BASE).resolve(facts)

    assert (resolved.given.user_scope or facts.own_scope) == expected


def test_a_rule_by_tag_is_stricter_than_a_keys_own_scope() -> None:
    by_tag = rule(1, Effects(user_scope="always"), tag="faq")

    assert Policy([by_tag], BASE).resolve(FACTS._replace(own_scope="never")).given.user_scope == "always"
