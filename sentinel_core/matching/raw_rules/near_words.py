"""Refuses words that differ in a letter or two and are two things: names, drugs, identifiers, opposites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import product

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, function_words, word_set
from sentinel_core.matching.known_words import is_common, is_listed, listed
from sentinel_core.matching.language import is_english
from sentinel_core.matching.plain_letters import puts_none, without_accents
from sentinel_core.matching.raw_rules.accents import accented
from sentinel_core.matching.raw_rules.initialisms import shortened
from sentinel_core.matching.raw_rules.slips_elsewhere import is_slip_elsewhere
from sentinel_core.matching.raw_rules.word_lists import is_name, is_rare_word
from sentinel_core.matching.shared_run import shared_run

MOST = 8
"""Words that only one prompt has; past them the prompts differ in more than letters."""

MOST_LONE = 24
"""Words that only one prompt has; past them no slip is looked for."""

MOST_WORDS = 80
"""Words of a prompt that slips are looked for in."""

LONGEST = 40
SHORTEST = 4
_MOST_LETTERS = 2

LONG = 8
"""Letters from which two words with two letters changed are alike."""

SAME = 0.75
"""Nearness from which two known words are spellings or forms of one, as `colour` and `color`."""

_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_STARTS = re.compile(r"(?:\A|[.!?:\n])[\s\"'(]*\Z")
_LATIN_PREFIXES = (
    "contra counter anti un in im ir il i dis des de d\u00e9s d\u00e9 dys mal m\u00e9 mis miss mi\u00df non non- "
    "nie ni ne nem bez bes on o u an a s ab ver ep\u00e4 sem- ohne"
)
_OTHER_PREFIXES = "\u0431\u0435\u0437 \u0431\u0435\u0441 \u043d\u0435 \u043d\u0438 \u03b1 \u03b1\u03bd"
_NEGATING = word_set(f"{_LATIN_PREFIXES} {_OTHER_PREFIXES}")
"""Prefixes of Germanic, Romance, Slavic, Finnic and Greek languages."""


def near_words(asked: str, stored: str) -> Difference | None:
    """
    Refuse two words alike in their letters, unless one is a slip of the other or a form of it.

    A slip is no word, no name and no identifier, and stands for a common word: `recieve`, not `prednisolone`.
    """
    for one, other in _lone_pairs(asked, stored):
        if _is_near(one, other) and not (_is_one(one, other, asked, stored) or _slip(one, other, asked, stored)):
            return Difference(one, other)
    return None


def corrected(asked: str, stored: str) -> tuple[str, str]:
    """Return both prompts with the slips, missing accents and long forms of one as the other writes them."""
    if not (asked.isascii() and stored.isascii()):
        asked, stored = _with_accents(asked, stored), _with_accents(stored, asked)
    asked, stored = _with_apostrophes(asked, stored), _with_apostrophes(stored, asked)
    asked, stored = shortened(asked, stored), shortened(stored, asked)
    left, right = _words(asked), _words(stored)
    lone, lone_2 = ([word for word in mine if _counts(word) and word not in theirs]
                    for mine, theirs in ((left, right), (right, left)))  # fmt: skip
    if max(len(lone), len(lone_2)) > MOST_LONE:
        return asked, stored
    for one in lone:
        asked = _mended(asked, one, right, stored)
    left = _words(asked)
    for other in lone_2:
        stored = _mended(stored, other, left, asked)
    return asked, stored


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))[:MOST_WORDS]


def _with_accents(text: str, other_text: str) -> str:
    others, writes_none = _words(other_text), puts_none(text)
    for word in set(_words(text)).difference(others):
        right = accented(word, others, writes_none=writes_none)
        text = text if right is None else _replaced(text, word, right)
    return text


def _with_apostrophes(text: str, other_text: str) -> str:
    """Write `leffet` and `quest ce` as the other prompt has them; a short word may be another one: `lune`, `l'une`."""
    if "'" not in other_text and "\u2019" not in other_text:
        return text
    for right in _words(other_text.replace("\u2019", "'")):
        bare = right.replace("'", "").replace("-", " ")
        if len(bare) >= LONG - 2 and bare != right.replace("-", " ") and not is_common(bare):
            text = _replaced(text, bare, right)
    return text


def _mended(text: str, word: str, others: Sequence[str], other_text: str) -> str:
    hyphenated = next((other for other in others if "-" in word + other and _is_hyphenated(word, other)), None)
    if hyphenated is not None:
        return _replaced(text, word, hyphenated)
    if is_common(word):
        return text
    if len(word) >= LONG - 2 and not is_listed(word):
        text = _parted(text, word, other_text)
    near = [other for other in others if _counts(other) and _is_near(word, other)]
    right = next((other for other in near if _slip(word, other, text, other_text) == word), None)
    elsewhere = (other for other in others if _counts(other) and abs(len(word) - len(other)) <= _MOST_LETTERS)
    right = right or next((other for other in elsewhere if is_slip_elsewhere(word, other, text, other_text)), None)
    return text if right is None or lexicon.base(word) == lexicon.base(right) else _replaced(text, word, right)


def _parted(text: str, word: str, other_text: str) -> str:
    """Write a word of no list as the two words that the other prompt has, as `zipcode` and `zip code`."""
    lower = f" {' '.join(_WORD.findall(other_text.lower()))} "
    parts = (f"{word[:cut]} {word[cut:]}" for cut in range(3, len(word) - 2))
    return next((_replaced(text, word, two) for two in parts if f" {two} " in lower), text)


def _replaced(text: str, slip: str, word: str) -> str:
    return re.sub(rf"(?<![^\W_]){re.escape(slip)}(?![^\W_])", word, text, flags=re.IGNORECASE)


def opposite_prefix(asked: str, stored: str) -> Difference | None:
    """Refuse a word and the same word behind a negating prefix, in any language: `possível` and `impossível`."""
    for one, other in _lone_pairs(asked, stored):
        if _is_negated(one, other):
            return Difference(one, other)
    return None


def _is_negated(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= SHORTEST and longer.endswith(shorter) and longer.removesuffix(shorter) in _NEGATING


def _lone_pairs(asked: str, stored: str) -> Iterator[tuple[str, str]]:
    """Pairs of words, each in one prompt only; none where many words differ."""
    left, right = (dict.fromkeys(_WORD.findall(comparable(text))) for text in (asked, stored))
    one, other = ([word for word in words if _counts(word)] for words in (left.keys() - right.keys(),
                                                                           right.keys() - left.keys()))  # fmt: skip
    return iter(()) if len(one) > MOST or len(other) > MOST else product(sorted(one), sorted(other))


def _counts(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word not in function_words()


def _is_near(one: str, other: str) -> bool:
    """One letter apart, or two in longer words; a number is another rule's."""
    if abs(len(one) - len(other)) > 2 or one.isdigit() or other.isdigit():
        return False
    if not (set(one[:3]) & set(other[:3])):
        return False
    most = 1 if min(len(one), len(other)) < LONG else 2
    return likeness.edits(one, other, most) <= most


def _is_one(one: str, other: str, asked: str, stored: str) -> bool:
    return _is_form(one, other) and not (_is_identifier(one, asked) and _is_identifier(other, stored))


def _is_identifier(word: str, text: str) -> bool:
    """Whether the word has a capital after a small letter, as names in code have."""
    place = text.lower().find(word)
    return place >= 0 and re.search(r"[a-z][A-Z]", text[place : place + len(word)]) is not None


def _is_form(one: str, other: str) -> bool:
    """Whether both are forms or spellings of one word."""
    if lexicon.base(one) == lexicon.base(other) or _american(one) == _american(other) or _is_accented(one, other):
        return True
    if is_common(one) and is_common(other):
        return _has_one_stem(one, other) or likeness.nearest([one], [other])[0] >= SAME
    return _ending(one, other) in _ENDINGS


def _is_hyphenated(one: str, other: str) -> bool:
    """Whether only a hyphen differs, as of `pop-up` and `popup`; `re-sign` and `resign` are two words."""
    return one.replace("-", "") == other.replace("-", "") and not _TELLING_HYPHEN.match(max(one, other, key=len))


def _has_one_stem(one: str, other: str) -> bool:
    """Whether only the last letters differ, as of `risk` and `risky`, `specify` and `specific`."""
    shared = max(4, min(len(one), len(other)) - 3)
    return one[:shared] == other[:shared]


_TELLING_HYPHEN = re.compile(r"(?:re-(?:co|cr|fo|le|si|se|so|tr|st|pr|mark|act\b)|co-op|un-)")
"""The beginning of words that are other words without their hyphen."""

_QUESTION_WORDS = word_set("como cuando donde cuanto cuanta cuantos cuantas cual cuales quien quienes")
"""Spanish ones, which many people write without their accents."""


def _is_accented(one: str, other: str) -> bool:
    """Whether only accents are missing: of a question word, or of a word that has some in both, as `resum\u00e9`."""
    plain, plain_2 = _plain(one), _plain(other)
    if plain != plain_2:
        return False
    if len(one) != len(other) or plain in _QUESTION_WORDS:
        return plain in _QUESTION_WORDS or (plain != one and plain_2 != other)
    has_one_sign = all(
        left == right or bare in (left, right) for left, right, bare in zip(one, other, plain, strict=True)
    )
    return has_one_sign and plain != one and plain_2 != other


def _plain(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _american(word: str) -> str:
    for british, american in _AMERICAN:
        word = word.replace(british, american)
    return word


_AMERICAN = (
    ("is", "iz"), ("ys", "yz"), ("our", "or"), ("tre", "ter"), ("ll", "l"), ("ae", "e"), ("oe", "e"), ("ogue", "og"),
    ("ence", "ense"), ("ey", "y"), ("amme", "am"),
)  # fmt: skip


def _ending(one: str, other: str) -> tuple[str, str]:
    shared = shared_run(one, other)
    first, second = sorted((one[shared:], other[shared:]))
    return first, second


_ENDINGS = frozenset(
    {("", "s"), ("", "es"), ("", "'s"), ("", "d"), ("", "ed"), ("d", "s"), ("ed", "s"), ("ies", "y"), ("ied", "y"),
     ("", "ly"), ("", "al"),
      ("", "n"), ("", "en"), ("ar", "o"), ("er", "o"),
     ("ir", "o"), ("are", "o"), ("ere", "o"), ("ire", "o"), ("er", "ren"),
     ("", "r"), ("", "er"), ("e", "t"), ("en", "t"), ("", "'"), ("s", "'s"), ("'s", "s"), ("", "y")}
)  # fmt: skip


_PARTIES = frozenset({("d", "r"), ("e", "r"), ("ed", "or"), ("ee", "or"), ("ee", "er"), ("", "ne")})
"""Endings of the one who acts and the one who is acted on, `payer` and `payee`; of a man and a woman: `championne`."""


def _slip(one: str, other: str, asked: str, stored: str) -> str | None:
    """Return which of two words is a slip of the other; None where neither is, or both may be."""
    if is_common(one) == is_common(other) or _is_negated(one, other) or _ending(one, other) in _PARTIES:
        return None
    right, wrong, text = (one, other, stored) if is_common(one) else (other, one, asked)
    if _is_substance(right, wrong) or without_accents(wrong) == right:
        return None
    is_elsewhere = not (is_english(asked.lower()) and is_english(stored.lower()))
    is_other_letter = len(one) == len(other) and sorted(one) != sorted(other)
    if is_elsewhere and (is_other_letter or not {one, other}.isdisjoint(listed("near_elsewhere"))):
        return None
    doubtful = (
        is_name(right)
        or is_rare_word(wrong)
        or _has_other_prefix(right, wrong)
        or not wrong.isalpha()
        or _is_capitalised(wrong, text)
    )
    return None if doubtful else wrong


_BEFORE_WORDS = word_set("re un de dis mis pre post over under out non sub inter")


def _has_other_prefix(right: str, wrong: str) -> bool:
    """Whether both are one word behind two prefixes or none, as `install` and `reinstall`: lists of words have gaps."""
    stems = (wrong.removeprefix(each) for each in _BEFORE_WORDS if wrong.startswith(each))
    return any(right.endswith(stem) and right.removesuffix(stem) in {"", *_BEFORE_WORDS} for stem in stems if stem)


_SUBSTANCES = re.compile(r"(?:ate|ite|ide|ane|ene|yne|anol|ase|ose|ine|ol)\Z")


def _is_substance(right: str, wrong: str) -> bool:
    """Whether two words differ in the ending of a substance, as `sulfate` and `sulfite`; common words are none."""
    ends = [_SUBSTANCES.search(word) for word in (right, wrong)]
    trunks = {word[: end.start()] for word, end in zip((right, wrong), ends, strict=True) if end}
    return all(ends) and len(trunks) == 1 and lexicon.rarity(right) >= _RARE_SUBSTANCE


_RARE_SUBSTANCE = 0.7


def _is_capitalised(word: str, text: str) -> bool:
    """Whether the word has a capital inside a sentence, as names have; not in a text of capitals."""
    place = text.find(word.capitalize())
    return place > 0 and not text.isupper() and not _STARTS.search(text, max(0, place - 8), place)
