"""Recognises prompts whose answers do not last, by rules on their words, and by their wording where no rule does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain

from sentinel_core.cache import wording
from sentinel_core.cache.prompt_rules import ASKS, GIVEN, WORK, matching, prepared, sentences
from sentinel_core.cache.volatility_rules import RULES, TRIGGERS

_CODE = r"(?<![\w.:/`_-])", r"(?![\w(`_-]|\.\w)"
"""Around a word, so that `datetime.today()`, `image:latest` and `NOW()` are none."""

DATE, WORDS = "date-near-now", "words"
NAMES = frozenset({*(rule.name for rule in RULES), DATE, wording.NAME})
"""Of the rules that can be switched off."""

NEAR_DAYS = 7
_DAY = 86_400

_RULES = prepared(RULES, _CODE)

_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_UNSPACED = re.compile("今天|现在|最新|今日の|오늘|지금")

_ENDS = 300
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
    return _reason(ends, int(now // _DAY), frozenset(off), words)


@lru_cache(maxsize=512)
def _reason(ends: str, day: int, off: frozenset[str], words: tuple[str, ...]) -> str | None:
    """Remember the latest: an exact hit asks about a prompt that was asked about before, which takes 2 to 8 µs."""
    asked = _asked(ends)
    if words and _any_of(words).search(asked):
        return WORDS
    named = list(_by_rules(ends, asked, day))
    if named:  # A prompt that a rule knows lasts where that rule is off, however it is worded.
        return next((name for name in named if name not in off), None)
    return wording.NAME if wording.NAME not in off and _is_worded_live(asked) else None


def _by_rules(ends: str, asked: str, day: int) -> Iterator[str]:
    worded = not TRIGGERS.isdisjoint(_WORD.findall(ends.lower()))
    if not worded and ends.isascii() and not _DIGIT.search(ends):
        return iter(())
    today = datetime.fromtimestamp(day * _DAY, UTC).date()
    return chain(matching(asked, _RULES) if worded else (), _by_signs(asked), _by_date(asked, today))


def _is_worded_live(asked: str) -> bool:
    """Weigh the questions, or the last sentence without one; what is asked of a long text rests on the text."""
    if len(asked) > _ENDS:
        return False
    said = [sentence for sentence in sentences(asked) if sentence]
    questions = [sentence for sentence in said if sentence.endswith(ASKS)]
    weighed = questions or said[-1:]
    return any(wording.is_worded(wording.LIVE, sentence) for sentence in weighed)


@lru_cache(maxsize=4)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_CODE[0]}(?:{'|'.join(map(re.escape, words))}){_CODE[1]}", re.IGNORECASE)


def _asked(prompt: str) -> str:
    task = WORK.match(prompt)
    return GIVEN.sub(" ", prompt if task is None else task[0])


def _by_signs(asked: str) -> Iterator[str]:
    if not asked.isascii() and _UNSPACED.search(asked):
        yield "today"


def _by_date(asked: str, today: date) -> Iterator[str]:
    if any(abs((day - today).days) <= NEAR_DAYS for day in _dates(asked, today)):
        yield DATE


def _dates(text: str, today: date) -> Iterator[date]:
    """Choose the year: a day without one is nearest to `today`."""
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
