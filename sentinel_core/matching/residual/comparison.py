"""Chooses the parts of two prompts that are judged: the whole, the unshared rest, or none if they cannot be one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sentinel_core.matching import other_languages
from sentinel_core.matching.canonical_text import LONGEST as LONGEST_FOLDED
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate.reading import Difference
from sentinel_core.matching.lone_question import LONGEST as LONGEST_FRAMED
from sentinel_core.matching.lone_question import lone_question
from sentinel_core.matching.mail import author
from sentinel_core.matching.raw_rules import RAW_RULES, raw_difference
from sentinel_core.matching.raw_rules.near_words import corrected
from sentinel_core.matching.raw_rules.registry import LONGEST as LONGEST_JUDGED
from sentinel_core.matching.residual.call_ids import without_call_ids
from sentinel_core.matching.residual.instructions import say_the_same, task_of
from sentinel_core.matching.residual.payload import EDGES, Work, work
from sentinel_core.matching.residual.reasons import without_reason
from sentinel_core.matching.residual.residual import PASSAGES, Residual, split

LONGEST = 400_000
"""Characters; a longer prompt is reused for an identical one only."""

ALL = frozenset(RAW_RULES)

SLOT = 2
"""Words; shorter rests fill a slot of a template, and other words there are another request."""

CONTEXT = 60
"""Characters that a prompt has around another one from which they are a context, not a courtesy."""

_SHOWN = 60

_OF_LETTERS = frozenset({"opposite_prefix", "near_words"})
"""Raw rules about words with few letters changed; those of one request in another language are forms of one word."""

_INDENTED = re.compile(r"^[ \t]+\S|```", re.MULTILINE)
"""Text in which blanks and the order of lines may tell."""

LENGTH, PAYLOAD, REST = "length", "payload", "rest"


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    The two texts to judge, or why the pair is refused: a rule and the difference it found.

    `is_whole` says that the texts are the prompts themselves; `is_same` that the prompts differ in blanks only,
    `shares_passages` that the texts are what is left beside passages that both have.
    """

    asked: str = ""
    stored: str = ""
    is_whole: bool = False
    is_same: bool = False
    shares_passages: bool = False
    rule: str | None = None
    difference: Difference | None = None


def compare(asked: str, stored: str, rules: frozenset[str] = ALL) -> Comparison:
    """
    Compare two raw prompts by those of `RAW_RULES` that are in `rules`.

    The work grows with the length of the prompts and no faster, up to `LONGEST` characters.
    """
    if author(stored) not in {"", author(asked)}:
        return _refused(REST, asked, stored)  # the answer may greet its author by name
    texts = _texts_to_judge(*map(_question_of, without_call_ids(asked, stored)))
    if texts.rule is not None or texts.is_same:
        return texts
    if max(len(texts.asked), len(texts.stored)) > LONGEST_JUDGED:
        return _refused(LENGTH, asked, stored)
    one, other = corrected(texts.asked, texts.stored)
    asks_the_same = one != other and (
        other_languages.asks_the_same(one, other) or other_languages.asks_the_same(comparable(one), comparable(other))
    )
    refusal = raw_difference(one, other, rules - _OF_LETTERS if asks_the_same else rules)
    if refusal is not None:
        return Comparison(rule=refusal[0], difference=refusal[1])
    if asks_the_same:
        text = min(one, other)
        return Comparison(text, text, shares_passages=texts.shares_passages)
    is_whole = texts.is_whole and (one, other) == (asked, stored)
    return Comparison(one, other, is_whole, shares_passages=texts.shares_passages)


def _question_of(prompt: str) -> str:
    return _short_question(prompt) if len(prompt) <= LONGEST_FRAMED else prompt


@lru_cache(maxsize=256)
def _short_question(prompt: str) -> str:
    return without_reason(lone_question(prompt))


def _texts_to_judge(asked: str, stored: str) -> Comparison:
    if asked == stored:
        return Comparison(is_same=True)
    if max(len(asked), len(stored)) > LONGEST:
        return _refused(LENGTH, asked, stored)
    left, right = work(asked), work(stored)
    if left is not None or right is not None:
        return _compare_work(asked, stored, left, right)
    residual = split(asked, stored)
    if residual is not None:
        return _compare_rests(asked, stored, residual)
    if max(len(asked), len(stored)) > LONGEST_JUDGED and _is_laid_out_alike(asked, stored):
        return Comparison(is_same=True)
    has_context = _holds(asked, stored) or _holds(stored, asked)
    return (
        _refused(REST, asked, stored) if has_context and not _is_one_spelling(asked, stored) else _whole(asked, stored)
    )


def _holds(one: str, other: str) -> bool:
    """Whether `one` is all of `other` and much more, as a question with its context is of the question."""
    return len(one) > len(other) + CONTEXT and other.strip() in one


def _compare_work(asked: str, stored: str, left: Work | None, right: Work | None) -> Comparison:
    """Compare payloads: the text to be worked on must be the same; the instructions may be alike."""
    payload = (left or right or Work("", "")).payload
    if left is None or right is None:
        left, right = left or _without(asked, payload), right or _without(stored, payload)
    if left is None or right is None or _squeezed(left.payload) != _squeezed(right.payload):
        return _refused(PAYLOAD, left.payload if left else asked, right.payload if right else stored)
    if left.instruction == right.instruction:
        return _whole(asked, stored) if _is_laid_out_alike(asked, stored) else _refused(PAYLOAD, asked, stored)
    if _are_one_request(left.instruction, right.instruction):
        return Comparison(is_same=True)
    return Comparison(left.instruction, right.instruction)


def _without(prompt: str, payload: str) -> Work | None:
    before, found, after = prompt.partition(payload)
    if not found:
        return None
    return Work("\n".join(part for part in (before.strip(EDGES), after.strip(EDGES)) if part), payload)


def _squeezed(payload: str) -> str:
    """Line ends and blanks at the end of lines say nothing; all else in a text to be worked on does."""
    return "\n".join(line.rstrip() for line in payload.strip().splitlines())


def _compare_rests(asked: str, stored: str, residual: Residual) -> Comparison:
    left, right = residual.asked, residual.stored
    if not left and not right:
        is_alike = _is_laid_out_alike(asked, stored) or (residual.moved and not _INDENTED.search(asked + stored))
        same = not residual.reordered and is_alike
        return Comparison(is_same=True) if same else _refused(REST, asked, stored)
    if not left or not right:
        return _whole(asked, stored) if _is_one_spelling(asked, stored) else _refused(REST, left, right)
    if not residual.reordered and _are_one_request(left, right):
        return Comparison(is_same=True)
    if residual.reordered or residual.scattered or _fill_a_slot(left, right):
        return _refused(REST, left, right)
    return Comparison(left, right, shares_passages=residual.shared_words >= PASSAGES)


def _are_one_request(one: str, other: str) -> bool:
    """Whether two requests over one text differ in words that change nothing; signs and letter case may change it."""
    return say_the_same(one, other) and (task_of(one) is not None or raw_difference(one, other, ALL) is None)


def _is_laid_out_alike(asked: str, stored: str) -> bool:
    """Whether only blanks inside lines, at their ends and around the whole differ."""
    return _layout(asked) == _layout(stored)


def _layout(text: str) -> list[tuple[str, list[str]]]:
    lines = text.strip().splitlines()
    return [(line[: len(line) - len(line.lstrip())], line.split()) for line in lines]


def _is_one_spelling(asked: str, stored: str) -> bool:
    return max(len(asked), len(stored)) <= LONGEST_FOLDED and comparable(asked) == comparable(stored)


def _fill_a_slot(left: str, right: str) -> bool:
    return max(len(left.split()), len(right.split())) <= SLOT and not _is_one_spelling(*corrected(left, right))


def _whole(asked: str, stored: str) -> Comparison:
    return Comparison(asked, stored, is_whole=True)


def _refused(rule: str, asked: str, stored: str) -> Comparison:
    return Comparison(rule=rule, difference=Difference(asked[:_SHOWN], stored[:_SHOWN]))
