"""Requests with passages in the user's turn: question sets times contexts, in several envelopes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

from scripts.traffic.source import Asked

Envelope = Callable[[Sequence[str], str], str]


def _plain(passages: Sequence[str], question: str) -> str:
    return f"Answer from the context.\nContext: {' '.join(passages)}\nQuestion: {question}"


def _question_first(passages: Sequence[str], question: str) -> str:
    return f"Question: {question}\n\nUse only these passages:\n" + "\n".join(f"- {text}" for text in passages)


def _markdown(passages: Sequence[str], question: str) -> str:
    parts = "\n\n".join(f"### Source {number}\n{text}" for number, text in enumerate(passages, 1))
    return (
        f"# Task\nAnswer questions about our documents.\n\n## Sources\n{parts}\n\n## Question\n{question}\n\n## Answer"
    )


def _xml(passages: Sequence[str], question: str) -> str:
    parts = "".join(f'<document index="{number}">{text}</document>\n' for number, text in enumerate(passages, 1))
    return f"<documents>\n{parts}</documents>\n<question>{question}</question>\nAnswer briefly."


def _json(passages: Sequence[str], question: str) -> str:
    return json.dumps({"instruction": "Answer with the passages.", "passages": list(passages), "query": question})


def _one_line(passages: Sequence[str], question: str) -> str:
    return f"Given that {' '.join(passages)} {question}"


def _numbered(passages: Sequence[str], question: str) -> str:
    parts = " ".join(f"[{number}] {text}" for number, text in enumerate(passages, 1))
    return (
        f"You are a helpful assistant. Cite sources as [n]. Sources: {parts} The user asks: {question} Keep it short."
    )


def _middle(passages: Sequence[str], question: str) -> str:
    half = len(passages) // 2 or 1
    return f"{' '.join(passages[:half])}\n\nUser question: {question}\n\nMore background: {' '.join(passages[half:])}"


ENVELOPES: dict[str, Envelope] = {
    "plain": _plain,
    "question_first": _question_first,
    "markdown": _markdown,
    "xml": _xml,
    "json": _json,
    "one_line": _one_line,
    "numbered": _numbered,
    "middle": _middle,
}


def stream(
    sets: dict[str, list[Asked]],
    passages: Sequence[str],
    *,
    context: int,
    random: Random,
    envelopes: Mapping[str, Envelope] = ENVELOPES,
) -> Iterator[dict[str, object]]:
    """
    Ask each set's questions about a few contexts of `context` passages, shuffled.

    Contexts of one set share passages, none has all of another, and one request in ten has no context at all: all want
    another answer.
    """
    for place, (namespace, asked) in enumerate(sets.items()):
        name, envelope = list(envelopes.items())[place % len(envelopes)]
        pool = random.sample(list(passages), context + 2)
        left_out = random.sample(list(combinations(pool, 2)), 3)
        contexts = [random.sample([text for text in pool if text not in pair], context) for pair in left_out]
        found = [
            _request(namespace, name, envelope, each, number, contexts) for each in asked for number in _drawn(random)
        ]
        random.shuffle(found)
        yield from found


def _drawn(random: Random) -> list[int]:
    """Which contexts one wording is asked about: one mostly, none now and then."""
    return [3] if random.random() < 0.1 else random.sample([0, 0, 1, 2], 2)[: random.choice((1, 1, 2))]


def _request(
    namespace: str, name: str, envelope: Envelope, asked: Asked, number: int, contexts: Sequence[Sequence[str]]
) -> dict[str, object]:
    prompt = asked.text if number == len(contexts) else envelope(contexts[number], asked.text)
    return {
        "prompt": prompt,
        "answer_id": f"{asked.answer_id}/{number}",
        "source": "rag",
        "ns": namespace,
        "kind": name,
    }
