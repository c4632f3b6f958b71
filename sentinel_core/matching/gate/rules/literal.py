"""Refusals over what must be equal to the letter: code, quotations, addresses; and over the script a prompt is in."""

import re
import unicodedata
from collections import Counter

from sentinel_core.matching.gate.reading import Difference, Reading, fact, sets_differ, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]{1,400})`(?!`)")
_QUOTED = re.compile(r"\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|(?<!\w)'([^'\n]{2,400})'(?!\w)")
_CODE_WORD = re.compile(
    r"(?:https?://|www\.)\S*[^\s.,:;?!)\]}>'\"]|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.\w+)+|\b\w+\(\)|\b\w+_\w[\w_]*\b"
    r"|(?<![\w-])(?<!\d )--?[A-Za-z][\w-]*(?=\s|$)|(?<!\w)/(?:\w+/)*\w+"
    r"|[=!<>]=|&&|\|\||=>|->|\b\w+::\w+"
)
_CODE_SIGN = re.compile(r"[`/@(_=&|:-]|www\.")
"""Without one of these there is no code; looking for them first spares most prompts the rest."""

_PUNCTUATION = ".,:;?!…()[]\"'“”‘’«»¿¡。、？！"
_QUOTES = frozenset("\"\u201c'")
_MARKS = frozenset("©®™°")
_LETTER = re.compile("[A-Za-z]")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?: [A-Z]{2,})+\b")
_MODIFIERS = word_set(
    "ALL DISTINCT NOT NULL FIRST LAST IF EXISTS UPDATE DELETE IGNORE CASCADE RESTRICT RECURSIVE REPLACE"
)
"""Keywords that change the one before them; `LEFT OUTER JOIN` is `LEFT JOIN`."""

_COMMAND = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)+")
_OPERATION = re.compile(r"(?<=[\d)x]) ([-+*/^]) (?=[\d(x])")


@gate_rule(
    must_refuse=[
        ("what is `a`", "what is `b`", "a", "b"),
        ("what does `map` mean", "what does map mean", "map", ""),
        ("open https://example.com/a", "open https://example.com/b.", "https://example.com/a", "https://example.com/b"),
        ("what does ls -la do", "what does ls do", "-la", ""),
    ],
    must_pass=[
        ("what is `a`", "what's `a`?"),
        ("explain `git stash`", "explain git stash"),
        ("add me@example.com.", "please add me@example.com to my contacts"),
        ("is https://example.com/a (or its copy) up?", "is (https://example.com/a) up or its copy?"),
        ("the 400 -level courses", "courses at the 400 level"),
    ],
)
def code(asked: Reading, stored: Reading) -> Difference | None:
    """
    Fenced and inline code, addresses, paths, flags, identifiers and operators must be equal.

    A command of several words may stand in the other prompt without the signs of code; `map` may be a map there.
    """
    left, right = _code(asked), _code(stored)
    if left == right:
        return None
    return sets_differ(left - _commands(stored, left - right), right - _commands(asked, right - left))


def _commands(reading: Reading, spans: frozenset[str]) -> frozenset[str]:
    """Return those of the inline spans, two words or more, that a prompt has as they are."""
    text = f" {' '.join(reading.raw.rstrip('?.! ').split())} "
    return frozenset(span for span in spans if _COMMAND.fullmatch(span) and f" {span} " in text)


@gate_rule(
    must_refuse=[
        ("does MINUS sort rows", "does MINUS ALL sort rows", "", "all"),
        ("what does TRUNCATE CASCADE do", "what does TRUNCATE RESTRICT do", "cascade", "restrict"),
    ],
    must_pass=[
        ("what does MINUS ALL return", "what does minus all return"),
        ("HOW DO I PAY FOR ALL", "how do I pay for everything"),
        ("when does a LEFT JOIN help", "when does a LEFT OUTER JOIN help"),
    ],
)
def keywords(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a keyword in capitals with a modifier behind it against the same with another one, or none."""
    if not _modifiers(asked) and not _modifiers(stored):
        return None
    return sets_differ(_modifiers(asked) - stored.vocabulary, _modifiers(stored) - asked.vocabulary)


@fact
def _modifiers(reading: Reading) -> frozenset[str]:
    if reading.raw.isupper():
        return frozenset()
    words = {word for run in _CAPITALS.findall(reading.raw) for word in run.split()}
    return frozenset(word.lower() for word in words & _MODIFIERS)


@gate_rule(
    must_refuse=[
        ('find "x ray"', 'find "delta wave"', "x ray", "delta wave"),
    ],
    must_pass=[
        ('find "Delta Wave"', "find delta wave"),
    ],
)
def quotations(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a quotation that the other prompt lacks, in the same letters but for case."""
    left, right = _quotations(asked), _quotations(stored)
    only_asked = frozenset(span for span in left - right if span not in stored.raw.lower())
    only_stored = frozenset(span for span in right - left if span not in asked.raw.lower())
    return sets_differ(only_asked, only_stored)


@gate_rule(
    must_refuse=[
        ("what is 3 + 4", "what is 3 * 4", "+", "*"),
    ],
    must_pass=[
        ("what is 3 + 4", "3 + 4 is what"),
    ],
)
def arithmetic(asked: Reading, stored: Reading) -> Difference | None:
    left, right = _OPERATION.findall(asked.text), _OPERATION.findall(stored.text)
    return None if left == right else Difference(" ".join(left), " ".join(right))


@gate_rule(
    must_refuse=[
        ("hello there", "привет", "LATIN", "CYRILLIC"),
    ],
    must_pass=[
        ("weather in 京 today", "weather in kyoto today"),
    ],
)
def script(asked: Reading, stored: Reading) -> Difference | None:
    """Letters of another writing system."""
    left, right = _scripts(asked), _scripts(stored)
    return sets_differ(left, right) if left and right else None


@gate_rule(
    must_refuse=[
        ("🎉", "🎈", "🎉", "🎈"),
        ("I love 🍕", "I love 🍣", "🍕", "🍣"),
        ("what does สวัสดี mean", "what does ขอบคุณ mean", "สวัสดี", "ขอบคุณ"),
    ],
    must_pass=[
        ("I love 🍕", "I really love 🍕"),
    ],
)
def symbols(asked: Reading, stored: Reading) -> Difference | None:
    """
    Pictures, and words in letters other than Latin ones, must be the same; so must prompts without words.

    The embedder was trained on English: most of these are one unknown token to it, hence all alike.
    """
    if asked.tokens and stored.tokens:
        return sets_differ(_unread(asked), _unread(stored))
    return None if asked.text == stored.text else Difference(asked.text[:80], stored.text[:80])


def _unread(reading: Reading) -> frozenset[str]:
    if reading.raw.isascii():
        return frozenset()
    pictures = (character for character in reading.raw if unicodedata.category(character) == "So")
    words = (word.strip(_PUNCTUATION) for word in reading.text.split() if not _is_latin(word))
    return frozenset([*pictures, *words]) - _MARKS


def _is_latin(word: str) -> bool:
    letters = (character for character in word if character.isalpha() and not character.isascii())
    return all("LATIN" in unicodedata.name(letter, "")[:16] for letter in letters)


@fact
def _code(reading: Reading) -> frozenset[str]:
    if not _CODE_SIGN.search(reading.raw):
        return frozenset()
    prose = _FENCE.sub(" ", reading.raw)
    return frozenset(
        [*_FENCE.findall(reading.raw), *_INLINE.findall(prose), *_CODE_WORD.findall(_INLINE.sub(" ", prose))]
    )


@fact
def _quotations(reading: Reading) -> frozenset[str]:
    if _QUOTES.isdisjoint(reading.raw):
        return frozenset()
    spans = (first or second or third for first, second, third in _QUOTED.findall(reading.raw))
    return frozenset(" ".join(span.lower().split()).strip(" .,?!") for span in spans)


@fact
def _scripts(reading: Reading) -> frozenset[str]:
    if reading.text.isascii():
        return frozenset({"LATIN"} if _LETTER.search(reading.text[:400]) else ())
    letters = [character for character in reading.text[:400] if character.isalpha()]
    counts = Counter(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters if not letter.isascii())
    found = frozenset(name for name, count in counts.items() if name != "LATIN" and count * 5 > len(letters))
    return found or frozenset({"LATIN"} if letters else ())
