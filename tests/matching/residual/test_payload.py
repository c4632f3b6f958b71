"""A text to be worked on must be the same to the letter; its instruction may be alike."""

from __future__ import annotations

import pytest

from sentinel_core.matching.residual import compare
from sentinel_core.matching.residual.payload import Work, work

WORKS = {
    "Translate into French: I love dogs": ("Translate into French", "I love dogs"),
    "Classify the sentiment: The food was great": ("Classify the sentiment", "The food was great"),
    "Summarize this text.\n\nThe cat sat.": ("Summarize this text.", "The cat sat."),
    'Rewrite "I am late" in a formal tone.': ('Rewrite "…" in a formal tone.', "I am late"),
    "Is this review positive or negative?\nI loved it.": ("Is this review positive or negative?", "I loved it."),
    "Which topic is this text about: sport or art?\nThe cat sat.": (
        "Which topic is this text about: sport or art?",
        "The cat sat.",
    ),
    "a + b\n\nWhat does the code above do?": ("What does the code above do?", "a + b"),
    "Suggest a title for this essay: Night falls": ("Suggest a title for this essay", "Night falls"),
    "Night falls\n\nSimplify": ("Simplify", "Night falls"),
    "Add comments to the text below\n---\nx = 1": ("Add comments to the text below", "---\nx = 1"),
    "Übersetze ins Englische: Guten Tag": ("Übersetze ins Englische", "Guten Tag"),
    "Translate good morning to Spanish": ("Translate … to Spanish", "good morning"),
}


LONG = "The delivery came two days late in the end. The staff on the phone were kind and sent a voucher by mail."


@pytest.mark.parametrize("prompt", WORKS)
def test_an_instruction_is_told_from_its_text(prompt: str) -> None:
    assert work(prompt) == Work(*WORKS[prompt])


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I reset my password?",
        "Summarize the plot of Hamlet",
        "Answer from the context.\nContext: Paris is in France.\nQuestion: Where is Paris?",
        "What is the capital of France? Answer in one word.",
        "Fix my order. It is late.",
        "Beantworte die Frage.\nQuelle: List of rivers.\nFrage: Explain this text: which one is longest?",
        "My card was declined. What should I do?",
        "How do I write a for loop in Bash?",
        "\n#" * 4_000,
    ],
)
def test_a_question_has_no_text_to_be_worked_on(prompt: str) -> None:
    assert work(prompt) is None


@pytest.mark.parametrize("prompt", WORKS)
def test_another_text_is_refused(prompt: str) -> None:
    other = prompt.replace(WORKS[prompt][1], "Nothing of this")

    assert compare(prompt, other).rule == "payload"


def test_alike_instructions_are_judged_for_the_same_text() -> None:
    compared = compare("Translate to plain French: I love dogs", "Please translate into plain French: I love dogs")

    assert (compared.rule, compared.is_whole) == (None, False)
    assert (compared.asked, compared.stored) == ("Translate to plain French", "Please translate into plain French")


def test_instructions_of_one_task_are_one_request_for_the_same_text() -> None:
    asked = 'Give me the French translation of "I love dogs"'

    assert compare(asked, "Translate into French: I love dogs").is_same
    assert compare(asked, "Translate into French: I love cats").rule == "payload"
    assert not compare(asked, "Translate into Dutch: I love dogs").is_same


CODE = "```python\ndef mean(xs):\n    return sum(xs) / len(xs)\n```"


@pytest.mark.parametrize(
    ("asked", "stored", "text"),
    [
        ("What does this function do?\n{}", "Explain what this function does:\n{}", CODE),
        ("Proofread this text: {}", "Please proofread the following text: {}", "i has came late becose of rain"),
        ("{}\n\nWrite a headline for the article above.", "{}\n\nGive me a headline for the above article.", LONG),
        (
            "<text>{}</text>\nTranslate the text to German.",
            "<text>{}</text>\nPlease translate the text to German.",
            LONG,
        ),
        ("Rewrite the paragraph in a formal tone.\n\n{}", "Rewrite the paragraph more formally.\n\n{}", LONG),
        ("Is this message spam? Yes or no.\n\n{}", "Is the following message spam? Yes or no.\n\n{}", LONG),
    ],
)
def test_instructions_in_other_frames_are_one_request_for_the_same_text(asked: str, stored: str, text: str) -> None:
    assert compare(asked.format(text), stored.format(text)).is_same
    assert not compare(asked.format(text), stored.format(text.replace("n", "m", 1))).is_same


def test_texts_above_and_below_an_instruction_are_two() -> None:
    form = f"{LONG}\n\nShorten the article {{}}.\n\n{LONG.replace('late', 'soon')}"

    assert not compare(form.format("above"), form.format("below")).is_same


def test_an_instruction_beside_a_question_is_judged_without_the_fence() -> None:
    compared = compare("List all names\n```\nAnna, Bob\n```", "What are all the names?\n```\nAnna, Bob\n```")

    assert (compared.asked, compared.stored) == ("List all names", "What are all the names?")


def test_letter_case_and_signs_count_in_a_text() -> None:
    assert compare("Explain this code:\na + b", "Explain this code:\na - b").rule == "payload"
    assert compare("Correct the grammar: i am here", "Correct the grammar: I am here").rule == "payload"
