"""Refusals over the form and the language of the answer."""

import re
from functools import cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ
from sentinel_core.matching.gate.rules.rule import gate_rule

_NUMBER_CODE = (
    r"\b(?:dress|verif\w+|security|access|pass ?code|pin|promo\w*|discount|coupon|voucher|postal|postcode|zip|area"
    r"|country|error|booking|forgot\w*|lost|enter\w*|log ?in|get into)\b"
)
"""Words beside a code that a user enters or is shown, which is no program to be written."""

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
_HINTS = (
    "json", "xml", "yaml", "csv", "markdown", "html", "bullet", "list", "tab", "sentence", "line", "word", "one-",
    "paragraph", "step", "detail", "depth", "thorough", "brief", "short", "concise", "nutshell", "tl;dr", "tldr",
    "summar", "eli5", "like", "beginner", "dumm", "simpl", "kids", "children", "code", "script", "function", "snippet",
    "program", "example", "poem", "haiku", "essay", "joke", "song", "story", "letter", "tweet", "email", "true", "yes",
)  # fmt: skip
"""Texts one of which stands in whatever a pattern matches; the patterns together take ten times as long."""


@gate_rule(
    must_refuse=[
        ("planets in json", "planets as a table", "json", "table"),
        ("python function to reverse a list", "reverse a list in python", "code", ""),
        ("a story about rain", "facts about rain", "piece", ""),
        ("explain taxes for children", "explain taxes", "simple", ""),
        ("code to sort a list", "sort a list", "code", ""),
    ],
    must_pass=[
        ("add my email to the contacts", "add me to the contacts"),
        ("where is the verification code for my card", "how do I find my card's verification code"),
        ("open an account for children", "open an account for my kids"),
    ],
)
def answer_format(asked: Reading, stored: Reading) -> Difference | None:
    return sets_differ(_formats(asked), _formats(stored))


@gate_rule(
    must_refuse=[
        ("answer in German", "answer in French", "german", "french"),
    ],
    must_pass=[
        ("answer in German", "reply in german"),
    ],
)
def answer_language(asked: Reading, stored: Reading) -> Difference | None:
    answer_in = _answer_in()
    return sets_differ(frozenset(answer_in.findall(asked.text)), frozenset(answer_in.findall(stored.text)))


@cache
def _answer_in() -> re.Pattern[str]:
    tongues = "|".join(lexicon.table("names.json")["tongues"].split())
    return re.compile(rf"\b(?:in|into|to|auf|en) ({tongues}|espa[nñ]ol|deutsch|fran[cç]ais|italiano)\b")


@fact
def _formats(reading: Reading) -> frozenset[str]:
    text = reading.raw.lower()
    for hint in _HINTS:
        if hint in text:
            break
    else:
        return frozenset()
    return frozenset(name for pattern, name in _FORMATS if pattern.search(text))
