"""Refusals over names: places, languages, tools, brands, capitalised words and rare words."""

import re
from functools import cache

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, Reading, fact, function_words, sets_differ, word_set
from sentinel_core.matching.gate.rules.numbers import same_sums
from sentinel_core.matching.gate.rules.rule import gate_rule

RARE = 0.97
"""Rarity from which a word that nothing on the other side resembles is taken for a name."""

ALIKE = 0.69
"""Nearness from which two words may say the same thing; in single precision a shared trunk is below 0.7."""

_CAPITAL = re.compile(r"(?<![\w'])[A-Z][\w&]*(?:[.'-]\w+)*")
_SENTENCE_START = re.compile(
    r"(?:^|(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSt)(?<!\bMrs)[.!?][\"”)]?\s+|[:\n]\s+"
    r"|[\"“(¿¡]\s*)([A-Z][\w'-]*)"
)
_BLANKS = re.compile(r"\s{3,}")
"""As many as that are shortened first: the search for a sentence's start would read each of them many times."""


@cache
def _known() -> dict[str, str]:
    names = lexicon.table("names.json")
    return {
        name: kind for kind in ("places", "tongues", "nationalities", "tools", "brands") for name in names[kind].split()
    }


@cache
def _phrases() -> re.Pattern[str]:
    phrases = sorted(lexicon.table("names.json")["place_phrases"], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b")


_ORDINARY = word_set("go excel word spring swift dart rust python ruby express teams slack zoom apple amazon "
"target delta united "
                      "subway meta gap oracle mercury turkey chad jordan georgia niger mali phoenix buffalo "
                      "charlotte orlando milan "
                      "nice rails julia lua dell stripe notion figma gemini claude llama hp conda pip cargo "
                      "english french polish "
                      "latin flu aids perth bath reading tb less crystal angular react windows html sql "
                      "css visa")  # fmt: skip


@gate_rule(
    must_refuse=[
        ("weather in Oslo", "weather in Madrid", "oslo", "madrid"),
        ("hotels in new york", "hotels", "new york", ""),
    ],
    must_pass=[
        ("pay with American Express", "pay with Amex"),
        ("weather in Paris", "weather in paris"),
    ],
)
def names(asked: Reading, stored: Reading) -> Difference | None:
    """Places, languages, tools and brands: what one prompt names, the other must name too."""
    left, right = named(asked), named(stored)
    if left == right:
        return None
    only_asked = left - right - stored.vocabulary
    only_stored = right - left - asked.vocabulary
    return (
        Difference(" ".join(sorted(only_asked)), " ".join(sorted(only_stored))) if only_asked or only_stored else None
    )


@gate_rule(
    must_refuse=[
        ("call Anneliese now", "call Bartholomew now", "anneliese", "bartholomew"),
    ],
    must_pass=[
        ("What is the capital", "what is the Capital"),
        ("HOW DO I PAY", "how do i pay"),
    ],
)
def capitals(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a capitalised word inside a sentence that the other prompt does not have in any spelling."""
    left, right = _capitals(asked), _capitals(stored)
    return _unmatched(left, right, asked, stored)


@gate_rule(
    must_refuse=[
        ("what is thermodynamics", "what is photosynthesis", "thermodynamics", "photosynthesis"),
    ],
    must_pass=[
        ("emergency plumbing", "emergancy plumbing"),
        ("¿Cómo puedo cambiar mi contraseña?", "¿Cómo cambio mi contraseña?"),
        (
            "On Monday Ann's quilted cushions cost 12 dollars each, and she sold 30 of them, "
            "and 8 more, at the fair. How many dollars did she earn?",
            "Ann asked 12 dollars for every patchwork cushion, and of these she sold 30 at the fair on Monday, "
            "and then 8. How much money came in?",
        ),
    ],
)
def rare(asked: Reading, stored: Reading) -> Difference | None:
    """Rare words on both sides, each with no like on the other; stories of the same sums are told in many."""
    if same_sums(asked, stored):
        return None
    left, right = _rare(asked), _rare(stored)
    if not left or not right:
        return None
    only_asked, only_stored = _without_like(left, stored), _without_like(right, asked)
    if not only_asked or not only_stored:
        return None
    return Difference(" ".join(sorted(only_asked)), " ".join(sorted(only_stored)))


@fact
def _rare(reading: Reading) -> frozenset[str]:
    words = zip(reading.surfaces, reading.content, strict=True)
    return frozenset(word for word, base in words if lexicon.rarity(base) >= RARE)


@fact
def named(reading: Reading) -> frozenset[str]:
    """Return the places, languages, nationalities, tools and brands in a prompt."""
    known, phrases = _known(), frozenset(_phrases().findall(reading.text))
    inside = {word for phrase in phrases for word in phrase.split()}
    return phrases | frozenset(
        token for token in reading.tokens if token in known and token not in inside and token not in _ORDINARY
    )


@fact
def _capitals(reading: Reading) -> frozenset[str]:
    if reading.raw[1:].islower():  # most prompts: only their first letter may be a capital
        return frozenset()
    raw = _BLANKS.sub(lambda match: "\n\n" if "\n" in match[0] else "  ", reading.raw)
    starts = set(_SENTENCE_START.findall(raw))
    found = [word for word in _CAPITAL.findall(raw) if word not in starts]
    # Headlines and shouting capitalise everything, which then says nothing.
    if len(found) * 3 > len(reading.tokens) * 2:
        return frozenset()
    lowered = (word.lower().removesuffix("'s").rstrip(".") for word in found)
    proper = frozenset(word for word in lowered if word in reading.vocabulary and len(word) > 1)
    return proper - function_words()


def _unmatched(left: frozenset[str], right: frozenset[str], asked: Reading, stored: Reading) -> Difference | None:
    only_asked, only_stored = _without_like(left, stored), _without_like(right, asked)
    return sets_differ(only_asked, only_stored)


def _without_like(found: frozenset[str], other: Reading) -> frozenset[str]:
    if not found:
        return found
    joined = other.text.replace(" ", "").replace("-", "")
    apart = [word for word in found if word.replace("-", "") not in joined]
    near = zip(apart, likeness.nearest(apart, other.vocabulary), strict=True)
    return frozenset(word for word, nearness in near if nearness < ALIKE)
