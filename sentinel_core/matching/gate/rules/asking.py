"""Refusals over what is asked for: question word, quantity, person, format and language of the answer."""

import re
from functools import cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ, word_set

_VERB = r"(?:is|are|was|were|am|do|does|did|will|would|can|could|shall|should|must|may|might|has|have|had|to|exactly)\b"
_PLACE = r"(?:place|location|city|country|state|town)"
_TIME = r"(?:more )?(?:seconds|minutes|hours|days|weeks|months|years|working days|business days)"
_YES_OR_NO = r"(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|must) (?:not )?\w"
_ABLE = r"(?:possible|able|available|allow\w*|accept\w*|offer\w*|options?|support\w*|features?)"
_QUESTIONS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"\bhow many {_TIME}\b", "how long"),
        (r"\bhow many\b|\bnumber of\b|\bcount\b", "how many"),
        (r"\bhow much\b|\b(?:what|which)\b.{0,12}\b(?:price|cost|fee|charge)s?\b", "how much"),
        (r"^is there (?:a|any) reasons?\b", "why"),
        (r"\bhow long\b", "how long"),
        (r"\bhow old\b", "how old"),
        (r"\bhow far\b", "how far"),
        (r"\bhow often\b", "how often"),
        (
            rf"^(?:when {_VERB}|when \w+ \w+(?: \w+)?$|(?:at )?what (?:time|date|day|year|month)\b"
            r"|which (?:date|day|year|month)\b)|\bdate when\b",
            "when",
        ),
        (
            rf"^where\b(?! (?:can|do|could|should) i)|^(?:in |at )(?:what|which) {_PLACE}\b"
            rf"|^(?:what|which) {_PLACE} (?:is|are|was|were|do|does|did|has)\b",
            "where",
        ),
        (r"^(?:who|whom|whose)\b|^(?:what|which) (?:person|people)\b", "who"),
        (rf"^(?:can|could|may|might|(?:is|are) there|(?:do|would|will) you)\b|^{_YES_OR_NO}.*\b{_ABLE}\b", "ability"),
        (rf"^{_YES_OR_NO}", "whether"),
        (
            r"^how (?:do|does|did|is|are|was|were|has|have|can|to|\w+s\b"
            r"|(?:\w+ ){1,3}(?:start|begin|began|end|work|happen)\w*)\b",
            "how",
        ),
        (r"^why\b|\breasons? (?:for|why)\b|^what causes\b", "why"),
    )
)
_EXCLUSIVE = frozenset({
    "whether", "ability", "how", "how many", "how long", "how old", "how far", "how often", "when", "where", "who",
    "why",
})  # fmt: skip
_COMPATIBLE = frozenset(
    frozenset(pair)
    for pair in (
        ("how long", "when"),
        ("how long", "how many"),
        ("how long", "how far"),
        ("how long", "whether"),
        ("how long", "ability"),
        ("how", "ability"),
        ("how", "where"),
        ("how", "how many"),
        ("where", "whether"),
        ("where", "ability"),
        ("whether", "ability"),
    )
)

_EXTREMES = {
    word: end
    for end, members in {
        "most": "most maximum max highest largest biggest greatest longest tallest oldest latest newest "
        "fastest strongest richest heaviest busiest",
        "least": "least minimum min lowest smallest fewest shortest youngest earliest cheapest slowest "
        "weakest poorest lightest easiest",
    }.items()
    for word in members.split()
}
_AGE_WORDS = word_set("oldest youngest latest newest earliest cheapest")
_ALSO_EXTREME = word_set("first last final recent recently best worst top bottom")
_AGGREGATES = word_set("average median")
_BOUNDS = re.compile(
    r"\b(?:(at least|no less than|minimum of|or more|more than|greater than|above|over|after|later than"
    r"|exceeds?|exceeding)"
    r"|(at most|no more than|up to|or less|less than|fewer than|smaller than|below|under|before|earlier than"
    r"|within)) (?=\$?\d|the average)"
)
_COUNT = re.compile(
    rf"\bhow many\b(?! {_TIME})|(?<!most )(?<!highest )(?<!largest )(?<!greatest )(?<!phone )\b(?:number"
    r"|amount|quantity) of (?!the\b)|\bcount\b"
)
_SORTED = re.compile(
    r"\b(?:in )?(?:ascending|descending|alphabetical|alphabetic|lexicographic\w*|chronological)(?:ly)?\b"
    r"|\b(?:sort|sorted|order|ordered|ranked)(?: \w+)? by\b"
)
_NUMBER_CODE = (
    r"\b(?:verif\w+|security|access|pass ?code|pin|promo\w*|discount|coupon|voucher|postal|postcode|zip|area|country"
    r"|error|booking|forgot\w*|lost|enter\w*|log ?in|get into)\b"
)
"""What a code is told by that one enters or is shown; nobody asks for it to be written."""

_FORMATS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\bjson\b", "json"),
        (r"\bxml\b", "xml"),
        (r"\byaml\b", "yaml"),
        (r"\bcsv\b", "csv"),
        (r"\bmarkdown\b", "markdown"),
        (r"\bhtml\b", "html"),
        (r"\b(?:bullet(?:ed)?[ -]?(?:points?|list)?|as a list|in a list|list form(?:at)?|numbered list)\b", "list"),
        (r"\b(?:as|in) (?:a )?(?:table|tabular)\b", "table"),
        (r"\b(?:one|1|single|a) (?:short )?(?:sentence|line|word)\b|\bone-(?:sentence|liner)\b", "one sentence"),
        (r"\b(?:one|1|a single|a short) paragraph\b", "one paragraph"),
        (r"\bstep[- ]by[- ]step\b", "step by step"),
        (r"\b(?:in (?:great |more |full )?detail|detailed|in depth|in-depth|thorough(?:ly)?)\b", "long"),
        (
            r"\b(?:brief(?:ly)?|in short|concise(?:ly)?|in a nutshell|tl;?dr|short answer|summar(?:y|ise|ize))\b",
            "short",
        ),
        (
            r"\b(?:eli5|like i(?: am|'m) (?:five|5)|for (?:beginners|dummies)|in simple (?:terms|words)|simply)\b"
            r"|\b(?:expla|descri|defin|what (?:is|are)\b).{0,80}\bfor (?:kids|children)\b",
            "simple",
        ),
        (
            rf"(?s:^(?!.*{_NUMBER_CODE}).*)\bcode (?:for|to|that|in|example|snippet)\b"
            r"|\b(?:script|function|snippet|program) (?:for|to|that|in|example|snippet)\b"
            r"|\b(?:write|generate|give me|show me)\b.{0,20}\b(?:code|script|function|snippet|program)\b",
            "code",
        ),
        (r"\bexamples?\b", "example"),
        (
            r"\b(?:poem|haiku|essay|joke)\b|\b(?:song|story|letter|tweet) (?:about|for|to)\b"
            r"|\b(?:write|draft|compose|as)\b.{0,30}\b(?:song|story|email|letter|tweet)\b",
            "piece",
        ),
        (r"\byes or no\b|\btrue or false\b", "yes or no"),
    )
)
_ANY_FORMAT = re.compile("|".join(pattern.pattern for pattern, _ in _FORMATS))
_THIRD = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}
_OTHERS = word_set(
    "mother father mum mom dad brother sister son daughter husband wife grandmother grandfather grandma grandpa uncle "
    "aunt cousin colleague boss friend neighbor neighbour boyfriend girlfriend child children kid kids baby parents"
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


def question(asked: Reading, stored: Reading) -> Difference | None:
    """Two question words that cannot share an answer."""
    left, right = _question(asked), _question(stored)
    if left == right or not {left, right} <= _EXCLUSIVE or frozenset({left, right}) in _COMPATIBLE:
        return None
    return Difference(left, right)


def counting(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a count on one side, the things themselves on the other."""
    left, right = _COUNT.search(asked.text), _COUNT.search(stored.text)
    if bool(left) == bool(right) or asked.is_story or stored.is_story:
        return None
    return Difference(left[0] if left else "", right[0] if right else "")


def ordering(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an order asked for on one side alone."""
    left, right = _SORTED.search(asked.text), _SORTED.search(stored.text)
    if bool(left) == bool(right):
        return None
    return Difference(left[0] if left else "", right[0] if right else "")


def extremes(asked: Reading, stored: Reading) -> Difference | None:
    """Most against least."""
    left, right = _extremes(asked), _extremes(stored)
    return sets_differ(left, right) if left and right else None


def average(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an average or a median on one side alone; a story says in many ways what is to be worked out."""
    if asked.is_story or stored.is_story:
        return None
    return sets_differ(_AGGREGATES & asked.vocabulary, _AGGREGATES & stored.vocabulary)


def superlative(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an extreme on one side alone."""
    left, right = _extremes(asked), _extremes(stored)
    if bool(left) == bool(right) or (stored if left else asked).vocabulary & _ALSO_EXTREME:
        return None
    return sets_differ(left, right)


def bounds(asked: Reading, stored: Reading) -> Difference | None:
    """More than a number against less than it."""
    left, right = _bounds(asked), _bounds(stored)
    return sets_differ(left, right) if left and right else None


def person(asked: Reading, stored: Reading) -> Difference | None:
    """He against she, or another person against oneself."""
    left, right = _third(asked), _third(stored)
    if left == right or not (left or _first(asked)) or not (right or _first(stored)):
        return None
    return Difference(" ".join(sorted(left)) or "i", " ".join(sorted(right)) or "i")


def relation(asked: Reading, stored: Reading) -> Difference | None:
    """Another person's matter on one side alone: my mother's, my colleague's."""
    left, right = _others(asked), _others(stored)
    if bool(left) == bool(right) or not _first(asked) or not _first(stored):
        return None
    return sets_differ(left, right)


def quantifiers(asked: Reading, stored: Reading) -> Difference | None:
    """Only, both or none on one side alone; all against any."""
    left, right = _quantifiers(asked), _quantifiers(stored)
    if left == right or ({*left, *right} <= {"all"}) or ({*left, *right} <= {"any"}):
        return None
    return sets_differ(left, right)


def answer_format(asked: Reading, stored: Reading) -> Difference | None:
    return sets_differ(_formats(asked), _formats(stored))


def answer_language(asked: Reading, stored: Reading) -> Difference | None:
    answer_in = _answer_in()
    return sets_differ(frozenset(answer_in.findall(asked.text)), frozenset(answer_in.findall(stored.text)))


@cache
def _answer_in() -> re.Pattern[str]:
    tongues = "|".join(lexicon.table("names.json")["tongues"].split())
    return re.compile(rf"\b(?:in|into|to|auf|en) ({tongues}|espa[nñ]ol|deutsch|fran[cç]ais|italiano)\b")


@fact
def _question(reading: Reading) -> str:
    return next((kind for pattern, kind in _QUESTIONS if pattern.search(reading.text)), "")


@fact
def _extremes(reading: Reading) -> frozenset[str]:
    return frozenset(_EXTREMES[token] for token in reading.tokens if token in _EXTREMES)


@fact
def _bounds(reading: Reading) -> frozenset[str]:
    return frozenset("more" if more else "less" for more, less in _BOUNDS.findall(reading.text))


@fact
def _others(reading: Reading) -> frozenset[str]:
    return _OTHERS & (reading.vocabulary | frozenset(map(lexicon.base, reading.tokens)))


def _third(reading: Reading) -> frozenset[str]:
    return frozenset(_THIRD[token] for token in reading.tokens if token in _THIRD)


def _first(reading: Reading) -> bool:
    return bool(reading.vocabulary & {"i", "my", "me", "mine", "myself"})


@fact
def _quantifiers(reading: Reading) -> frozenset[str]:
    if reading.is_story:
        return frozenset()
    return frozenset(_QUANTIFIERS[token] for token in reading.tokens if token in _QUANTIFIERS)


@fact
def _formats(reading: Reading) -> frozenset[str]:
    text = reading.raw.lower()
    if not _ANY_FORMAT.search(text):
        return frozenset()
    return frozenset(name for pattern, name in _FORMATS if pattern.search(text))
