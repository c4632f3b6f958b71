from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import volatility
from sentinel_core.cache.volatility_rules import RULES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("rule", "prompt"), [(rule.name, prompt) for rule in RULES for prompt in rule.matches])
def test_each_rule_matches_its_examples(rule: str, prompt: str) -> None:
    others = volatility.NAMES - {rule}
    assert volatility.reason(prompt, NOW, off=others) == rule


@pytest.mark.parametrize("prompt", [prompt for rule in RULES for prompt in rule.passes])
def test_no_rule_matches_prompts_whose_answers_last(prompt: str) -> None:
    assert volatility.reason(prompt, NOW) is None


@pytest.mark.parametrize(
    "prompt",
    [
        "what are mortgage rates", "how much is one euro in dollars", "gold price", "whats my checking balance",
        "do I have enough money", "who won the game", "weather paris", "should I bring an umbrella", "Lakers score",
        "are there tickets left for the concert", "price of eggs", "is reddit down", "how's traffic", "USD to JPY",
        "inflation rate in Turkey", "are the trains running", "is target open", "how is Apple stock doing",
    ],
)  # fmt: skip
def test_live_values_do_not_last(prompt: str) -> None:
    assert volatility.reason(prompt, NOW) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I check my balance?", "How can I increase the traffic on my website?", "Why is my balance wrong?",
        "What is an exchange rate?", "What should I do during a stock market crash?", "how many people live in Japan",
        "Do you have an account for children available?", "What is the temperature of the sun?", "open a new account",
        "How does snow form?", "What is a normal heart rate?", "Is Linux open source?",
    ],
)  # fmt: skip
def test_questions_about_live_values_last(prompt: str) -> None:
    assert volatility.reason(prompt, NOW) is None


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("What's the weather in Paris today?", "today"),
        ("Who plays tonight?", "today"),
        ("Wie wird das Wetter heute?", "today"),
        ("今天天气怎么样？", "today"),
        ("What is happening in Berlin right now?", "now"),
        ("Where is the ISS now?", "now"),
        ("Which films are currently in cinemas?", "now"),
        ("What is the current price of gold?", "current"),
        ("Who is the current prime minister of Japan?", "current"),
        ("What is the current Federal Reserve interest rate?", "current"),
        ("What is the latest version of Python?", "latest"),
        ("Show me the most recent news about Mars", "latest"),
        ("Which concerts are there this weekend?", "period"),
        ("How many days until Christmas?", "period"),
        ("What time is it in Tokyo?", "clock"),
        ("What's the date?", "clock"),
        ("What is the time?", "clock"),
        ("How is the weather in Oslo?", "live"),
        ("What is the EUR/USD exchange rate?", "live"),
        ("What happened on 2026-11-20?", "date-near-now"),
        ("What happened on 20 November 2026?", "date-near-now"),
        ("Which shops are open on Nov 24th?", "date-near-now"),
        ("Is the 23rd of November a holiday?", "date-near-now"),
    ],
)
def test_a_prompt_whose_answer_does_not_last_is_told_by_a_rule(prompt: str, reason: str) -> None:
    assert volatility.reason(prompt, NOW) == reason


@pytest.mark.parametrize(
    "prompt",
    [
        "What is machine learning?",
        "How do I print the current directory in bash?",
        "What does datetime.today() return?",
        "Explain `SELECT NOW()` in SQL",
        "How do I pull nginx:latest?",
        "What is the time complexity of quicksort?",
        "What is the date of the French revolution?",
        "Explain alternating current",
        "How is the current through a resistor computed?",
        "I need it by Friday at the latest, how do I plan?",
        "What is the most recent common ancestor of cats and dogs?",
        "Now write a test for this function",
        "From now on answer in French",
        'Translate "What is the weather today?" into Spanish',
        "Translate to Spanish: What is the weather today?",
        "Why did the Berlin wall fall on November 9, 1989?",
        "What happened on 2001-09-11?",
        "What happened on 31 February 2026?",
        "What happened on 2026-13-45?",
        "I may 5 times try, then stop",
        "",
    ],
)
def test_a_prompt_whose_answer_lasts_is_told_by_none(prompt: str) -> None:
    assert volatility.reason(prompt, NOW) is None


def test_a_day_without_a_year_is_near_across_the_turn_of_the_year() -> None:
    new_year = datetime(2027, 1, 2, tzinfo=UTC).timestamp()

    assert volatility.reason("What was on at 30 December?", new_year) == "date-near-now"


@pytest.mark.parametrize(("day", "reason"), [(15, "date-near-now"), (14, None), (29, "date-near-now"), (30, None)])
def test_near_is_a_week_either_way(day: int, reason: str | None) -> None:
    assert volatility.reason(f"What about 2026-11-{day}?", NOW) == reason


def test_of_a_long_prompt_only_the_ends_are_read() -> None:
    article = "Words of an article. " * 50

    assert volatility.reason(f"{article} It rains today. {article}", NOW) is None
    assert volatility.reason(f"{article} What does it cost today?", NOW) == "today"


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("What is on today?", "today"),
        ("What is the latest version of Python?", "latest"),
        ("What about 2026-11-20?", "date-near-now"),
        ("今天几号", "today"),
    ],
)
def test_a_rule_that_is_switched_off_tells_nothing(prompt: str, rule: str) -> None:
    assert volatility.reason(prompt, NOW) == rule
    assert volatility.reason(prompt, NOW, off={rule}) is None
    assert volatility.reason(f"{prompt} The weather in Paris?", NOW, off={rule}) == "live"


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("Who leads the League table?", "words"),
        ("Who is on CALL?", "words"),
        ("What is a callback, a recall, league.table()?", None),
        ("Translate: who is on call?", None),
        ("Who is on call today?", "words"),
    ],
)
def test_the_operators_own_words_tell_more(prompt: str, reason: str | None) -> None:
    assert volatility.reason(prompt, NOW, words=("league table", "on call")) == reason


@given(st.text())
def test_any_prompt_is_judged(prompt: str) -> None:
    assert volatility.reason(prompt, NOW) in {None, *volatility.NAMES}
