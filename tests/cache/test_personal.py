from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import personal
from sentinel_core.cache.personal import RULES
from sentinel_core.chat.messages import ChatRequest, Json

TOOL: Json = {"type": "function", "function": {"name": "balance"}}


def asking(prompt: str, **params: Json) -> ChatRequest:
    return ChatRequest("fake", "small", ({"role": "user", "content": prompt},), params)


@pytest.mark.parametrize(("rule", "prompt"), [(rule.name, prompt) for rule in RULES for prompt in rule.matches])
def test_each_rule_matches_its_examples(rule: str, prompt: str) -> None:
    assert rule in set(personal.reasons(prompt))


@pytest.mark.parametrize("prompt", [prompt for rule in RULES for prompt in rule.passes])
def test_no_rule_matches_general_prompts(prompt: str) -> None:
    assert personal.reasons(prompt) == ()


def test_every_rule_has_examples_of_both_kinds_and_its_own_name() -> None:
    assert all(rule.matches and rule.passes and rule.why for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    "prompt",
    [
        "My package is late. Where is it? My order number is 77.",
        "where did I park?",
        "Has my application been approved?",
        "I'd like to know my account balance",
        "Who's meeting with me tomorrow?",
        "balance?",
        "Can I see my order history?",
        "How did I do on the test?",
        "Wie hoch ist mein Kontostand?",
        "Quanto devo?",
        "my order?",
        "Summarize my notes",
        "How long until my delivery arrives?",
        "I want to see the invoices from March",
        "What's my ETA?",
    ],
)
def test_questions_for_a_state_of_ones_own_are_personal(prompt: str) -> None:
    assert personal.reason(asking(prompt)) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I explain my gap year in an interview?",
        "I forgot my password, what should I do?",
        "Write a poem about my cat",
        "Can you help me with my essay?",
        "What documents do I need to open an account?",
        "Which laptop should I buy?",
        'What does "where is my order" mean?',
        "How long does a refund take?",
        "How long does it take to receive my card?",
        "Why was Rome sacked in 410?",
        "Which planets are near Earth?",
    ],
)
def test_questions_with_one_answer_for_all_are_not_personal(prompt: str) -> None:
    assert personal.reason(asking(prompt)) is None


def lines(name: str) -> list[str]:
    """Return the prompts of a data file, one a line."""
    return (Path(__file__).parent.parent / "data" / name).read_text(encoding="utf-8").splitlines()


def test_prompts_of_other_kinds_are_personal() -> None:
    assert [prompt for prompt in lines("personal_prompts.txt") if personal.reason(asking(prompt)) is None] == []


def test_prompts_of_other_kinds_are_shared() -> None:
    assert [prompt for prompt in lines("shared_prompts.txt") if personal.reason(asking(prompt)) is not None] == []


@pytest.mark.parametrize(
    "turns",
    [
        ("What is my balance?", "And last month?"),
        ("Where's my order?", "What about the other one?"),
        ("Wo ist meine Bestellung?", "Und die andere?"),
    ],
)
def test_follow_ups_of_personal_questions_are_personal(turns: tuple[str, ...]) -> None:
    request = ChatRequest("fake", "small", tuple({"role": "user", "content": turn} for turn in turns), {})

    assert personal.reason(request) is not None


def test_free_tools_are_personal_and_forced_functions_go_by_the_prompt() -> None:
    forced: Json = {"type": "function", "function": {"name": "balance"}}

    assert personal.reason(asking("Hello", tools=[TOOL])) == "tools"
    assert personal.reason(asking("Hello", tools=[TOOL], tool_choice="required")) == "tools"
    assert personal.reason(asking("Hello", tools=[TOOL], tool_choice=forced)) is None
    assert personal.reason(asking("Hello", tools=[TOOL], tool_choice="none")) is None
    assert personal.reason(asking("What is my balance?", tools=[TOOL], tool_choice=forced)) == "state-of-mine"
    assert personal.reason(asking("Hello", tools=[TOOL]), off={"tools"}) is None


def test_a_rule_that_is_off_does_not_count() -> None:
    assert personal.reason(asking("Who am I?")) is not None
    assert personal.reason(asking("Who am I?"), off=personal.NAMES) is None


@given(st.sampled_from(["my ", "what is ", "is my ", "how much ", "- ", "“", "show me the ", "\u0301", "where is "]))
def test_a_megabyte_of_anything_is_read_at_both_ends_only(atom: str) -> None:
    long = atom * (1_000_000 // len(atom))

    assert set(personal.reasons(long)) == set(personal.reasons(long[:1_500] + "\n" + long[-1_500:]))
