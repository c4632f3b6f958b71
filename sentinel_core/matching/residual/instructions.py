"""Names the task of an instruction over a text: `Translate into German`, `the German translation of`."""

from __future__ import annotations

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import word_set

LONGEST = 120
"""Characters of an instruction; a longer one says more than its task."""

_POLITE = re.compile(
    r"^(?:(?:please|kindly|can you|could you|would you|will you|i need you to|i want you to|bitte|por favor"
    r"|puedes|podr\u00edas|peux-tu|pouvez-vous|puoi|potresti|pode|podes|poderia),? )+"
)
_SIGNS = re.compile(r"[^\w'\s-]+")
_TEXTS = (
    r"(?:text|sentence|paragraph|article|passage|message|review|e-?mail|note|line|phrase|statement|comment|tweet)s?"
)
_THIS = rf"(?: (?:of|in|from|for))?(?: (?:this|the following|the|that|my))?(?: {_TEXTS})?(?: below| above)?"
_NOUNS = (
    r"e-?mail addresse?s?|phone numbers?|dates?|names?|urls?|links?|numbers?|places?|people|companies|verbs?|nouns?"
)
_TASKS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "correct",
            rf"(?:correct|fix)(?: the| any| all)* (grammar|spelling|punctuation)(?: mistakes?| errors?)?{_THIS}",
        ),
        (
            "tone",
            rf"(?:make|rewrite|rephrase|reword){_THIS} (?:to (?:be|sound) )?(?:in an? )?(?:more )?"
            r"(formal|polite|casual|friendly|professional|informal)(?:ly)?(?: tone| style| way| manner)?",
        ),
        (
            "count",
            rf"(?:count (?:all )?the|how many) (words|letters|characters|sentences|syllables|vowels)"
            rf"(?: are| are there)?{_THIS}",
        ),
        (
            "class",
            rf"(?:classify|what is|what's|determine|identify|detect)(?: the)? (sentiment|language|topic|emotion|intent)"
            rf"{_THIS}",
        ),
        ("translate", rf"translate{_THIS} (?:in)?to (\w+)"),
        ("translate", rf"(?:(?:give me|write|provide|what is) )?(?:the|an?) (\w+) translation{_THIS}"),
        ("list", rf"(?:extract|list|find|pull out)(?: all| every| the| each)* ({_NOUNS}) (?:from|in){_THIS}"),
        ("shorten", rf"summari[sz]e{_THIS} in (one|two|three|a single) sentences?"),
        ("shorten", rf"(?:write|give me|provide) an? (one|two|three|single)[- ]sentence summary{_THIS}"),
        ("translate", r"(?:\u00fcbersetzen? (?:sie )?(?:(?:das|den|diesen) (?:text|satz) )?)ins (\w+)"),
        ("translate", r"ins (\w+) \u00fcbersetzen"),
        ("translate", r"(?:traduce|traducir|traduzca)(?: esto| este texto| esta frase)? al (\w+)"),
        ("translate", r"(?:traduis|traduisez|traduire)(?: \u00e7a| ceci| ce texte| cette phrase)? en (\w+)"),
        ("translate", r"(?:traduci|tradurre|traduca)(?: questo| questo testo| questa frase)? in (\w+)"),
        ("translate", r"(?:traduza|traduz|traduzir)(?: isto| este texto| esta frase)? para (?:o )?(\w+)"),
    )
)
_ONE = {"a single": "one", "single": "one"}
_COUNTED = ("count", "list")
_NO_LANGUAGES = word_set("word direct literal good free new machine human plain simple short")


def task_of(instruction: str) -> tuple[str, str] | None:
    """Return the kind of the task and its one parameter; None where an instruction says anything else as well."""
    if len(instruction) > LONGEST:
        return None
    text = _plain(instruction)
    for name, pattern in _TASKS:
        found = pattern.fullmatch(text)
        if found and found[1] not in _NO_LANGUAGES:
            one = _ONE.get(found[1], found[1].replace("-", ""))
            return name, " ".join(map(lexicon.base, one.split())) if name in _COUNTED else one
    return None


def say_the_same(one: str, other: str) -> bool:
    """Whether two instructions over one text name one task, or differ in polite words and words for the text alone."""
    if max(len(one), len(other)) > LONGEST or _points_to(one) | _points_to(other) == _BOTH_SIDES:
        return False
    task = task_of(one)
    return (task is not None and task == task_of(other)) or _frameless(one) == _frameless(other) != ""


def _points_to(instruction: str) -> set[str]:
    return set(_SIGNS.sub(" ", instruction.lower()).split()) & _BOTH_SIDES


_BOTH_SIDES = {"above", "below"}


def _frameless(instruction: str) -> str:
    text = _plain(instruction).replace("what's ", "what is ")
    for pattern, replacement in _FRAMES:
        text = pattern.sub(replacement, text)
    return text


_ONE_TEXT = (
    r"(?:text|article|passage|message|review|e-?mail|paragraph|document|code|snippet|function|script|program|post"
    r"|tweet|story|essay|letter|ticket|transcript|conversation|report|statement|file|query|data|json|table)s?"
)
_FRAMES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"\b(?:this|these|the following|the given|the) ({_ONE_TEXT})(?: (?:above|below|here))?\b", r"the \1"),
        (rf"\bthe (?:above|below) ({_ONE_TEXT})\b", r"the \1"),
        (r" (?:from|in|of) the text$", ""),
        (r"^(?:write|give me|provide|create|generate|suggest|draft)(?: me)? (?=an? )", "write "),
        (r"^(?:explain|describe|tell me) what (the .{1,60}) does$", r"what does \1 do"),
    )
)
"""Ways to point to the text, to ask for one thing, and to ask for the purpose of code."""


def _plain(instruction: str) -> str:
    return _POLITE.sub("", " ".join(_SIGNS.sub(" ", instruction.lower()).split()), count=1)
