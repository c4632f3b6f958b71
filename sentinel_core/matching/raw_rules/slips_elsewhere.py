"""Slips in languages of which no word list is packaged: letters swapped, doubled, lost, or written by ear."""

from __future__ import annotations

import re

from sentinel_core.matching.gate.reading import word_set
from sentinel_core.matching.known_words import listed
from sentinel_core.matching.language import is_english
from sentinel_core.matching.other_languages.reading import shared_languages
from sentinel_core.matching.plain_letters import without_accents
from sentinel_core.matching.raw_rules.spanish_slips import are_two_alike, sound_of
from sentinel_core.matching.shared_run import are_swapped, shared_run

SPANISH = "es"

SHORTEST = 5
"""Letters of a word that is corrected; shorter ones are too often other words."""

LONG = 8
"""Letters of a word of which one may be lost, but none of its ending."""

_DETERMINERS = word_set(
    "der die das den dem des ein eine einen einem einer eines kein keine mein meine meinen meinem meiner dein deine "
    "ihr ihre unser unsere im am zum zur beim ins vom le la les un une mon ma mes el los las mi mis il lo gli o os "
    "as meu minha de het een mijn"
)
"""Words before a noun, which a name mostly has not."""

_LOST_IN_ENDING = re.compile(r"(?:[^\W\daeiouäöürl]en|ung)\Z")
"""German endings of which the letter before the last may be lost."""

_SWAPPED_VOWELS = frozenset({"ei", "ie"})
"""German tenses: `bleiben` and `blieben`."""


def is_slip_elsewhere(word: str, other: str, text: str, other_text: str) -> bool:
    """
    Whether two lower-case words are one with a slip, in prompts of which one is not English; symmetric.

    Two words that differ so, `Flasche` and `falsche`, are no slips: `near_elsewhere` lists one of each such pair among
    the 100,000 most frequent words of German, French, Spanish, Italian, Portuguese, Dutch, Swedish and Polish.
    """
    shorter, longer = sorted((word, other), key=len)
    if len(longer) < SHORTEST or not (word.isalpha() and other.isalpha()):
        return False
    if not _differ_by_a_slip(shorter, longer) and not _sound_alike(word, other, text, other_text):
        return False
    if is_english(text.lower()) and is_english(other_text.lower()):
        return False
    is_other = are_two_elsewhere(shorter, longer)
    return not is_other and not _may_be_name(word, text) and not _may_be_name(other, other_text)


def are_two_elsewhere(word: str, other: str) -> bool:
    """Whether two words, or a long part where they differ, are listed as two: `Kirchenfenster`, `Kirschenfenster`."""
    at, known = shared_run(word, other), listed("near_elsewhere")
    starts = range(max(0, at - LONG), at + 1)
    parts = {one[start:end] for one in (word, other) for start in starts for end in range(at + 1, at + LONG + 2)}
    return not known.isdisjoint({word, other, *(part for part in parts if len(part) >= LONG - 1)})


def _differ_by_a_slip(shorter: str, longer: str) -> bool:
    """Whether two neighbours inside are swapped, or a letter is written twice in one of them."""
    at = shared_run(shorter, longer)
    if len(shorter) == len(longer):
        return are_swapped(shorter, longer, at) and at > 0 and shorter[at : at + 2] not in _SWAPPED_VOWELS
    if len(longer) != len(shorter) + 1 or longer[at + 1 :] != shorter[at:] or at < 2:
        return False
    if len(longer) >= LONG and _LOST_IN_ENDING.search(longer) and at == len(longer) - 2:
        return True  # no German ending is left: `schneidn`, `bewerbug`
    is_doubled = longer[at] == longer[at - 1] and at < len(shorter) and len(longer) > SHORTEST
    return is_doubled or (len(longer) >= LONG and at < len(longer) - (2 if len(longer) >= LONG + 2 else 3))


def _sound_alike(word: str, other: str, text: str, other_text: str) -> bool:
    """Whether Spanish writers say both alike; two words that they do say alike are listed as two."""
    if SPANISH not in (one.name for one in shared_languages(text.lower(), other_text.lower())[0]):
        return False
    is_alike = without_accents(word) != without_accents(other) and sound_of(word) == sound_of(other)
    return is_alike and not are_two_alike(without_accents(word), without_accents(other))


def _may_be_name(word: str, text: str) -> bool:
    """Whether a word has a capital inside a sentence, and no article or the like before it."""
    found = re.search(rf"(\S+) +{re.escape(word.capitalize())}(?!\w)", text)
    return found is not None and found[1].lower() not in _DETERMINERS and not found[1].endswith((".", "!", "?", ":"))
