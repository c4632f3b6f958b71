import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import novelty
from sentinel_core.cache.novelty import RULES


@pytest.mark.parametrize(("rule", "prompt"), [(rule.name, prompt) for rule in RULES for prompt in rule.matches])
def test_each_rule_matches_its_examples(rule: str, prompt: str) -> None:
    assert rule in set(novelty.reasons(prompt))


@pytest.mark.parametrize("prompt", [prompt for rule in RULES for prompt in rule.passes])
def test_no_rule_matches_prompts_that_ask_about_a_thing(prompt: str) -> None:
    assert list(novelty.reasons(prompt)) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "I want another joke", "Could you please generate a secure passphrase?", "tell us one more riddle",
        "give me 5 random words", "Make up a bedtime story about a dragon", "flip a coin for me",
        "Please create a unique username", "no, try again", "ok another one please", "choose a random card",
        "I need a new UUID", "give me a fun fact", "write me a limerick", "Let's roll the dice",
        "can you sing a song", "retry", "Do it again", "generate 3 UUIDs", "a different one",
        "tell me something funny", "i'd like to hear a joke", "Say something random",
        "pick a winner from these names: Ann, Bo",
    ],
)  # fmt: skip
def test_other_requests_for_something_new_are_recognised(prompt: str) -> None:
    assert novelty.reason(prompt) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I create a strong password?", "How do I generate a UUID in Python?", "change my password",
        "reset my PIN", "I want to change my PIN", "My card was declined again", "Can I get another card?",
        "I need a new card", "What is the best joke of all time?", "Tell me about random variables",
        "give me the address of the bank", "What facts support evolution?", "Explain public key cryptography",
        "where is my new card", "Give me more information about fees", "How do I roll over my pension?", "",
        "is there another way", "Write a function that creates a random password", "give me the recipe",
        'Translate "tell me a joke" to French', "I would like to activate my new card", "the payment was made again",
        "send me a new card", "create a new account",
    ],
)  # fmt: skip
def test_other_prompts_may_be_answered_from_the_cache(prompt: str) -> None:
    assert novelty.reason(prompt) is None


@given(st.text(max_size=300))
def test_any_prompt_is_judged(prompt: str) -> None:
    assert novelty.reason(prompt) in {None, *(rule.name for rule in RULES)}
