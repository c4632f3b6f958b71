"""Instructions of one task are one, whatever their words; a word more makes another."""

from __future__ import annotations

import pytest

from sentinel_core.matching.residual.instructions import task_of


@pytest.mark.parametrize(
    ("instruction", "task"),
    [
        ("Translate into Danish", ("translate", "danish")),
        ('Please give me the Danish translation of "…"', ("translate", "danish")),
        ("Could you translate this text to Danish", ("translate", "danish")),
        ("¿Puedes traducir al danés: «»?", ("translate", "danés")),
        ("Bitte ins Dänische übersetzen", ("translate", "dänische")),
        ("Fix any spelling mistakes in this", ("correct", "spelling")),
        ("Correct the spelling", ("correct", "spelling")),
        ("Make this more polite", ("tone", "polite")),
        ("Rewrite this message in a more polite tone", ("tone", "polite")),
        ("How many words are in this sentence", ("count", "word")),
        ("Count the words", ("count", "word")),
        ("What is the topic of this text?", ("class", "topic")),
        ("List every phone number in", ("list", "phone number")),
        ("Extract all phone numbers from", ("list", "phone number")),
        ("Write a one-sentence summary of", ("shorten", "one")),
        ("Summarise in a single sentence", ("shorten", "one")),
    ],
)
def test_an_instruction_names_its_task_and_parameter(instruction: str, task: tuple[str, str]) -> None:
    assert task_of(instruction) == task


@pytest.mark.parametrize(
    "instruction",
    [
        "",
        "Translate into Danish and explain each word",
        "Translate the first sentence into Danish",
        "Give me a literal translation of",
        "Check the spelling",
        "Correct the spelling but keep the grammar",
        "Summarise in one sentence in Danish",
        "List the first phone number in",
        "Count the words of each line",
        "Translate into Danish" + " please" * 40,
    ],
)
def test_an_instruction_that_says_more_names_no_task(instruction: str) -> None:
    assert task_of(instruction) is None
