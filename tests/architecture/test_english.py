"""Docstrings are plain English: few clauses where a noun stands, and none of the words that must be read twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.architecture.modules import modules

BANNED = re.compile(r"\b(?:hears?|heard|whoever|those who|anew|of whom|makes? out|somebody)\b", re.IGNORECASE)
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
MOST_WHATS = 2.0
"""Of "what", per 1,000 words of docstrings."""


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield file and text of every docstring, without quotations and code."""
    for module in modules():
        for text in module.docstrings:
            yield module.name, QUOTED.sub("", text)


def test_docstrings_use_no_word_that_must_be_read_twice() -> None:
    assert [(file, word) for file, text in docstrings() for word in BANNED.findall(text)] == []


def test_docstrings_say_what_by_nouns() -> None:
    texts = [text for _, text in docstrings()]
    words = sum(len(text.split()) for text in texts)
    whats = sum(len(re.findall(r"\bwhat\b", text, re.IGNORECASE)) for text in texts)

    assert words > 20_000
    assert 1_000 * whats / words <= MOST_WHATS
