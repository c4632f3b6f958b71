"""Refusals where all other words are the same: a part or all, with or without, done or avoided."""

import re
from collections.abc import Iterable

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.language import is_english
from sentinel_core.support.patterns import has_any

_PART = word_set("part parts partial partially several few couple half single one pair handful a an")
_WHOLE = word_set("all every each entire entirely whole full fully completely complete")
_MANY = word_set("dozens hundreds thousands many lots multiple plenty numerous countless")
_FEW = word_set("few couple single one pair handful")
_LISTING = re.compile(
    r"^(?:(?:can|could) (?:you|i) |please |i (?:need|want|would like) )*"
    r"(?:show|list|find|give|need|want|get|see|what|which)"
)
_EXCEPT = re.compile(
    r"\b(?:apart from|aside from|other than|leaving out|omitting|omit|minus|save for|excluding|exclude|except(?: for)?"
    r"|ignoring|leave out)\b"
)
_EVEN = re.compile(r"\b(?:including|include|along with|together with|as well as|plus|with)\b")
_AVOID = re.compile(
    r"\b(prevent(?:s|ed|ing)?|avoid(?:s|ed|ing)?|refus(?:e|es|ed|ing)|refrain(?:ing)? from|abstain(?:ing)? from"
    r"|forbidden|prohibited|(?:fail|fails|failed|failing|neglect|neglects|neglected|neglecting|forget|forgets|forgot"
    r"|omit|omits|omitted|decline|declines|declined) to|neglect|omit|skip|skips|skipped|skipping|forgo|forgoes"
    r"|(?:stop|stops|stopped|stopping|quit|cease)(?= \w+ing\b| (?:\w+ ){1,4}?from \w+ing\b))\b"
)
_IN_AVOID = (
    "prevent", "avoid", "refus", "refrain", "abstain", "forbid", "prohibit", "fail", "neglect", "forg", "omit",
    "declin", "skip", "stop", "quit", "cease",
)  # fmt: skip
_IN_FORGETS = (
    "vers\u00e4um", "unterl", "verg", "verzi", "verm", "weiger", "ome", "omi", "n\u00e9glig", "oubli", "abst",
    "vit", "refus", "renonc", "olvid", "deja", "dejo", "rehus", "renunci", "tralasc", "dimentic", "trascur", "rifiut",
    "esque", "deix", "recus", "nala", "verzuim",
)  # fmt: skip
"""Texts one of which stands in all that a pattern finds: most prompts are spared it."""

_FORGETS_ELSEWHERE = re.compile(
    r"\b(vers\u00e4um|unterl(?:ass|\u00e4ss|ie\u00df)|vergess|vergiss|verzicht|vermeid|weiger|verweiger"  # German
    r"|om[ie]t|n\u00e9glig|oubli|abst|\u00e9vit|refus|renonc"  # French
    r"|olvid|dej[ao]|evit|rehus|renunci|tralasc|dimentic|trascur|rifiut|esque[c\u00e7]|deix|recus"
    r"|nala|verzuim|verge(?:et|ten)|vermijd)\w*"
    r"(?=,?(?: [^\s,?]+,?){0,8}? (?:zu|te|\w+zu\w+en|\w+[aei]re?)\b|,? (?:de|di) | d')"
)
_NEGATED_ELSEWHERE = re.compile(
    r"\b(?:nicht|kein\w*|ohne|pas|ne|sans|no|sin|nunca|non|senza|n\u00e3o|sem|niet|geen|zonder|nie|jamais)\b|\bn'"
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|without|un\w+|prevent\w*|stop\w*|keep from|deny|denied|reject\w*|declin\w*)\b"
)
_LIGHT = word_set("take use do have eat drink allow get accept recognise recognize be to from")


@gate_rule(
    must_refuse=[
        ("how do I pay part of my bill", "how do I pay all of my bill", "part", "all"),
        ("delete a message in the thread", "delete every message in the thread", "a", "every"),
        ("may I bring a few bottles", "may I bring dozens of bottles", "few", "dozens"),
    ],
    must_pass=[
        ("I need a flight to Oslo", "list all flights to Oslo"),
        ("how do I pay the whole bill", "how do I pay my full bill"),
        ("can a guest see all rooms", "can all guests see the rooms of a guest"),
        ("how do I delete all messages", "how do I delete messages"),
    ],
)
def extent(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a part against the whole, a few against many; of a list asked for, one is as good as all."""
    if _LISTING.search(asked.text) or _LISTING.search(stored.text) or not _are_alike(asked, stored, _AMOUNTS):
        return None
    return _against(asked, stored, _PART, _WHOLE) or _against(asked, stored, _FEW, _MANY)


@gate_rule(
    must_refuse=[
        ("count the users apart from admins", "count the users including admins", "apart from", "including"),
        ("the price with tax", "the price minus tax", "with", "minus"),
        ("book rooms along with suites", "book rooms other than suites", "along with", "other than"),
    ],
    must_pass=[
        ("count the users except admins", "count the users apart from admins"),
        ("how do I deal with the users apart from admins", "what about users other than admins"),
    ],
)
def exception(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse things left out on one side against the same counted in on the other."""
    left, right = _EXCEPT.search(asked.text), _EXCEPT.search(stored.text)
    if bool(left) == bool(right):
        return None
    even = _EVEN.search((stored if left else asked).text)
    if even is None or not _are_alike(asked, stored, _EXCEPTIONS):
        return None
    return Difference(left[0] if left else even[0], right[0] if right else even[0])


@gate_rule(
    must_refuse=[
        ("what should I eat with gout", "what should I avoid eating with gout", "", "avoid"),
        ("what if I pay the deposit", "what if I neglect to pay the deposit", "", "neglect to"),
        ("Was passiert, wenn ich es vers\u00e4ume, den Brief zu lesen?", "Was passiert, wenn ich den Brief lese?",
         "vers\u00e4ume", ""),
        ("\u00bfQu\u00e9 pasa si dejo de renovarlo?", "\u00bfQu\u00e9 pasa si lo renuevo?", "dejo", ""),
        ("how do I burn a crust on purpose", "how do I avoid burning the crust", "", "avoid"),
        ("should I stop feeding my fish in winter", "should I feed my fish in winter", "stop", ""),
        ("how do I stop the app from starting with the phone", "how do I start the app with the phone", "stop", ""),
        ("which states recognise the treaty", "which states refuse to recognise the treaty", "", "refuse"),
    ],
    must_pass=[
        ("how can I avoid fees", "how do I not pay fees"),
        ("how do I avoid jet lag", "how can I avoid jet lag"),
        ("what if I fail to pay rent", "what if I do not pay rent"),
        ("Was tun, wenn ich mein Passwort vergessen habe?", "Wie setze ich mein Passwort zur\u00fcck?"),
    ],
)  # fmt: skip
def avoidance(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse something avoided or refused on one side, and done on the other."""
    elsewhere = _forgotten(asked), _forgotten(stored)
    if bool(elsewhere[0]) != bool(elsewhere[1]):
        return Difference(*elsewhere)
    left, right = _avoided(asked), _avoided(stored)
    if bool(left) == bool(right) or _NEGATED.search((stored if left else asked).text):
        return None
    if not _are_alike(asked, stored, _AVOIDING):
        return None
    return Difference(left, right)


@fact
def _avoided(reading: Reading) -> str:
    found = _AVOID.search(reading.text) if has_any(reading.text, _IN_AVOID) else None
    return found[1] if found else ""


@fact
def _forgotten(reading: Reading) -> str:
    """Return the words for a thing left undone, in another language; a negation turns it round, and is not read."""
    if reading.is_story or not has_any(reading.text, _IN_FORGETS) or is_english(reading.text):
        return ""
    if _NEGATED_ELSEWHERE.search(reading.text):
        return ""
    found = _FORGETS_ELSEWHERE.search(reading.text)
    return found[0] if found else ""


def _against(asked: Reading, stored: Reading, less: frozenset[str], more: frozenset[str]) -> Difference | None:
    for left, right in ((less, more), (more, less)):
        mine, theirs = left & asked.vocabulary - stored.vocabulary, right & stored.vocabulary - asked.vocabulary
        if mine and theirs and not (left & stored.vocabulary or right & asked.vocabulary):
            return Difference(_first(asked, mine), _first(stored, theirs))
    return None


def _first(reading: Reading, words: frozenset[str]) -> str:
    return next(word for word in reading.tokens if word in words)


def _are_alike(asked: Reading, stored: Reading, but: frozenset[str]) -> bool:
    """Whether both have the same words that carry meaning, apart from those a rule compares; stories never are."""
    return not (asked.is_story or stored.is_story) and content_words(asked) - but == content_words(stored) - but


def _bases(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, lexicon.base(word)))


_AMOUNTS = _bases(_PART | _WHOLE | _MANY | _FEW)
_EXCEPTIONS = _bases(
    word_set(
        "apart aside other along together well leave leaving omit "
        "omitting minus save exclude excluding include including plus ignoring"
    )
)
_AVOIDING = _LIGHT | _bases(
    word_set(
        "fail fails failed neglect neglects neglected forget forgets forgot omit omits omitted decline "
        "declines declined "
        "skip skips skipped skipping failing neglecting forgo forgoes "
        "avoid avoids refuse refuses refrain abstain forbidden prohibited "
        "stop stops stopped stopping quit cease "
        "avoiding avoided refused prevent purpose deliberately intentionally knowingly willfully purposely"
    )
)
