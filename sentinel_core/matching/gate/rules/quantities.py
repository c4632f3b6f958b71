"""Refusals over quantity: counts, extremes, averages, bounds, orders of a list, quantifiers."""

import re

from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ, word_set
from sentinel_core.matching.gate.rules.asking import TIME
from sentinel_core.matching.gate.rules.rule import gate_rule

EXTREMES = {
    word: end
    for end, members in {
        "most": "most maximum max highest largest biggest greatest longest tallest oldest latest newest "
        "fastest strongest richest heaviest busiest",
        "least": "least minimum min lowest smallest fewest shortest youngest earliest cheapest slowest "
        "weakest poorest lightest easiest",
    }.items()
    for word in members.split()
}
_ALSO_EXTREME = word_set("first last final recent recently best worst top bottom")
_AGGREGATES = word_set("average median")
_BOUNDS = re.compile(
    r"\b(?:(at least|no less than|minimum of|or more|more than|greater than|above|over|after|later than"
    r"|exceeds?|exceeding)"
    r"|(at most|no more than|up to|or less|less than|fewer than|smaller than|below|under|before|earlier than"
    r"|within)) (?=\$?\d|the average)"
    r"|(?<=\d )(?:[a-z]{1,12} )?(?:(or (?:more|above|higher|older|longer|larger|later|over)|and (?:more|above|up|over))"
    r"|(or (?:less|fewer|below|lower|younger|shorter|smaller|earlier|under)|and (?:less|below|under)))\b(?! than)"
)
_MASS = r"(?:grams?|g|mg|kg|kilos?|ounces?|pounds?|ml|liters?|litres?|cups?|calories|kilometers|km|miles|percent) of"
_COUNT = re.compile(
    rf"\bhow many\b(?! (?:{TIME}|{_MASS})\b)|(?<!most )(?<!highest )(?<!largest )(?<!greatest )(?<!phone )\b(?:number"
    r"|amount|quantity) of (?!the\b|{TIME})|\bcount\b"
)
_HOW_MANY = re.compile(rf"\bhow many {TIME}\b|\bnumber of {TIME}\b")
_PEOPLE, _POPULATION = re.compile(r"\bhow many (?:people|inhabitants|residents)\b"), re.compile(r"\bpopulation\b")
_SORTED = re.compile(
    r"\b(?:in )?(?:ascending|descending|alphabetical|alphabetic|lexicographic\w*|chronological)(?:ly)?\b"
    r"|\b(?:sort|sorted|(?<!my )(?<!your )(?<!an )order|ordered|ranked)"
    r"(?: (?!is\b|are\b|was\b|were\b|gets?\b|got\b|been\b)\w+){0,3} by\b"
)
_CHANGE = re.compile(
    r"\b(?:ris(?:es?|en|ing)|rose|f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|increas(?:es?|ed|ing)|decreas(?:es?|ed|ing)"
    r"|climb(?:s|ed|ing)?|grow(?:s|n|ing)?|grew|shr[iau]nk(?:s|ing)?|s[iau]nk(?:s|ing)?|jump(?:s|ed|ing)?|up|down"
    r"|declin(?:es?|ed|ing)|rais(?:es?|ed|ing)|lower(?:s|ed|ing)?|reduc(?:es?|ed|ing)|cut(?:s|ting)?)(?: \w+){0,3}? "
    r"(by|to) (?=\d|an?\b|half\b|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b)"
)
_QUANTIFIERS = {
    "all": "all",
    "every": "all",
    "each": "all",
    "only": "only",
    "solely": "only",
    "both": "both",
    "any": "any",
    "none": "none",
    "always": "always",
    "majority": "majority",
}
_WHETHER_ALL = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|can|could|will|would|should) (?:all|every|each)\b"
    r"|^(?:do|does|did|has|have|are|were) the \w+ all\b"
    r"|^(?:is|are|was|were) (?!.*\bat all\b).*\ball\b(?! (?:day|year|night|week|over|right)\b)"
)
_ALL_OR_ANY = word_set("everyone everybody everything whole entire any anyone anybody")


@gate_rule(
    must_refuse=[
        ("how many users are there", "show the users", "how many", ""),
        ("what is the number of users", "what are the users", "how many", ""),
        (
            "how many towns are near the city with the largest population",
            "towns near the city with the largest population",
            "how many",
            "",
        ),
    ],
    must_pass=[
        ("the number of singers of each country", "how many singers has each country"),
        ("how many days does it take", "how long does it take"),
        ("how many people live in Ghana", "what is the population of Ghana"),
        ("how many grams of fat does it have", "how much fat is in it"),
        ("how many days are in a year", "number of days in a year"),
        ("how many sick days do I get", "how many days of sick leave do I get"),
        ("how many users", "the number of users"),
        ("what is the total number of users", "how many users are there"),
        ("what amount of gas is left", "how much gas is left"),
    ],
)
def counting(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a count on one side, the things themselves on the other."""
    left, right = _COUNT.search(asked.text), _COUNT.search(stored.text)
    if bool(left) == bool(right) or asked.is_story or stored.is_story:
        return None
    count, other = (asked, stored) if left else (stored, asked)
    if _HOW_MANY.search(other.text) or (_PEOPLE.search(count.text) and _POPULATION.search(other.text)):
        return None
    return Difference(left[0] if left else "", right[0] if right else "")


@gate_rule(
    must_refuse=[
        ("users in descending order", "the users", "in descending", ""),
    ],
    must_pass=[
        ("users sorted by age", "the users ordered by age"),
        ("sort a big table by value", "sort table by value"),
        ("what if the order is cancelled by the shop", "what if the shop cancels the order"),
    ],
)
def ordering(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an order asked for on one side alone."""
    left, right = _SORTED.search(asked.text), _SORTED.search(stored.text)
    if bool(left) == bool(right):
        return None
    return Difference(left[0] if left else "", right[0] if right else "")


@gate_rule(
    must_refuse=[
        ("the largest planet", "the smallest planet", "most", "least"),
    ],
    must_pass=[
        ("top up my card", "put money on my card"),
        ("the biggest city", "the largest city"),
    ],
)
def extremes(asked: Reading, stored: Reading) -> Difference | None:
    """Most against least."""
    left, right = _extremes(asked), _extremes(stored)
    return sets_differ(left, right) if left and right else None


@gate_rule(
    must_refuse=[
        ("the average price", "the price", "average", ""),
    ],
    must_pass=[
        ("the average price", "what is the average price"),
    ],
)
def average(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an average or a median on one side alone; a story says in many ways what is to be worked out."""
    if asked.is_story or stored.is_story:
        return None
    return sets_differ(_AGGREGATES & asked.vocabulary, _AGGREGATES & stored.vocabulary)


@gate_rule(
    must_refuse=[
        ("the largest planets", "the planets", "most", ""),
    ],
    must_pass=[
        ("the newest report", "the most recent report"),
    ],
)
def superlative(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an extreme on one side alone."""
    left, right = _extremes(asked), _extremes(stored)
    if bool(left) == bool(right) or (stored if left else asked).vocabulary & _ALSO_EXTREME:
        return None
    return sets_differ(left, right)


@gate_rule(
    must_refuse=[
        ("orders above 100", "orders below 100", "more", "less"),
        ("a regex for up to three digits", "a regex for three or more digits", "less", "more"),
        ("3 people or fewer", "3 people or more", "less", "more"),
    ],
    must_pass=[
        ("orders above 100", "orders of more than 100"),
    ],
)
def bounds(asked: Reading, stored: Reading) -> Difference | None:
    """More than a number against less than it."""
    left, right = _bounds(asked), _bounds(stored)
    return sets_differ(left, right) if left and right else None


@gate_rule(
    must_refuse=[
        ("show only users", "show users", "only", ""),
        ("are all upper rooms worth 10 points", "which upper rooms are worth 10 points", "all", ""),
        ("do all the players train", "is there a player who trains", "all", ""),
        ("does the president live there", "have all the presidents lived there", "", "all"),
    ],
    must_pass=[
        ("show all users", "show users"),
        ("do all shops take cards", "does every shop take cards"),
    ],
)
def quantifiers(asked: Reading, stored: Reading) -> Difference | None:
    """Only, both or none on one side alone; all against any; whether it holds for all, on one side alone."""
    left, right = _quantifiers(asked), _quantifiers(stored)
    if left != right and {*left, *right} == {"all"} and _is_whether_all(asked) != _is_whether_all(stored):
        return None if _ALL_OR_ANY & (asked.vocabulary | stored.vocabulary) else sets_differ(left, right)
    if left == right or ({*left, *right} <= {"all"}) or ({*left, *right} <= {"any"}):
        return None
    return sets_differ(left, right)


@fact
def _is_whether_all(reading: Reading) -> bool:
    return bool(_WHETHER_ALL.search(reading.text))


@fact
def _extremes(reading: Reading) -> frozenset[str]:
    return frozenset(EXTREMES[token] for token in reading.tokens if token in EXTREMES)


@fact
def _bounds(reading: Reading) -> frozenset[str]:
    return frozenset("more" if more or above else "less" for more, _, above, _ in _BOUNDS.findall(reading.text))


@fact
def _quantifiers(reading: Reading) -> frozenset[str]:
    if reading.is_story:
        return frozenset()
    return frozenset(_QUANTIFIERS[token] for token in reading.tokens if token in _QUANTIFIERS)


@gate_rule(
    must_refuse=[
        ("what if a share falls by 5 dollars", "what if a share falls to 5 dollars a piece", "by", "to"),
        ("should I rest if my pulse goes up by ten", "should I rest if my pulse goes up to ten over it", "by", "to"),
    ],
    must_pass=[
        ("what if a share falls by 5 dollars", "what happens when a share drops by 5 dollars"),
        ("what if the tax is cut to 5 percent", "what if they cut the tax to 5 percent"),
    ],
)
def change(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a change by an amount against a change to it."""
    left, right = _changes(asked), _changes(stored)
    return sets_differ(left, right) if left and right and left.isdisjoint(right) else None


@fact
def _changes(reading: Reading) -> frozenset[str]:
    return frozenset(_CHANGE.findall(reading.text)) if not reading.is_story else frozenset()
