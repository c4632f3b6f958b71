"""Refusals over negation and opposites."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|without|unable|except|excluding|non-?(?=\w)|lack|lacks|lacking|hardly"
    r"|scarcely|anything but|by no means|far from being)\b"
    r"|\bnon-"
    r"|\b(?:gluten|sugar|fat|lactose|dairy|alcohol|nut|salt|smoke|caffeine|meat|oil|wheat|egg|soy|tax|interest|ad|rent|lead)"
    r"[- ]free\b"
)
_NOT_NEGATING = re.compile(
    r"\b(?:whether or not|or not|if not|not only|no longer than|no more than|no less than|no later than|why "
    r"not|not sure|"
    r"do not know|not sure|no matter|no\.? (?=\d)|no problem|not yet know|do not understand|for no (?:apparent )?reason"
    r"|without (?:any |a )?warning)\b"
)
_AT_A_LOSS = re.compile(
    r"\b(?:can|could|do|does|did|am|have|having)(?: i)? (?:not|no|unable) (?:seem to |to )?"
    r"(?:find|locate|remember|recall|figure out|work out|idea)\b"
)
_ASKS = re.compile(
    r"^(?:who|what|where|when|why|which|how|is|are|do|does|can|could|will|would|has|have|help|show|find|forgot)\b"
)
_NEGATED = (
    r"\b(?:(?:is|are|was|were|am)(?: \w+){0,3} not(?: been| being)?|not (?:be|been|being))"
    r"(?: (?!but\b|and\b|or\b)\w+)? "
)
_STATES = word_set("have contain include allow permit accept require need cover support apply qualify help pay")
_STATE_NEGATED = r"\b(?:do|does|did)(?: \w+){0,3} not(?: have to)? "
"""Who does not have something lacks it; but who does not close a door may not have opened it."""

_SLIGHT = word_set("in out up down on off get give take more less over under before after first last start end")
_FAILING = word_set(
    "fail fails failed failing failure decline declined declines declining refuse refuses refused reject rejected "
    "deny denied wrong incorrect incorrectly mistake mistaken error errors missing lost lose losing forgot forget "
    "forgotten unaware unknown unfamiliar unrecognized unrecognised unauthorized unexpected unexpectedly stop stopped "
    "stops prevent avoid impossible pending waiting late delayed delay issue issues problem problems trouble reverted "
    "returned disappeared gone broken stuck blocked cancelled canceled strange weird extra accidentally mistakenly"
)
_OTHERS_SELL = re.compile(
    r"\b(?:you|they|shops?|stores?|who|which \w+|anyone|someone|is|are)(?: \w+)? (?:sell|sells|sold|selling)\b"
)
_MEASURED = re.compile(
    r"\b\d+ ?(?:years?|months?|weeks?|days?|hours?|minutes|meters?|metres?|feet|foot|inch(?:es)?|cm|mm|km|m|miles?) "
    r"(old|young|long|tall|high|deep|wide|thick|away)\b"
)
_SWAPPED = tuple(
    pair
    for one, other in (
        ("hyper", "hypo"), ("macro", "micro"), ("maxi", "mini"), ("inter", "intra"), ("pre", "post"), ("ante", "post"),
        ("over", "under"), ("endo", "exo"), ("homo", "hetero"), ("mono", "poly"), ("multi", "mono"), ("in", "out"),
        ("up", "down"),
        ("in", "ex"), ("im", "ex"), ("fore", "back"), ("pro", "anti"), ("uni", "multi"), ("sub", "super"),
    )
    for pair in ((one, other), (other, one))
)  # fmt: skip
"""Prefixes of opposites, which stand before the same rest: `hyperthyroidism` and `hypothyroidism`."""

_ALIKE = 3
"""Letters at the end, or the beginning, in which a word and the word turned round are the same."""

_PREFIXES = ("un", "dis", "in", "im", "ir", "il", "non-", "non", "mis", "de", "anti", "off-", "semi-")


@gate_rule(
    must_refuse=[
        ("foods with gluten", "foods without gluten", "", "without"),
        ("why is my card blocked", "why is my card not blocked", "", "not"),
        ("which desserts have sugar", "which desserts are sugar-free", "", "sugar-free"),
        ("I cannot find my card", "I found my card", "not", ""),
        ("I cannot find my card and it is not blocked", "where is my card", "not not", ""),
    ],
    must_pass=[
        ("my payment did not go through", "my payment failed"),
        ("it does not work", "it doesn't work"),
        ("bread without gluten", "gluten free bread"),
        ("tell me whether or not it rains", "tell me whether it rains"),
        ("why was my claim rejected", "why was my claim not approved"),
        ("I cannot find the invoice", "where is the invoice"),
        ("I have no idea where the invoice is", "where is the invoice"),
        ("I was charged for no reason", "why was I charged"),
    ],
)
def negation(asked: Reading, stored: Reading) -> Difference | None:
    """
    One prompt negates, and the other does not.

    It may tell of a failure alone, or of the opposite: "not working" is "has failed", "not open" is "closed". Who
    cannot find something asks where it is.
    """
    left, right = _negations(asked), _negations(stored)
    negated, plain = (asked, stored) if left else (stored, asked)
    if bool(left) == bool(right) or _FAILING & (plain.vocabulary - negated.vocabulary):
        return None
    if _is_at_a_loss(negated, plain) or any(_cancels(*pair, asked, stored) for pair in _opposites(asked, stored)):
        return None
    return Difference(" ".join(left), " ".join(right))


def _is_at_a_loss(negated: Reading, plain: Reading) -> bool:
    """Whether all that one negates is that its author knows the answer, for which the other asks."""
    known, count = _AT_A_LOSS.subn(" ", negated.text)
    return count > 0 and not _negating(known) and bool(_ASKS.search(plain.text))


@gate_rule(
    must_refuse=[
        ("enable the alarm", "disable the alarm", "enable", "disable"),
        ("how do I sell my car", "how do I buy a car", "sell", "buy"),
        ("how to zoom in", "how to zoom out", "in", "out"),
        ("is it safe", "is it unsafe", "safe", "unsafe"),
        ("an abstract idea", "a concrete idea", "abstract", "concrete"),
        ("countries larger than the average", "countries smaller than the average", "larger", "smaller"),
        ("who wrote the anthem", "who sang the anthem", "write", "sing"),
        ("I cannot open the app", "how do I close the app", "open", "close"),
        ("is the shop not open today", "is the shop not closed today", "open", "close"),
        ("which costs are covered", "which costs are excluded", "covered", "excluded"),
        ("What is hyperthyroidism?", "What is hypothyroidism?", "hyperthyroidism", "hypothyroidism"),
        ("Which plants need little light?", "Which plants need plenty of light?", "little", "plenty"),
        ("Which drugs trigger an attack?", "Which drugs stop an attack?", "trigger", "stop"),
        ("Which exam is harder?", "Which exam is easier?", "harder", "easier"),
        ("12 US ounces in ml", "12 imperial ounces in ml", "us", "imperial"),
        ("Reise mit Hund", "Reise ohne Hund", "mit", "ohne"),
        ("Quels plats sont interdits ?", "Quels plats sont autorisés ?", "interdits", "autorisés"),
        ("¿Ha subido el precio?", "¿Ha bajado el precio?", "subido", "bajado"),
    ],
    must_pass=[
        ("start and stop", "stop and start"),
        ("where can I buy stamps", "where do they sell stamps"),
        ("pilots aged 30 or younger", "pilots 30 years old or younger"),
        ("Which laptops lack a screen?", "Which laptops do not have a screen?"),
        ("why was my claim rejected", "why was my claim not approved"),
    ],
)
def antonyms(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a word against its opposite, each missing on the other side."""
    slight = _SLIGHT if asked.is_story or stored.is_story else frozenset()
    for left, right in _opposites(asked, stored):
        if left not in slight and not (_cancels(left, right, asked, stored) or _trades(left, right, asked, stored)):
            return Difference(left, right)
    return None


def _trades(left: str, right: str, asked: Reading, stored: Reading) -> bool:
    """Whether one buys where others sell: `where can I buy stamps` and `where do they sell stamps`."""
    if {lexicon.base(left), lexicon.base(right)} != {"buy", "sell"}:
        return False
    return bool(_OTHERS_SELL.search(asked.text)) != bool(_OTHERS_SELL.search(stored.text))


def _opposites(asked: Reading, stored: Reading) -> Iterator[tuple[str, str]]:
    """Each word of one that the other lacks, with each opposite that the first lacks."""
    theirs = frozenset(only_here(stored, asked))
    theirs -= _measured(stored)
    ends = {part for word in theirs for part in (word[-_ALIKE:], word[:_ALIKE])}
    for left in only_here(asked, stored):
        if left in _measured(asked):
            continue
        known = _listed(left) & theirs
        turned = () if ends.isdisjoint((left[-_ALIKE:], left[:_ALIKE])) else _turned(left)
        yield from ((left, right) for right in (*sorted(known), *turned) if right in theirs)


@fact
def _measured(reading: Reading) -> frozenset[str]:
    """Return the adjectives behind a measure, which are no opposites: `30 years old` and `30 or younger`."""
    return frozenset(_MEASURED.findall(reading.text))


def _cancels(left: str, right: str, asked: Reading, stored: Reading) -> bool:
    """Whether just one of two opposites is negated: "is not open" is "closed", but "cannot open" is not "close"."""
    return _is_negated(left, asked) != _is_negated(right, stored)


def _is_negated(word: str, reading: Reading) -> bool:
    if "not" not in reading.text:  # mostly so, and each word is a pattern of its own
        return False
    forms = {token for token in reading.tokens if word in (token, lexicon.base(token))}
    before = rf"(?:{_NEGATED}|{_STATE_NEGATED})" if lexicon.base(word) in _STATES else _NEGATED
    return any(re.search(rf"{before}{re.escape(form)}\b", reading.text) for form in forms)


@gate_rule(
    must_refuse=[
        ("a debit card", "a credit card", "debit", "credit"),
        ("which city is it in", "which country is it in", "city", "country"),
    ],
    must_pass=[
        ("debit or credit", "credit or debit"),
    ],
)
def contrasts(asked: Reading, stored: Reading) -> Difference | None:
    """Two different members of a closed set: debit and credit, child and adult, train and bus."""
    sets = _memberships()
    theirs = [word for word in only_here(stored, asked) if word in sets]
    for left in only_here(asked, stored):
        for right in theirs:
            if sets.get(left, frozenset()) & sets[right]:
                return Difference(left, right)
    return None


@fact
def _negations(reading: Reading) -> list[str]:
    return _negating(reading.text)


def _negating(text: str) -> list[str]:
    return _NEGATION.findall(_NOT_NEGATING.sub(" ", text))


@lru_cache(maxsize=16)
def only_here(reading: Reading, other: Reading) -> tuple[str, ...]:
    """Words, as spelled and in base form, that the other prompt has in neither form."""
    theirs = _forms(other)
    lone = [pair for pair in _with_bases(reading) if pair[1] not in theirs]
    return tuple([form for word, base in lone for form in ((word, base) if word != base else (word,))])


@fact
def _forms(reading: Reading) -> frozenset[str]:
    return reading.vocabulary.union([base for _, base in _with_bases(reading)])


@fact
def _with_bases(reading: Reading) -> list[tuple[str, str]]:
    """Return each word once, in order, with its base form."""
    return [(word, lexicon.base(word)) for word in dict.fromkeys(reading.tokens)]


def _turned(word: str) -> Iterator[str]:
    """Return the word with each prefix that turns it round, without it, and with the opposite prefix or ending."""
    for prefix in _PREFIXES:
        if len(word) > 3:
            yield prefix + word
        if word.startswith(prefix) and len(word) - len(prefix) > 3:
            yield word[len(prefix) :]
    yield from (
        new + word.removeprefix(old) for old, new in _SWAPPED if word.startswith(old) and len(word) > len(old) + 2
    )
    yield from (word.removesuffix(old) + new for old, new in (("ful", "less"), ("less", "ful")) if word.endswith(old))


@lru_cache(maxsize=1_024)
def _listed(word: str) -> frozenset[str]:
    """Return the opposites of a word; of an adverb and a comparative also those made of its word's."""
    antonyms = _antonyms()
    made = {f"{opposite}ly" for opposite in antonyms.get(word[:-2], ())} if word.endswith("ly") else set()
    for ending in ("er", "est"):
        if word.endswith(ending):
            made |= {
                _compared(opposite, ending)
                for stem in _stems(word.removesuffix(ending))
                for opposite in antonyms.get(stem, ())
            }
    return frozenset(made.union(antonyms.get(word, ())))


def _stems(trunk: str) -> tuple[str, ...]:
    """Return the adjectives that a comparative without its ending may be of: `thinn`, `easi`, `larg`."""
    return (trunk, trunk + "e", trunk[:-1] + "y") if trunk[-1:] == "i" else (trunk, trunk + "e", trunk[:-1])


def _compared(word: str, ending: str) -> str:
    if word.endswith("y"):
        return word[:-1] + "i" + ending
    doubled = word[-1] if re.search("[^aeiou][aeiou][bdgmnpt]\\Z", word) else ""
    return word.removesuffix("e") + doubled + ending


@cache
def _antonyms() -> dict[str, set[str]]:
    """Return the opposites of each word: by hand, and of WordNet (`opposites.txt`). A start pays for it: 1 ms."""
    found: dict[str, set[str]] = {}
    listed = lexicon.lines("opposites.txt")
    pairs = [
        *(pair.split() for pair in lexicon.table("contrasts.json")["antonyms"]),
        *zip(listed[::2], listed[1::2], strict=True),
    ]
    for left, right in pairs:
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


@cache
def _memberships() -> dict[str, frozenset[int]]:
    names = lexicon.table("names.json")
    return lexicon.memberships(
        [*lexicon.table("contrasts.json")["sets"], *(names[kind] for kind in ("places", "tongues", "tools"))]
    )
