"""Requests made of a template and a payload: questions in an application's words, and texts to be worked on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from scripts.traffic.source import Asked

ASKING = {
    "support": "You work for a bank. Be polite and brief, and never promise a refund.\n\nCustomer: {}\nAssistant:",
    "markdown": "## Role\nYou help customers of a bank.\n## Rules\n* Use plain words.\n* Do not guess.\n## Message\n{}",
    "json": '{{"task": "reply to the customer", "tone": "friendly", "max_words": 60, "message": "{}"}}',
    "xml": "<system>Reply to the customer in three sentences and in plain words.</system><customer>{}</customer>",
    "sentence": "As an experienced and friendly agent of our bank please write a short reply to a customer who says {}",
    "first": "{}\n\nReply to the customer above in at most three sentences, in plain words and without any promise.",
}

WORKING = {
    "translate": ("Translate the following text into German:\n{}", "Please translate this text into German:\n{}"),
    "sentiment": ("Classify the sentiment of this text as positive, negative or neutral.\nText: {}\nSentiment:",
                  "Is the sentiment of this text positive, negative or neutral?\nText: {}\nSentiment:"),
    "summary": ("Summarise this in one sentence.\n\n{}", "Summarize this in one sentence:\n\n{}"),
    "correct": ("Correct the spelling and grammar: {}", "Correct the grammar and spelling: {}"),
    "rewrite": ('Rewrite "{}" in a formal tone.', 'Please rewrite "{}" in a formal tone.'),
    "extract": ("Extract all names from the text below.\n---\n{}\n---", "Extract every name from the text below.\n---\n{}\n---"),  # noqa: E501
    "above": ("{}\n\nWhat is the main point of the text above?", "{}\n\nWhat's the main point of the text above?"),
    "label": ("Which topic does this sentence belong to: science, sport or politics?\n{}",
              "Does this sentence belong to science, sport or politics?\n{}"),
}  # fmt: skip


def asking(asked: Sequence[Asked], *, random: Random) -> Iterator[dict[str, object]]:
    """Put each question in every template; each template is an application of its own."""
    for kind, template in ASKING.items():
        found = [_row(template.format(each.text.replace('"', "'")), each.answer_id, kind) for each in asked]
        random.shuffle(found)
        yield from found


def working(pairs: Sequence[tuple[str, str]], *, random: Random) -> Iterator[dict[str, object]]:
    """Give each of two alike texts to two wordings of one instruction: only the same text has the same answer."""
    for kind, instructions in WORKING.items():
        found = [
            _row(instruction.format(text.replace('"', "'")), text, f"work_{kind}")
            for pair in pairs
            for text in pair
            for instruction in instructions
        ]
        random.shuffle(found)
        yield from found


def _row(prompt: str, answer: str, kind: str) -> dict[str, object]:
    return {"prompt": prompt, "answer_id": f"{kind}/{answer}", "source": "templates", "ns": kind, "kind": kind}
