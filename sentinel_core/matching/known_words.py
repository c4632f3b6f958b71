"""The words of the packaged lists, which spelling is compared with; each list is read at its first use."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

FREQUENT = 4_000
"""The place by frequency up to which two words make a compound: `checkbox`."""

LATER = frozenset({
    "upload", "uploads", "uploaded", "login", "logout", "signup", "popup", "dropdown", "hashtag", "podcast", "selfie",
    "screenshot", "unfollow", "ibuprofen", "paracetamol", "photosynthesis", "emoji", "chatbot", "fintech", "loaf",
    "scam", "mow",
    "allergies", "appendicitis", "avocado", "avocados", "blockchain", "blueberries",
    "bluetooth", "breastfeeding", "broccoli", "bronchitis", "cappuccino", "carburetor", "carpool", "cashback",
    "cauliflower", "chickenpox", "chickpeas", "conjunctivitis", "croissant", "cryptocurrency",
    "cucumber", "dehydrated", "dehydration", "deodorant", "dizziness", "fertilizer",
    "hedgehog", "heartburn", "hemorrhoids", "homeschool", "houseplant",
    "ketchup", "lasagna", "lawnmower", "layover", "livestream", "mayonnaise", "menopause",
    "mosquitoes", "mozzarella", "overdraft", "passcode", "plagiarism",
    "powerpoint", "ransomware", "raspberry", "rideshare", "shampoo", "stopover",
    "strawberries", "sunscreen", "timezone", "tonsillitis", "touchscreen", "username",
    "vinaigrette", "vitamins", "wallpaper", "yoghurt", "zucchini",
})  # fmt: skip
"""Everyday words that are in no list; none is a slip away from another thing, as `probiotic` and `prebiotic` are."""

_LISTS = "raw_rules/word_data/{}.txt"


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of one list: `common_words`, `names`, and those of `is_listed`."""
    return frozenset(_text(_LISTS.format(name)).split())


@cache
def ranks() -> dict[str, int]:
    """Return each word's place by frequency in the embedder's vocabulary, the most frequent first."""
    return {word: place for place, word in enumerate(_text("gate/lexicon_data/words.txt").split())}


def is_common(word: str) -> bool:
    """Whether the word is everyday language, so that a word like it which is none is a slip."""
    return word in ranks() or word in LATER or word in listed("common_words")


@lru_cache(maxsize=4_096)
def is_known(word: str) -> bool:
    """Whether any list has the word, or a word that it is a form of or made of."""
    if is_listed(word) or any(is_listed(stem) for stem in _stems(word)):
        return True
    cuts = range(3, len(word) - 2)
    return any(_is_frequent(word[:cut]) and _is_frequent(word[cut:]) for cut in cuts)


def _is_frequent(word: str) -> bool:
    return ranks().get(word, FREQUENT) < FREQUENT


def is_listed(word: str) -> bool:
    """Whether any list has the word as it is."""
    return is_common(word) or any(
        word in listed(name) for name in ("rare_words", "real_words", "capitals_only", "both_cases")
    )


def _stems(word: str) -> list[str]:
    """Return what is left of a word without each ending that it has, and without each prefix."""
    found = [
        word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix) and len(word) > len(prefix) + 3
    ]
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            undoubled = [stem[:-1]] if stem[-1] == stem[-2] else []
            found += [stem] if ending == "s" else [stem, f"{stem}e", f"{stem}y", f"{stem}f", *undoubled]
    return found


_ENDINGS = (
    "s",
    "ves",
    "es",
    "ies",
    "d",
    "ed",
    "ied",
    "ing",
    "er",
    "ers",
    "or",
    "ly",
    "able",
    "ness",
    "less",
    "ful",
    "ation",
    "ize",
)
_PREFIXES = (
    "un",
    "re",
    "pre",
    "non",
    "anti",
    "over",
    "under",
    "sub",
    "super",
    "inter",
    "micro",
    "multi",
    "auto",
    "bio",
)


def _text(path: str) -> str:
    return (files("sentinel_core.matching") / path).read_text(encoding="utf-8")
