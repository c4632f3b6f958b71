"""Number words to digits, for English text that is already lower case."""

import re

from sentinel_core.support.patterns import has_any

_UNDER_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_BY_TEN = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_UNDER_TWENTY.split())}
_TENS = {word: 10 * value for value, word in enumerate(_BY_TEN.split(), start=2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_SMALL = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
_ANY = f"{_SMALL}|hundred|{'|'.join(_SCALES)}"
_MORE_WORDS = 19
"""After the first; a longer run of number words is a list, read twenty words at a time."""

_PHRASE = re.compile(rf"\b(?:{_SMALL})\b(?:(?:[ -]|[ -]and )(?:{_ANY})\b){{0,{_MORE_WORDS}}}")
_SCALED = re.compile(rf"\b(\d{{1,12}}(?:\.\d{{1,6}})?)[ -]?({'|'.join(_SCALES)})\b")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_TRAILING_ZEROS = re.compile(r"(?<![\d.])(\d+)\.0{1,6}(?![\d.])")
_DOZEN = re.compile(r"\b(?:a|1) dozen\b")
_WORD = re.compile(r"[a-z]+")
_ORDINALS_UNDER_TWENTY = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth"
)
_ORDINALS = {word: value for value, word in enumerate(_ORDINALS_UNDER_TWENTY.split(), start=1)}
_ORDINALS |= {f"{word[:-1]}ieth": value for word, value in _TENS.items()}
_AFTER_TENS = "|".join(word for word, value in _ORDINALS.items() if value < 10 and word != "second")
_ALONE = "|".join(word for word, value in _ORDINALS.items() if value > 2)
_ORDINAL = re.compile(
    rf"\b(?:({'|'.join(_TENS)})[- ]({_AFTER_TENS})|(?<!-)(?<!\ba )(?<!one )(?<!two )(?<!1 )(?<!2 )({_ALONE}))\b"
    r"(?! (?:of (?:a|an|the|my|all|it)|party|parties|person|world|degrees?)\b)"
)
_IN_ORDINALS = ("third", "rth", "fth", "xth", "nth", "hth", "ieth", "first", "1st", "2nd")
"""Texts one of which stands in each ordinal that is rewritten."""

_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_FIRST = re.compile(r"(?<![\w.,/-])(1st|2nd)(?![\w-])")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:[a-z]{2,6})?\b")
_SMALL_VALUES = {**_ONES, **_TENS}


def digits(text: str) -> str:
    """
    Write number words as digits, join thousands, drop empty decimals: `two hundred and five` -> `205`.

    Takes time in proportion to the text.
    """
    if "," in text:
        text = _GROUPED.sub(lambda match: match[0].replace(",", ""), text)
    if ".0" in text:
        text = _TRAILING_ZEROS.sub(r"\1", text)
    if has_any(text, _IN_ORDINALS):
        text = _ordinals(text)
    if not _SMALL_VALUES.keys().isdisjoint(_WORD.findall(text)):
        text = _PHRASE.sub(lambda match: _written(match[0]), text)
    if "illion" in text or "thousand" in text:
        text = _SCALED.sub(lambda match: plain(float(match[1]) * _SCALES[match[2]]), text)
    return _DOZEN.sub("12", text) if "dozen" in text else text


def _ordinals(text: str) -> str:
    """Write ordinals from the third on as digits, and `1st` and `2nd` as words, but for days of a month."""
    text = _ORDINAL.sub(_ordinal, text)
    if ("1st" in text or "2nd" in text) and not _MONTH.search(text):
        text = _FIRST.sub(lambda match: "first" if match[1] == "1st" else "second", text)
    return text


def _ordinal(match: re.Match[str]) -> str:
    tens, after, alone = match.groups()
    value = _ORDINALS[alone] if alone else _TENS[tens] + _ORDINALS[after]
    last = 0 if value // 10 == 1 else value % 10
    return f"{value}{_ENDINGS.get(last, 'th')}"


def plain(value: float) -> str:
    """Return the shortest usual spelling of a number: `3`, not `3.0`."""
    return str(int(value)) if value == int(value) else repr(value)


def _written(phrase: str) -> str:
    """Write each number in a run of at most twenty number words as digits, keeping the signs between them."""
    words = re.split(r"([ -])", phrase)
    written: list[str] = []
    while words and words != ["one"]:  # a lone "one" is mostly a pronoun
        length, value = _longest(words[::2])
        taken, between, words = words[: 2 * length - 1], words[2 * length - 1 : 2 * length], words[2 * length :]
        written += ["".join(taken) if value is None else str(value), *between]
    return "".join(written + words)


def _longest(words: list[str]) -> tuple[int, int | None]:
    """Return how many leading words make one number, and which; None for a word that begins no number."""
    length, value = 1, None
    total, group, ceiling, smallest = 0, 0, 10**15, 10**3
    for place, word in enumerate(words, start=1):
        if word == "and" and place > 1:
            continue
        if word in _SCALES and group > 0 and _SCALES[word] < ceiling:
            ceiling = _SCALES[word]
            total, group, smallest = total + group * ceiling, 0, 10**3
        elif word == "hundred" and 0 < group < 10:
            group, smallest = group * 100, 100
        elif _SMALL_VALUES.get(word, 10**3) < smallest:
            group += _SMALL_VALUES[word]
            smallest = 10 if _SMALL_VALUES[word] >= 20 else 0
        else:
            break
        length, value = place, total + group
    return length, value
