"""The part of a long prompt that is embedded in its place: enough to find candidates, too little to judge them."""

from __future__ import annotations

from collections.abc import Iterator

PARTS = ((400, 400), (100, 120))
"""Characters of the beginning and of the end; the second pair is for scripts with a token a character."""


def extracts(prompt: str) -> Iterator[str]:
    """Yield shorter and shorter extracts of `prompt`, cut at blanks where there are some."""
    text = prompt.strip()
    for head, tail in PARTS:
        if len(text) > head + tail:
            yield f"{_without_last_word(text[:head])}\n{_without_first_word(text[-tail:])}"


def _without_last_word(text: str) -> str:
    cut = text.rfind(" ", len(text) // 2)
    return text if cut < 0 else text[:cut]


def _without_first_word(text: str) -> str:
    cut = text.find(" ", 0, len(text) // 2)
    return text if cut < 0 else text[cut + 1 :]
