"""Refusals over numbers, units, currencies, dates and alphanumeric codes."""

import re
from collections import Counter
from functools import cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_NUMBER = re.compile(r"\d+(?:[.:/]\d+)*(?:st|nd|rd|th)?")
_CODE = re.compile(r"(?=[a-z.:/'+-]*\d)(?=[\d.:/'+-]*[a-z])[a-z0-9.:/'+-]+")
_VOWELS = frozenset("aeiouy0123456789$€£¥₹")
_SHORT = word_set("tv pc mr dr ms kg km cm mm ml gb mb tb kb pm hr st nd rd th vs ft lb lbs pt js ts db cv hp ps")
_LETTERS = frozenset("bcefghjklnpqrvwxyz")
_LETTER_A = re.compile(r"(?<=[a-z\u00df-\u00ff] )A(?=[\s,?.!]*\Z| [a-z])(?! [a-z]+s? [A-Z])")
"""The letter as a name, as of a vitamin or a terminal; an article is small there."""

_ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th|\.00)$")

_UNITS = {
    alias: unit
    for unit, aliases in {
        "kg": "kg kilogram kilograms kilo kilos", "g": "g gram grams", "pound": "lb lbs pounds",
        "oz": "oz ounce ounces", "stone": "stone", "km": "km kilometer kilometers kilometre kilometres",
        "cm": "cm centimeter centimeters centimetre centimetres", "mile": "mile miles mi",
        "mm": "mm millimeter millimeters millimetre millimetres", "m": "m meter meters metre metres",
        "foot": "ft foot feet", "inch": "inch inches", "yard": "yard yards",
        "ml": "ml", "l": "l liter liters litre litres", "gallon": "gallon gallons", "pint": "pint pints",
        "cup": "cup cups", "tbsp": "tbsp tablespoon tablespoons", "tsp": "tsp teaspoon teaspoons",
        "second": "seconds", "minute": "minutes", "hour": "hours", "day": "day days", "week": "week weeks",
        "month": "month months", "year": "year years", "decade": "decade decades", "century": "century centuries",
        "celsius": "celsius", "fahrenheit": "fahrenheit", "kelvin": "kelvin", "gb": "gb", "mb": "mb",
        "tb": "tb", "kb": "kb",
        "percent": "percent", "am": "am", "pm": "pm", "mph": "mph", "kph": "kph kmh", "kw": "kw", "kwh": "kwh",
        "volt": "volt volts v", "watt": "watt watts w", "calorie": "calorie calories kcal",
    }.items()
    for alias in aliases.split()
}  # fmt: skip
_SIZES = word_set("kg g oz km cm mm m mile foot inch yard gallon pint l ml celsius fahrenheit kelvin")
_AMOUNTS = {
    "1/2": "half", "1/4": "quarter", "1/3": "third", "2/3": "thirds",
    "half": "half", "halves": "half", "twice": "twice", "double": "twice", "doubled": "twice", "triple": "triple",
    "thrice": "triple", "third": "third", "thirds": "thirds", "quarter": "quarter", "fourth": "quarter",
    "fifth": "fifth", "sixth": "sixth", "seventh": "seventh", "eighth": "eighth", "ninth": "ninth", "tenth": "tenth",
    "several": "some", "certain": "some", "unknown": "some", "unspecified": "some",
}  # fmt: skip
_SUMS = 3


@gate_rule(
    must_refuse=[
        ("2 eggs", "three eggs", "2", "3"),
        ("room with 2 beds", "room", "2", ""),
    ],
    must_pass=[
        ("two eggs", "2 eggs"),
        ("1 person", "one person"),
        ("the top 3 of 3", "the top three"),
        ("on the 3rd of May", "on 3 May"),
        ("who won World War III", "who won world war three"),
        ("a pen for $5.00", "a pen for $5"),
    ],
)
def numbers(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse unequal multisets of numbers; a written 1 equals a spoken "one"."""
    left, right = found_in(asked), found_in(stored)
    if left == right:
        return None
    only_asked, only_stored = left - right, right - left
    _forgive_one(only_asked, stored)
    _forgive_one(only_stored, asked)
    if not asked.is_story and not stored.is_story:
        _forgive_repeats(only_asked, right)
        _forgive_repeats(only_stored, left)
    if not only_asked and not only_stored:
        return None
    return Difference(_listed(only_asked), _listed(only_stored))


@gate_rule(
    must_refuse=[
        ("run 10 miles", "run 10 km", "10 mile", "10 km"),
        ("how many miles is the trail", "how many kilometres is the trail", "mile", "km"),
        ("how many litres are in a barrel", "how many gallons are in a barrel", "l", "gallon"),
    ],
    must_pass=[
        ("2 hours", "2 hrs"),
    ],
)
def units(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same number with another unit; an answer in another one, as in "how many miles"."""
    left, right = _measures(asked), _measures(stored)
    for value, unit in left.items():
        other = right.get(value)
        if other and unit != other:
            return Difference(f"{value} {' '.join(sorted(unit))}", f"{value} {' '.join(sorted(other))}")
    sizes, others = _sizes(asked), _sizes(stored)
    return sets_differ(sizes, others) if sizes and others and sizes.isdisjoint(others) else None


@gate_rule(
    must_refuse=[
        ("price in euros", "price in yen", "euro", "yen"),
    ],
    must_pass=[
        ("price in euros", "what is the euro price"),
    ],
)
def currencies(asked: Reading, stored: Reading) -> Difference | None:
    left, right = _currencies(asked), _currencies(stored)
    return sets_differ(left, right) if left and right else None


@gate_rule(
    must_refuse=[
        ("is one box two pieces", "are two boxes one piece", "1 2", "2 1"),
        ("can 4 people fit in 2 beds", "can 2 people fit in 4 beds", "4 2", "2 4"),
    ],
    must_pass=[
        ("a room for 2 adults and 1 child", "a room for 1 child and 2 adults"),
    ],
)
def sequence(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same numbers in another order among the same words in one order."""
    left, right = _sequence(asked), _sequence(stored)
    if left == right or len(left) != len(right) or asked.content != stored.content or sorted(left) != sorted(right):
        return None
    return Difference(" ".join(left), " ".join(right))


@fact
def _sequence(reading: Reading) -> list[str]:
    return ["1" if word == "one" else word for word in reading.tokens if word == "one" or word[0].isdigit()]


@gate_rule(
    must_refuse=[
        ("eat half the cake", "eat the cake", "half", ""),
        ("two thirds of it and a fifth are sold", "two thirds of it are sold", "fifth", ""),
        ("one-eighth are sold", "one-fifth are sold", "eighth", "fifth"),
    ],
    must_pass=[
        (
            "I sent some money " + "to my friend " * 8,
            "I sent money " + "to my friend " * 8,
        ),
        ("show some hotels", "show hotels"),
    ],
)
def amounts(asked: Reading, stored: Reading) -> Difference | None:
    """Half, twice, a third, several: amounts that are not written as numbers."""
    return sets_differ(_amounts(asked), _amounts(stored))


@gate_rule(
    must_refuse=[
        ("python v2.1", "python v2.4", "v2.1", "v2.4"),
        ("fare code q", "fare code b", "q", "b"),
        ("Where is terminal A?", "Where is the terminal?", "a", ""),
    ],
    must_pass=[
        ("restriction ap80", "restriction ap/80"),
    ],
)
def codes(asked: Reading, stored: Reading) -> Difference | None:
    """Versions, model numbers, single letters and other words with digits in them."""
    return sets_differ(_codes(asked), _codes(stored))


@fact
def found_in(reading: Reading) -> Counter[str]:
    """Each number, and how often it is said; ordinals as numbers, and sums of money without their ".00"."""
    found = (_NUMBER.fullmatch(token) for token in reading.tokens)
    return Counter(_ENDING.sub("", match[0]) for match in found if match and match[0] not in _AMOUNTS)


def same_sums(asked: Reading, stored: Reading) -> bool:
    """
    Whether both tell a story of the same three numbers or more.

    Such stories are told in many words, and hardly ever differ in anything but their numbers: of GSM-Plus' rewordings
    with equal numbers 96 % have the same answer (kholdrex/semantic-cache-numeric).
    """
    if not (asked.is_story and stored.is_story):
        return False
    found = found_in(asked)
    return len(found) >= _SUMS and found == found_in(stored)


def _forgive_one(extra: Counter[str], other: Reading) -> None:
    if "1" in extra and other.vocabulary & {"one", "a", "an", "single", "first"}:
        del extra["1"]


def _forgive_repeats(extra: Counter[str], other: Counter[str]) -> None:
    """Count numbers: one said twice says no more than said once."""
    for value in [value for value in extra if other[value]]:
        del extra[value]


def _listed(values: Counter[str]) -> str:
    return " ".join(sorted(values.elements()))


@fact
def _measures(reading: Reading) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for value, word in zip(reading.tokens, reading.tokens[1:], strict=False):
        if _NUMBER.fullmatch(value) and word in _UNITS:
            found[value] = found.get(value, frozenset()) | {_UNITS[word]}
    return found


@fact
def _sizes(reading: Reading) -> frozenset[str]:
    return _SIZES & frozenset(_UNITS[token] for token in reading.tokens if token in _UNITS)


@fact
def _currencies(reading: Reading) -> frozenset[str]:
    names = _currency_names()
    return frozenset(names[token] for token in reading.tokens if token in names)


@cache
def _currency_names() -> dict[str, str]:
    listed = lexicon.table("names.json")["currencies"]
    return {alias: name for name, aliases in listed.items() for alias in aliases.split()}


@fact
def _amounts(reading: Reading) -> frozenset[str]:
    found = frozenset(_AMOUNTS[token] for token in reading.tokens if token in _AMOUNTS)
    return found if reading.is_story and len(found_in(reading)) > 1 else found - {"some"}


@fact
def _codes(reading: Reading) -> frozenset[str]:
    codes = frozenset(token.replace("/", "").replace("-", "") for token in reading.tokens if _is_code(token))
    return codes | {"a"} if " A" in reading.raw and _LETTER_A.search(reading.raw) else codes


def _is_code(token: str) -> bool:
    if len(token) <= 2:
        return token in _LETTERS or (len(token) == 2 and not _VOWELS & set(token) and token not in _SHORT)
    return bool(_CODE.fullmatch(token)) and not _NUMBER.fullmatch(token)
