"""Rules on the words of a prompt, with examples that are their tests: volatile, new and personal prompts share them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sentinel_core.support.patterns import lazy

GIVEN = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»", re.DOTALL)
"""Code and quotations, which ask nothing."""

WORK = re.compile(
    r"\W*(?:please |can you |could you )?(?:translate|rewrite|rephrase|paraphrase|proofread|correct|classify|label"
    r"|extract|summari[sz]e|shorten|edit|complete|convert|fix|[üu]bersetze?|korrigiere?|traduis\w*|corrige\w*|traduc\w+|traduz\w*|vertaal)"
    r"\b[^:?!\n]{0,60}:",
    re.IGNORECASE,
)
"""The beginning of a prompt with a text to be worked on, which asks nothing."""

_SENTENCE = re.compile(r"(?:[^.?!\n;。？！؟।]|\.(?=\w)){1,400}[.?!;。？！؟।]?")


ASKS = ("?", "？", "؟")
"""Ends of questions."""


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text with single blanks; empty ones too."""
    return (" ".join(found[0].split()) for found in _SENTENCE.finditer(text))


@dataclass(frozen=True, slots=True)
class PromptRule:
    """
    One reason for which a prompt is of a kind: `pattern` is searched in it, `unless` must not be found.

    `matches` and `passes` are prompts that the rule knows and does not know; `why` says what it is for.
    """

    name: str
    pattern: str
    matches: tuple[str, ...]
    passes: tuple[str, ...]
    unless: str | None = None
    why: str = ""


Prepared: TypeAlias = Sequence[tuple[str, re.Pattern[str], re.Pattern[str] | None]]
"""Name, pattern and exception of each rule."""


def prepared(rules: Iterable[PromptRule], around: tuple[str, str] = ("", "")) -> Prepared:
    """
    Prepare rules that ignore the case of a prompt, once while a module is imported; each is compiled at its first use.

    `around` stands before and after each pattern.
    """
    before, after = around
    return [
        (
            rule.name,
            lazy(f"{before}(?:{rule.pattern}){after}", re.IGNORECASE),
            None if rule.unless is None else lazy(rule.unless, re.IGNORECASE),
        )
        for rule in rules
    ]


def matching(text: str, rules: Prepared) -> Iterator[str]:
    """Yield the names of the rules that match a text, in their order."""
    return (
        name
        for name, pattern, unless in rules
        if pattern.search(text) is not None and (unless is None or unless.search(text) is None)
    )
