"""Envelopes that were written after the residual, to measure it on forms it was not designed with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Envelope = Callable[[Sequence[str], str], str]


def _pieces_of_context(passages: Sequence[str], question: str) -> str:
    text = "\n\n".join(passages)
    return (
        "Use the following pieces of context to answer the question at the end. If you don't know the answer, just say "
        f"that you don't know, don't try to make up an answer.\n\n{text}\n\nQuestion: {question}\nHelpful Answer:"
    )


def _quotes(passages: Sequence[str], question: str) -> str:
    return f'Text: """{" ".join(passages)}"""\n\nBased on the text above, {question[:1].lower()}{question[1:]}'


def _yaml(passages: Sequence[str], question: str) -> str:
    return "role: assistant\nsources:\n" + "".join(f"  - {text}\n" for text in passages) + f"user_input: {question}\n"


def _table(passages: Sequence[str], question: str) -> str:
    lines = "\n".join(f"| {number} | {text} |" for number, text in enumerate(passages, 1))
    return f"| id | content |\n|---|---|\n{lines}\n\n{question}"


def _chat(passages: Sequence[str], question: str) -> str:
    return f"[INST] <<SYS>>\nYou know this: {' '.join(passages)}\n<</SYS>>\n\n{question} [/INST]"


def _fence(passages: Sequence[str], question: str) -> str:
    text = "\n".join(passages)
    return f"{question}\n```\n{text}\n```"


def _examples(passages: Sequence[str], question: str) -> str:
    shots = "\n".join(f"Q: What does note {number} say?\nA: {text}" for number, text in enumerate(passages, 1))
    return f"{shots}\nQ: {question}\nA:"


def _german(passages: Sequence[str], question: str) -> str:
    return f"Beantworte die Frage nur anhand der Quellen.\nQuellen: {' '.join(passages)}\nFrage: {question}\nAntwort:"


UNSEEN: dict[str, Envelope] = {
    "pieces": _pieces_of_context,
    "quotes": _quotes,
    "yaml": _yaml,
    "table": _table,
    "chat": _chat,
    "fence": _fence,
    "examples": _examples,
    "german": _german,
}
