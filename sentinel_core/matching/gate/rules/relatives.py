"""Refusals over who does it and to whom, in a clause that tells of a noun: `users who follow Anna`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_PRONOUNS = word_set("who whom that which")
_HINTS = _PRONOUNS | {"by"}
_ARTICLES = word_set("a an the")
_BE = word_set("is are was were be been being get gets got")
_MOST = 6  # words of the clause
_MUTUAL = word_set("meet marry border resemble match join date divorce love equal overlap cross touch")
"""Who does these to another one has them done by the other, mostly."""


@gate_rule(
    must_refuse=[
        ("show users who follow Anna", "show users who Anna follows", "follow anna", "anna follow"),
        ("find papers that cite this one", "find papers that this one cites", "cite this one", "this one cite"),
        ("list authors cited by Turing", "list authors citing Turing", "cited by", "citing"),
        ("films influenced by Psycho", "films that influenced Psycho", "influenced by", "influenced"),
        ("which firms are supplied by Bosch", "which firms supply Bosch", "supplied by", "supply"),
    ],
    must_pass=[
        ("list papers cited by Turing", "list papers that Turing cited"),
        ("the dog that bit the man", "a dog that bites a man"),
        ("is it true that cats purr", "is it true that a cat purrs"),
        ("which shops open late", "which shops are open late"),
    ],
)
def relative(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a clause whose noun does it against one whose noun has it done: `who follow Anna`, `who Anna follows`."""
    if _HINTS.isdisjoint(asked.vocabulary) and _HINTS.isdisjoint(stored.vocabulary):
        return None
    if content_words(asked) != content_words(stored) or asked.is_story or stored.is_story:
        return None
    return _turned(asked, stored) or _done_by(asked, stored)


def _turned(asked: Reading, stored: Reading) -> Difference | None:
    left, right = _clause(asked), _clause(stored)
    if not left or not right or left == right:
        return None
    for one, other in ((left, right), (right, left)):
        verb, *rest = one
        at = other.index(verb) if verb in other else 0
        if at and is_content(verb) and verb not in _MUTUAL and [*other[:at], *other[at + 1 :]] == rest:
            return Difference(" ".join(left), " ".join(right))
    return None


@fact
def _clause(reading: Reading) -> tuple[str, ...]:
    """Return the base forms of a clause behind its pronoun, without articles; nothing where there is none."""
    if _PRONOUNS.isdisjoint(reading.tokens[1:]):
        return ()
    words = reading.tokens
    at = next((at for at in range(1, len(words)) if words[at] in _PRONOUNS and is_content(words[at - 1])), len(words))
    return tuple(lexicon.base(word) for word in words[at + 1 :] if word not in _ARTICLES)[:_MOST]


def _done_by(asked: Reading, stored: Reading) -> Difference | None:
    """Find `cited by Turing` against `citing Turing`, or `who cite Turing`."""
    if ("by" in asked.vocabulary) == ("by" in stored.vocabulary):
        return None
    passive, active = (asked, stored) if "by" in asked.vocabulary else (stored, asked)
    for verb, done, agent in _agents(passive.tokens):
        words = [word for word in active.tokens if word not in _ARTICLES]
        for word, after in pairwise(words):
            if lexicon.base(word) == verb not in _MUTUAL and lexicon.base(after) == agent:
                pair = (f"{done} by", word)
                return Difference(*pair) if passive is asked else Difference(*pair[::-1])
    return None


def _agents(tokens: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each verb before `by`, its participle, and the base of the one who does it."""
    words = [word for word in tokens if word not in _ARTICLES]
    for done, by, agent in zip(words, words[1:], words[2:], strict=False):
        if by == "by" and is_content(done) and lexicon.base(done) != done and not done.endswith("ing"):
            yield lexicon.base(done), done, lexicon.base(agent)
