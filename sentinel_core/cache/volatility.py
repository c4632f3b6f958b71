"""Recognises prompts whose answers do not last, by rules on their words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.policy import Rules
from sentinel_core.cache.scope import prompt_of

_CODE = r"(?<![\w.:/`_-])", r"(?![\w(`_-]|\.\w)"
"""Around a word, so that `datetime.today()`, `image:latest` and `NOW()` are none."""

_SPAN = r"(?:week|weekend|month|quarter|year|season|morning|afternoon|evening)"
_CHANGING = (
    r"(?:prices?|rates?|cost|weather|temperature|time|date|day|year|month|season|score|standings|news|events?|trends?"
    r"|market|stock|version|release|population|record|champions?|holder|president|prime minister|chancellor|king|queen"
    r"|pope|ceo|government|exchange|inflation|interest|unemployment|situation|affairs|status of)"
)

RULES = {
    "today": r"today|tonight|tomorrow|yesterday|heute|aujourd['’]hui|hoy|oggi|hoje|vandaag|сегодня",
    "now": r"(?:right|just|as of|even|up to) now|now(?= *[?.!]*$)|(?:is|are|am) now|at the moment|at present"
    r"|currently|nowadays|these days|so far this \w+|jetzt|ahora|maintenant|сейчас",
    "current": rf"(?:current|present[- ]day) (?:\w+ ){{0,2}}{_CHANGING}",
    "latest": r"(?<!at the )(?:latest|newest|most up[- ]to[- ]date|most recent(?! common)|breaking news|recent news)",
    "period": rf"(?:this|last|next|past) {_SPAN}|last night|(?:days?|weeks?|months?|hours?) (?:until|till|left until)",
    "clock": r"what (?:time|day|date|month|year) is it"
    r"|what(?:['’]s| is) the (?:date|time)(?= *(?:[?.!]|$|in |here|at ))",
    "live": r"weather (?:forecast|in|at|for|like)|(?:stock|share|bitcoin|btc|ethereum|gold|oil|gas) prices?"
    r"|exchange rates?|live (?:scores?|prices?|results?|updates?)",
}
"""Name to pattern; a prompt with a match asks for a value that changes by itself."""

TRIGGERS = frozenset((
    "today", "tonight", "tomorrow", "yesterday", "heute", "aujourd", "hoy", "oggi", "hoje", "vandaag", "сегодня",
    "now", "moment", "present", "currently", "nowadays", "these", "far", "jetzt", "ahora", "maintenant", "сейчас",
    "current", "latest", "newest", "date", "recent", "news", "this", "last", "next", "past", "until", "till", "left",
    "time", "day", "year", "month", "weather", "price", "prices", "rate", "rates", "live",
))  # fmt: skip
"""No rule matches without one of these words; looking them up first spares most prompts the rules."""

DATE, WORDS = "date-near-now", "words"
NAMES = frozenset({*RULES, DATE})
"""Of the rules that can be switched off."""

NEAR_DAYS = 7

_MATCHERS = {name: re.compile(rf"{_CODE[0]}(?:{pattern}){_CODE[1]}", re.IGNORECASE) for name, pattern in RULES.items()}
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_UNSPACED = re.compile("今天|现在|最新|今日の|오늘|지금")

_ENDS = 300
_GIVEN = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»", re.DOTALL)
_TASK = re.compile(
    r"\W*(?:please |can you |could you )?(?:translate|rewrite|rephrase|paraphrase|proofread|correct|classify"
    r"|summari[sz]e|shorten|edit)\b[^:?!\n]{0,60}:",
    re.IGNORECASE,
)

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (\d{{4}})\b)?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?", re.IGNORECASE)


def reason(prompt: str, now: float, *, off: Collection[str] = (), words: tuple[str, ...] = ()) -> str | None:
    """
    Return the name of the first rule by which an answer given at `now` (Unix time) does not last.

    Rules named in `off` do not count; `words` are the operator's own, or phrases, whatever their case.
    Of a long prompt only both ends are read, where people ask; quotations, code, and a text that is only
    to be translated or rewritten ask nothing.
    """
    ends = prompt if len(prompt) <= 2 * _ENDS else f"{prompt[:_ENDS]}\n{prompt[-_ENDS:]}"
    worded = not TRIGGERS.isdisjoint(_WORD.findall(ends.lower()))
    if not worded and not words and ends.isascii() and not _DIGIT.search(ends):
        return None
    asked = _asked(ends)
    if words and _any_of(words).search(asked):
        return WORDS
    named = chain(_by_words(asked) if worded else (), _by_signs(asked), _by_date(asked, now))
    return next((name for name in named if name not in off), None)


@lru_cache(maxsize=4)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_CODE[0]}(?:{'|'.join(map(re.escape, words))}){_CODE[1]}", re.IGNORECASE)


def _asked(prompt: str) -> str:
    task = _TASK.match(prompt)
    return _GIVEN.sub(" ", prompt if task is None else task[0])


def _by_words(asked: str) -> Iterator[str]:
    return (name for name, matcher in _MATCHERS.items() if matcher.search(asked))


def _by_signs(asked: str) -> Iterator[str]:
    if not asked.isascii() and _UNSPACED.search(asked):
        yield "today"


def _by_date(asked: str, now: float) -> Iterator[str]:
    today = datetime.fromtimestamp(now, UTC).date()
    if any(abs((day - today).days) <= NEAR_DAYS for day in _dates(asked, today)):
        yield DATE


def _dates(text: str, today: date) -> Iterator[date]:
    """A day without a year is the one nearest to `today`."""
    found = chain(
        ((year, month, day) for year, month, day in _ISO.findall(text)),
        ((year, _number(month), day) for day, month, year in _DAY_FIRST.findall(text)),
        ((year, _number(month), day) for month, day, year in _MONTH_FIRST.findall(text)),
    )
    for year, month, day in found:
        years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
        for each in years:
            try:
                yield date(each, int(month), int(day))
            except ValueError:
                continue


def _number(month: str) -> int:
    return _MONTHS.index(month[:3].lower()) + 1


def tempered(ask: CacheRequest, rules: Rules, now: float) -> CacheRequest:
    """See whether the prompt's answer lasts; one that does not is asked for, and kept, as a short-lived one."""
    if rules.volatile_ttl is None:
        return ask
    prompt, words = prompt_of(ask.request), rules.volatile_words
    rule = reason(prompt, now, off=rules.volatile_off, words=words)
    return ask if rule is None else replace(ask, volatile=rule, controls=ask.controls.within(rules.volatile_ttl))
