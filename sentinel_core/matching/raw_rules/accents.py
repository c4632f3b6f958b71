"""Words that two writers spell with and without their accents: `envio` and `envío`, `loeschen` and `löschen`."""

from __future__ import annotations

from collections.abc import Collection

from sentinel_core.matching.gate.reading import word_set
from sentinel_core.matching.plain_letters import without_accents

_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"})
"""Letters with a spelling of two letters for keyboards without them."""

_OTHER_LETTERS = frozenset("äöüßåøæ")
"""In words with these, a letter alone without its sign is another one: `schon` and `schön`."""

_ANOTHER_WORD = word_set(
    "masse busse flosse russe papa mama ano anos cana canas pena penas una unas campana mono monos sueno cuna dona "
    "lena pina tono sabana peche pecheur cote cotes mure mures sale tache taches cure marche marches interne passe "
    "congres mur sur cru pecher tacher roder haler chasse colon dore bailler mat "
    "jeune jeunes avo coco secretaria sabia meta eta faro leva pero jugo"
)
"""Words that are other words without their accents; those of `ß` are the same with `ss`."""

_ENDS_IN_ACCENT = word_set(
    "está qué é è até já há sofá café menú bebé así allí aquí ahí perú bogotá panamá canadá será où là à voilà città "
    "più perché università così può già qualità trà lunedì martedì giovedì venerdì você paraná pé chá"
)
"""Common words that keep their meaning without the accent on their last letter."""

_ENDINGS_OF_NOUNS = ("té", "tà")


_VOWELS = frozenset("aeiou")


def accented(word: str, others: Collection[str], *, writes_none: bool) -> str | None:
    """
    Return the one of `others` that lower-case `word` is without its accents; None if there is none.

    `writes_none` says that the writer of `word` puts accents on no word; else only `ae` for `ä` and the like counts.
    """
    return next((other for other in others if not other.isascii() and _is_spelling(word, other, writes_none)), None)


def _is_spelling(word: str, other: str, writes_none: bool) -> bool:
    if word == other or word in _ANOTHER_WORD:
        return False
    if word == other.translate(_WRITTEN_OUT):
        return True
    return writes_none and word == without_accents(other) and not _is_another(other)


def _is_another(word: str) -> bool:
    """Whether the word may be another one without its accents: `schön`, and the tense of `pagó`."""
    if not _OTHER_LETTERS.isdisjoint(word):
        return True
    ends_in_accent = without_accents(word[-1]) in _VOWELS - {word[-1]}
    return ends_in_accent and word not in _ENDS_IN_ACCENT and not word.endswith(_ENDINGS_OF_NOUNS)
