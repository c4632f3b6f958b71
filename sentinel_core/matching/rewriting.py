"""Rewrites a text by rules, each of which is asked only where the text has one of its hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress

from sentinel_core.support.patterns import lazy


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A pattern and its replacement."""

    pattern: re.Pattern[str]
    replacement: str


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """
    Rules in their order: `hints` are texts of which one stands in all that a rule's pattern matches.

    `owners` are the rules of the hints in the same places. All hints are looked for in one call of C: three hundred
    for each text would take a third of its time in a loop.
    """

    hints: tuple[str, ...]
    owners: tuple[Rule, ...]

    def for_ascii(self) -> Rules:
        """Return the rules that texts in ASCII need."""
        is_plain = [hint.isascii() for hint in self.hints]
        return Rules(tuple(compress(self.hints, is_plain)), tuple(compress(self.owners, is_plain)))

    def hinted(self, text: str) -> list[Rule]:
        """Return the rules of which the text has a hint; a rule once for each hint."""
        return list(compress(self.owners, map(text.__contains__, self.hints)))

    def rewritten(self, text: str) -> str:
        """Return the text after all rules, each asked about the text that those before it left."""
        hints, owners = self.hints, self.owners
        while hints:
            for place in compress(range(len(hints)), map(text.__contains__, hints)):
                rule = owners[place]
                changed = rule.pattern.sub(rule.replacement, text)
                if changed != text:
                    break
            else:
                return text
            text, last = changed, place + owners[place:].count(rule)
            hints, owners = hints[last:], owners[last:]
        return text


def rules_of(*listed: tuple[str, str, str]) -> Rules:
    """Build rules of hints, with "|" between them, a pattern and its replacement: most prompts need few patterns."""
    hints: list[str] = []
    owners: list[Rule] = []
    for texts, pattern, replacement in listed:
        own = texts.split("|")
        hints += own
        owners += [Rule(lazy(pattern), replacement)] * len(own)
    return Rules(tuple(hints), tuple(owners))
