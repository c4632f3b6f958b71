"""Number words to digits, for English text that is already lower case."""

import re

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
_PHRASE = re.compile(rf"\b(?:{_SMALL})\b(?:(?:[ -]|[ -]and )(?:{_ANY})\b)*")
_SCALED = re.compile(rf"\b(\d{{1,12}}(?:\.\d{{1,6}})?)[ -]?({'|'.join(_SCALES)})\b")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_TRAILING_ZEROS = re.compile(r"(?<![\d.])(\d+)\.0{1,6}(?![\d.])")
_DOZEN = re.compile(r"\b(?:a|1) dozen\b")


def digits(text: str) -> str:
    """Write number words as digits, join thousands, drop empty decimals: `two hundred and five` -> `205`."""
    text = _GROUPED.sub(lambda match: match[0].replace(",", ""), text)
    text = _TRAILING_ZEROS.sub(r"\1", text)
    text = _PHRASE.sub(lambda match: _written(match[0]), text)
    text = _SCALED.sub(lambda match: plain(float(match[1]) * _SCALES[match[2]]), text)
    return _DOZEN.sub("12", text)


def plain(value: float) -> str:
    """The shortest usual spelling of a number: `3`, not `3.0`."""
    return str(int(value)) if value == int(value) else repr(value)


def _written(phrase: str) -> str:
    # A lone "one" is mostly a pronoun.
    if phrase == "one":
        return phrase
    words = re.split(r"[ -]", phrase)
    longest, value = _longest(words)
    head = phrase[: len("-".join(words[:longest]))]
    rest = phrase[len(head) :]
    return (head if value is None else str(value)) + rest[:1] + (_written(rest[1:]) if rest else "")


def _longest(words: list[str]) -> tuple[int, int | None]:
    """How many leading words make one number, and which; a word that begins none stands for itself."""
    for length in range(len(words), 0, -1):
        value = None if words[length - 1] == "and" else _value(words[:length])
        if value is not None:
            return length, value
    return 1, None


def _value(words: list[str]) -> int | None:
    if words[0] == "and":
        return None
    total, group, ceiling = 0, 0, 10**15
    smallest = 10**3
    for word in (word for word in words if word != "and"):
        if word in _SCALES:
            if _SCALES[word] >= ceiling or group == 0:
                return None
            ceiling = _SCALES[word]
            total, group, smallest = total + group * ceiling, 0, 10**3
        elif word == "hundred":
            if not 0 < group < 10:
                return None
            group, smallest = group * 100, 100
        else:
            value = _ONES.get(word, _TENS.get(word, 0))
            if value >= smallest:
                return None
            group += value
            smallest = 10 if value >= 20 else 0
    return total + group
