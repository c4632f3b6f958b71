"""Refusals over dates and parts of the day."""

import re
from itertools import pairwise

from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.support.patterns import has_any

_DATES = {
    alias: name
    for name, aliases in {
        "monday": "mon mondays", "tuesday": "tue tues tuesdays", "wednesday": "wed wednesdays",
        "thursday": "thu thur thurs thursdays",
        "friday": "fri fridays", "saturday": "sat saturdays", "sunday": "sundays", "january": "jan", "february": "feb",
        "april": "apr", "june": "jun", "july": "jul", "august": "aug", "september": "sep sept", "october": "oct",
        "november": "nov", "december": "dec", "tomorrow": "", "yesterday": "", "tonight": "", "weekend": "weekends",
        "weekday": "weekdays", "noon": "midday", "midnight": "", "spring": "", "summer": "summers",
        "autumn": "fall", "winter": "winters", "christmas": "xmas", "easter": "",
        "halloween": "", "thanksgiving": "",
    }.items()
    for alias in [name, *aliases.split()]
}  # fmt: skip
_DAY_PARTS = {
    "am": "am", "pm": "pm", "morning": "morning", "mornings": "morning", "afternoon": "afternoon", "night": "evening",
    "afternoons": "afternoon", "evening": "evening", "evenings": "evening", "nights": "evening",
}  # fmt: skip
_TERMS = {
    "first": "first", "original": "first", "originally": "first", "initial": "first", "initially": "first",
    "inaugural": "first", "1st": "first", "second": "second", "2nd": "second", "third": "third", "3rd": "third",
    "former": "former", "previous": "former", "formerly": "former", "previously": "former", "predecessor": "former",
    "past": "former", "ex": "former",
}  # fmt: skip
_TERM = re.compile(
    rf"(?:\b(?:the|in|our|when|their|his|her)|'s) ({'|'.join(_TERMS)})\b"
    r"(?! (?:(?:name|time|step)s?|class|order|and|,)\b)"
)
_CLOCK = frozenset({"am", "pm"})
_HALVES = {"am": "am", "pm": "pm", "morning": "am", "afternoon": "pm", "evening": "pm"}
_MONTH_PHRASE = re.compile(
    r"\b(?:in|of|by|until|since|from|early|late|mid|last|next|this|\d+(?:st|nd|rd|th)?) (march|may)\b"
    r"|\b(march|may) (?=\d)"
)
_RELATIVE = re.compile(
    r"\b(last|next|this|previous|past|coming|upcoming) (week|month|year|season|semester|quarter|term|weekend"
    r"|decade|century)\b"
)
_FROM_END = re.compile(
    r"\b(?:(?:ante)?penultimate|last but (?:one|two|three|1|2|3)|(?:one |1 )?before last"
    r"|(?:second|third|fourth|next|2nd|3rd|4th|2|3|4)[- ](?:to|from)[- ](?:the )?last|(?:second|third|2nd|3rd)[- ]last"
    r"|(?:vor|dritt)letzte\w*|(?:avant-|ant\u00e9p\u00e9nulti\u00e8me|p\u00e9nulti\u00e8me)(?:derni\w+)?|(?:ante)?pen[u\u00fa]ltim[oa]s?"
    r"|voorlaatste|przedostatni\w*|\u043f\u0440\u0435\u0434\u043f\u043e\u0441\u043b\u0435\u0434\u043d\w+)\b"
    r"|\u5012\u6570\u7b2c\u4e8c"
)
_IN_FROM_END = ("last", "ltim", "letzte", "avant-", "p\u00e9nulti", "voorlaatste", "przedostatni",
                "\u043f\u0440\u0435\u0434\u043f\u043e\u0441\u043b\u0435\u0434\u043d", "\u5012\u6570")  # fmt: skip
"""Texts one of which stands in all that `_FROM_END` finds."""

_FALL_VERB = re.compile(
    r"\b(?:to|not|rise and) fall\b|\bfall of (?!(?:19|20)?\d\d\b|this\b|last\b)"
    r"|\b(?:will|would|did|does|do|can|may|could)(?: \w+){0,5}(?<!in)(?<!this)(?<!next)"
    r"(?<!last)(?<!the)(?<!for)(?<!by)(?<!of)(?<!during)(?<!since) fall\b"
)


@gate_rule(
    must_refuse=[
        ("open on Monday", "open on Sundays", "monday", "sunday"),
        ("sales of last year", "sales of next year", "last year", "next year"),
    ],
    must_pass=[
        ("open Mon", "open on monday"),
        ("may I go", "can I go"),
        ("open Monday to Friday", "open on weekdays"),
    ],
)
def dates(asked: Reading, stored: Reading) -> Difference | None:
    """Weekdays, months, parts of the day, seasons and relative dates must be equal."""
    return sets_differ(_dates(asked), _dates(stored))


@gate_rule(
    must_refuse=[
        ("flights in the morning", "flights at night", "morning", "evening"),
    ],
    must_pass=[
        ("7pm", "7 in the evening"),
        ("I am late for the meeting", "being late for the meeting"),
        ("at 7am", "at 7 in the morning"),
    ],
)
def day_parts(asked: Reading, stored: Reading) -> Difference | None:
    """Morning, afternoon, evening; only before against after noon where either prompt says am or pm."""
    left, right = _day_parts(asked), _day_parts(stored)
    if (left | right) & _CLOCK:
        left, right = (frozenset(_HALVES[part] for part in parts) for parts in (left, right))
    return sets_differ(left, right)


@gate_rule(
    must_refuse=[
        ("Who is the head of the bank?", "Who was the first head of the bank?", "", "first"),
        ("the previous owner of the house", "the owner of the house", "former", ""),
        ("How big is the town?", "How big was the town in the past?", "", "former"),
    ],
    must_pass=[
        ("Who is the current head of the bank?", "Who is the head of the bank?"),
        ("the former head of the bank", "the previous head of the bank"),
        ("at first it works", "it works"),
    ],
)
def terms(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the first or a former holder or state that only one prompt speaks of."""
    if _from_end(asked) or _from_end(stored):  # the second to last is not the second
        return None
    left, right = _terms(asked) - _times_in(stored), _terms(stored) - _times_in(asked)
    return sets_differ(left, right)


@gate_rule(
    must_refuse=[
        ("who was his penultimate wife", "who was his last wife", "penultimate", ""),
        ("what is the step before last", "what is the last step", "before last", ""),
        ("Wer war der vorletzte Kaiser?", "Wer war der letzte Kaiser?", "vorletzte", ""),
    ],
    must_pass=[
        ("what is the second to last step", "what is the penultimate step"),
        ("what is the last chapter about", "what is the final chapter about"),
    ],
)
def positions(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the last but one or two on one side alone."""
    left, right = _from_end(asked), _from_end(stored)
    return Difference(left, right) if bool(left) != bool(right) else None


@fact
def _from_end(reading: Reading) -> str:
    found = _FROM_END.search(reading.text) if has_any(reading.text, _IN_FROM_END) else None
    return found[0] if found else ""


@fact
def _terms(reading: Reading) -> frozenset[str]:
    found = _TERM.findall(reading.text) if not reading.is_story and has_any(reading.text, _TERMS) else ()
    return frozenset(_TERMS[word] for word in found)


@fact
def _times_in(reading: Reading) -> frozenset[str]:
    return frozenset(_TERMS[word] for word in reading.tokens if word in _TERMS)


@fact
def _dates(reading: Reading) -> frozenset[str]:
    tokens = (_DATES[token] for token in reading.tokens if token in _DATES)
    months = (first or second for first, second in _MONTH_PHRASE.findall(reading.text))
    relative = (
        " ".join(pair).replace("past", "last").replace("previous", "last") for pair in _RELATIVE.findall(reading.text)
    )
    found = frozenset(
        [*tokens, *months, *(phrase.replace("upcoming", "next").replace("coming", "next") for phrase in relative)]
    )
    return found - {"autumn"} if "autumn" in found and _FALL_VERB.search(reading.text) else found


@fact
def _day_parts(reading: Reading) -> frozenset[str]:
    """Without a number before it, "am" is a verb."""
    pairs = pairwise(("", *reading.tokens))
    return frozenset(
        _DAY_PARTS[word]
        for before, word in pairs
        if word in _DAY_PARTS and (word not in _CLOCK or before[:1].isdigit())
    )
