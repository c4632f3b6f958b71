"""Reads a prompt in another language: the kind of question it asks, and the words it asks about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, repeat

from sentinel_core.matching.other_languages.tables import (
    ABOUT,
    ENGLISH,
    PLACE,
    REPLACED,
    UNSAID,
    Language,
    Phrases,
    languages,
    speakers,
)
from sentinel_core.matching.other_languages.words import pattern_of, tokens_of, without_correction
from sentinel_core.matching.plain_letters import puts_none
from sentinel_core.matching.shared_run import are_swapped, shared_run
from sentinel_core.support.patterns import lazy

LONGEST = 400
"""Characters; longer texts are seldom one question."""

SURE = 3
"""Words with a class from which two prompts without a question word are in that language."""

QUESTIONS = frozenset({
    "how", "what", "which", "who", "whom", "where", "whereto", "wherefrom", "when", "why", "whatfor", "howmany",
    "howlong", "howoften", "cost", "remedy",
})  # fmt: skip

_ABSORBED = {
    "how": {"can", "must", "someone", "he"},
    "where": {"can"},
    "when": {"must"},
    "howlong": {"must", "lasts", "howmany", "what"},
    "howoften": {"must"},
    "cost": {"howmany", "what", "which"},
    "remedy": {"can", "must", "what"},
}
"""Of a question word, the other marks that change nothing: `how can I`, `how must I` and `how do I` are one."""

_AND = frozenset(("und", "oder", "et", "ou", "y", "o", "e", "ed", "en", "of", "i", "и", "или", "ve"))

SHORTEST_SLIP = "wan"
"""The shortest slip of a question word, of `wann`."""

END, _FRAME = "$", "frame"
"""The end of a text in phrases that only stand there, and the class of a request for an answer."""

_FRAMING = frozenset({"can", "must", "may", _FRAME})
_BOUNDARY = lazy(r"[.?!,;]+\s*")


@dataclass(frozen=True, slots=True)
class Request:
    """
    One question: its `marks` are classes of phrases, its `words` all others in order.

    `is_fronted` says that a word stands before the question word, `is_framed` that it is said in a longer sentence.
    `mentioned` are small words that a question about words is about.
    """

    marks: frozenset[str]
    words: tuple[str, ...]
    is_fronted: bool
    is_framed: bool
    mentioned: tuple[str, ...] = ()


def shared_languages(asked: str, stored: str) -> tuple[tuple[Language, ...], int]:
    """Return the languages in which most words have a class, and how many; none if that is English."""
    one, other = asked.lower() if asked.isascii() else asked, stored.lower() if stored.isascii() else stored
    if _is_in_english(one) and _is_in_english(other):  # most pairs; the words need not be counted
        return (), 0
    counts = Counter((*_names(one), *_names(other)))
    most = max(counts.values(), default=0)
    if counts[ENGLISH] >= most:
        return (), 0
    return tuple(languages()[name] for name in counts if counts[name] == most), most


@lru_cache(maxsize=512)
def _is_in_english(text: str) -> bool:
    """Whether no language has more words of a text than English."""
    if _no_english().isdisjoint(tokens_of(text)):
        return True
    counts = Counter(_names(text))
    return counts[ENGLISH] >= max(counts.values())


def _names(text: str) -> Iterator[str]:
    """Return the languages of the words of a text, each as often as it has one."""
    return chain.from_iterable(map(speakers().get, tokens_of(text), repeat(())))


@cache
def _no_english() -> frozenset[str]:
    return frozenset(word for word, names in speakers().items() if ENGLISH not in names)


@lru_cache(maxsize=256)
def read(text: str, name: str) -> Request:
    """Read a text in the language `name`."""
    language = languages()[name]
    phrases = language.plain if puts_none(text) else language.phrases
    tokens = tokens_of(_without_thanks(text, language))
    items = list(_items((*_with_question_word(tokens, phrases), END), phrases))
    frame = _end_of_frame(items, language)
    items = [("", _FRAME), *items[frame:]] if frame else items
    questions = [place for place, (_, kind) in enumerate(items) if kind in QUESTIONS]
    first = questions[0] if questions else 0
    mentioned: tuple[str, ...] = ()
    if any(kind == ABOUT for _, kind in items):
        about = list(_with_mentioned(items))
        mentioned = tuple(word for (word, kind), (_, was) in zip(about, items, strict=True) if kind != was)
        items = about
    marks = {kind for _, kind in items if kind not in {UNSAID, PLACE, ABOUT, _FRAME, ""}}
    before = any(kind in {"", PLACE, ABOUT} for _, kind in items[:first])
    longer = {kind for word, kind in items if kind in _FRAMING or (kind in {UNSAID, "why"} and " " in word)}
    words = _with_prefix(_placed(items, language), items, first, language)
    return Request(_settled(marks), tuple(words), before, bool(longer), mentioned)


def question_of(text: str) -> str:
    """Return a lower-case text without a request for an answer before its question and thanks behind it."""
    if len(text) > LONGEST:
        return text
    spoken, speaking = shared_languages(text, "")
    if not spoken or speaking < SURE:
        return text
    language = spoken[0]
    text = _without_thanks(without_correction(text), language)
    found = list(pattern_of(text).finditer(text))
    phrases = language.plain if puts_none(text) else language.phrases
    items = list(_items((*(each[0] for each in found), END), phrases))
    start = sum(len(phrase.split()) for phrase, _ in items[: _end_of_frame(items, language)])
    question = text[found[start].start() :] if 0 < start < len(found) else text
    return _in_usual_words(question, phrases) if len(spoken) == 1 else question


def _in_usual_words(text: str, phrases: Phrases) -> str:
    """Return a lower-case text with each listed synonym as the word that it stands for."""
    found = list(pattern_of(text).finditer(text))
    tokens, parts, place, end = tuple(each[0] for each in found), [], 0, 0
    while place < len(found):
        listed = (row for row in phrases.get(tokens[place], ()) if tokens[place : place + len(row[0])] == row[0])
        words, kind = next(listed, ((tokens[place],), ""))
        if kind.startswith(REPLACED):
            parts += [text[end : found[place].start()], kind.removeprefix(REPLACED)]
            end = found[place + len(words) - 1].end()
        place += len(words)
    return "".join((*parts, text[end:]))


def _without_thanks(text: str, language: Language) -> str:
    """Cut off the last sentences and clauses if they have only words of courtesy, and thanks among them."""
    end, kept = len(text), text
    courtesy = language.polite | language.thanks
    for boundary in reversed(list(_BOUNDARY.finditer(text))):
        words = pattern_of(text).findall(text[boundary.end() : end].lower())
        if not courtesy.issuperset(words):
            break
        end = boundary.end()
        if not language.thanks.isdisjoint(words) or (words and "?" in boundary[0]):
            kept = text[: boundary.end()].rstrip(" ,;")
    return kept


def _end_of_frame(items: list[tuple[str, str]], language: Language) -> int:
    """Return how many items before the question only ask for an answer, in any words of courtesy."""
    first = next((place for place, (_, kind) in enumerate(items) if kind in QUESTIONS), 0)
    before = [word for phrase, _ in items[:first] for word in phrase.split()]
    is_frame = not language.say.isdisjoint(before) and language.polite.union(language.say).issuperset(before)
    return first if is_frame else 0


def _with_question_word(tokens: tuple[str, ...], phrases: Phrases) -> tuple[str, ...]:
    """Mend a slip in the first word if it is a question word with two letters swapped, or one lost or doubled."""
    if not tokens or len(tokens[0]) < len(SHORTEST_SLIP) or tokens[0] in phrases:
        return tokens
    words = (phrase for same_start in phrases.values() for phrase, kind in same_start if kind in QUESTIONS)
    right = next((word for word, *others in words if not others and _is_slip(tokens[0], word)), None)
    return tokens if right is None else (right, *tokens[1:])


def _is_slip(wrong: str, right: str) -> bool:
    at, behind = shared_run(wrong, right), shared_run(wrong[::-1], right[::-1])
    if len(wrong) == len(right):
        return are_swapped(wrong, right, at)
    return (
        len(right) > len(SHORTEST_SLIP)
        and abs(len(wrong) - len(right)) == 1
        and at + behind >= min(len(wrong), len(right))
    )


def _items(tokens: tuple[str, ...], phrases: Phrases) -> Iterator[tuple[str, str]]:
    """Yield each phrase with its class, and each other word with none."""
    place = 0
    while place < len(tokens):
        word = tokens[place]
        for words, kind in phrases.get(word, ()):
            if tokens[place : place + len(words)] == words:
                if kind.startswith(REPLACED):
                    yield from ((each, "") for each in kind.removeprefix(REPLACED).split())
                else:
                    yield " ".join(words), kind
                place += len(words)
                break
        else:
            if word != END:
                yield word, ""
            place += 1


def _with_mentioned(items: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Take the small words for words that a question about words is about: `der und die`."""
    followers = [*items[1:], ("", PLACE)]
    for (word, kind), (after, its_kind) in zip(items, followers, strict=True):
        is_small = kind not in {"", PLACE, ABOUT, _FRAME} | QUESTIONS and " " not in word
        yield word, "" if is_small and (its_kind == PLACE or after in _AND) else kind


def _placed(items: Iterable[tuple[str, str]], language: Language) -> Iterator[str]:
    """Yield the words, each with the preposition before it."""
    prepositions: list[str] = []
    for word, kind in items:
        if kind == PLACE:
            prepositions.append(language.contracted.get(word, word))
        elif kind in {"", ABOUT}:
            yield _joined(prepositions, _without_zu(word, language), language)
            prepositions.clear()
    yield from prepositions


_PURPOSES = (["pour"], ["para"], ["per"])
_INFINITIVES = ("er", "ir", "re", "ar")


def _joined(prepositions: list[str], word: str, language: Language) -> str:
    """Return a word behind its prepositions; an infinitive without its own: `zu bestellen`, `in te vriezen`."""
    if language.prefixes and prepositions and prepositions[-1] in {"zu", "te"} and word.endswith("n"):
        if len(prepositions) > 1 and prepositions[-2] in language.prefixes:
            return prepositions[-2] + word
        if len(prepositions) == 1:
            return word
    if prepositions in _PURPOSES and word.endswith(_INFINITIVES):
        return word
    return " ".join((*prepositions, word))


def _without_zu(word: str, language: Language) -> str:
    """Return the plain infinitive of a German verb with `zu` inside: `anzumelden`."""
    if not word.endswith("n"):
        return word
    for prefix in language.prefixes:
        if word.startswith(f"{prefix}zu") and len(word) >= len(prefix) + len("zu") + 4:
            return prefix + word.removeprefix(f"{prefix}zu")
    return word


def _with_prefix(words: Iterable[str], items: list[tuple[str, str]], first: int, language: Language) -> list[str]:
    """Join a prefix at the end to its verb, the first word after the question word: `melde ... an`, `anmelde`."""
    found = list(words)
    if len(found) < 2 or found[-1] not in language.prefixes:
        return found
    before = sum(kind in {"", ABOUT} for _, kind in items[:first])
    if before and len(found) > len(("verb", "prefix")):
        before = 1  # a sentence before the question: the verb is its second part
    if before < len(found) - 1 and " " not in found[before]:
        prefix = found.pop()
        found[before] = prefix + found[before]
    return found


def _settled(marks: set[str]) -> frozenset[str]:
    """Leave out the marks that others imply."""
    if {"howmany", "lasts"} <= marks or {"what", "lasts"} <= marks:
        marks = marks - {"howmany", "what", "lasts"} | {"howlong"}
    if "explain" in marks:
        marks = marks - {"explain"} if marks & QUESTIONS else marks - {"explain"} | {"what"}
    absorbed = {each for mark in marks for each in _ABSORBED.get(mark, ())}
    return frozenset(marks - absorbed)
