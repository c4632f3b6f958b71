"""Refusals over who does something to whom, in languages that the gate does not read: I to them, they to me."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

from sentinel_core.matching.gate.reading import Difference
from sentinel_core.matching.language import is_english
from sentinel_core.support.patterns import lazy

_NEAR = 3
"""Words on each side of `me` among which a courtesy is looked for: `können Sie mir bitte sagen`."""

_COURTESY = lazy(
    r"(?:sie|du|vous|tu|usted|ustedes|lei|você|vocês|u|jij|pan|pani|вы|ты)\b"
    r"|(?:sag|erklär|verrat|verrät|zeig|di[rt]|dis|expli|indi|préc|deci|dec[ií]|dig|diz|spieg|vertel|uitleg|leg|zeg|powie"
    r"|wyjaśn|wytłum|сказ|скаж|объясн|подска|расска|förklar|berätt|säg|ayud|aiut|ajud)"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """
    Words of one language: the speaker who does something, the one it is done to, and signs that both are one.

    `joined` are forms of the second and third at the end of a verb; `who` asks for the one who does something,
    `whom` for the one to whom it is done; `by whom` is neither.
    """

    subjects: frozenset[str]
    objects: frozenset[str]
    reflexive: frozenset[str]
    joined: re.Pattern[str] | None
    who: re.Pattern[str]
    whom: re.Pattern[str]
    known: frozenset[str] = field(repr=False)


_WORDS = {
    "de": (
        "ich wir", "mich mir uns", "sich", "",
        "wer", "wem|wen|wessen|(?:mit|bei|zu|für|über|gegen) we[mn]|von wem(?! (?:wurden?|wird|werden))",
        "der die das und ist wie kann darf muss soll mein meine meinen nicht ein eine wann warum was wo",
    ),
    "fr": (
        "je j", "me m moi", "se s", "",
        "qui", "(?:à|a|de|pour|avec|chez|contre|sur) qui",
        "le la les un une mon ma mes comment quand pourquoi est que dois puis doit peut il elle des du et où combien",
    ),
    "es": (
        "yo puedo debo tengo quiero podemos debemos", "me mí nos", "se", "r(?:me|se|nos)",
        "quién|quien|quiénes", "(?:a|de|con|para|contra) qui[eé]n(?:es)?",
        "el la los las un una mi mis cómo cuándo qué es puede debe cuánto dónde al del por",
    ),
    "it": (
        "io posso devo voglio possiamo dobbiamo", "mi me", "si", "r(?:mi|si|ci)",
        "chi", "(?:a|di|con|per|contro|su) chi",
        "il lo la gli le un una mio mia miei come quando perché che è può deve quanto dove del",
    ),
    "pt": (
        "eu posso devo preciso quero podemos devemos", "me mim", "se", "",
        "quem", "(?:a|de|com|para|pra|contra) quem",
        "o a os as um uma meu minha meus como quando que é pode deve quanto onde do da ao não",
    ),
    "nl": (
        "ik wij we", "mij me", "zich", "",
        "wie", "(?:aan|van|met|voor|tegen|bij|over) wie",
        "de het een mijn hoe wanneer waarom wat mag moet kan is niet en waar",
    ),
    "sv": (
        "jag vi", "mig oss", "sig", "",
        "vem", "(?:till|med|för|mot|hos) vem",
        "en ett den det min mitt mina hur när varför vad kan får måste är inte och var",
    ),
    "pl": (
        "ja mogę muszę powinienem powinnam jestem", "mi mnie nam nas", "się", "",
        "kto", "kogo|komu|(?:z|o|od|do|dla) (?:kim|kogo)",
        "czy jak kiedy dlaczego co może jest nie w na do mój moja mojego ile gdzie",
    ),
    "ru": (
        "я мы", "мне меня нам нас", "себя себе", "",
        "кто", "кого|кому|(?:к|у|с|от|о|для|за) ком?[уеыго]*",
        "как когда почему что может ли не в на и мой моя моего сколько где должен",
    ),
}  # fmt: skip


@cache
def _languages() -> dict[str, _Words]:
    """Return the words by language (ISO 639-1); patterns are compiled at the first use."""
    return {name: _read(*listed) for name, listed in _WORDS.items()}


def _read(subjects: str, objects: str, reflexive: str, joined: str, who: str, whom: str, known: str) -> _Words:
    doing, suffering, both, others = (frozenset(words.split()) for words in (subjects, objects, reflexive, known))
    asking, asking_whom = (re.compile(rf"\W*(?:{words})\b") for words in (who, whom))
    ended = re.compile(joined) if joined else None
    return _Words(doing, suffering, both, ended, asking, asking_whom, doing | suffering | both | others)


_AS_SUBJECT = lazy(r"\b(?:как|где|когда|куда|что|сколько|можно|нужно|надо|следует)(?: ли)? (?:мне|нам)\b")
"""Russian `как мне помочь`: the speaker does it, in the dative."""
_FIRST_IN_O = frozenset({"es", "it", "pt"})
_IN_O = lazy(r"\b(?:c[oó]mo|cu[aá]ndo|d[oó]nde|come|quando|dove|onde) (?:me |mi )?\w{3,}o\b")
"""A verb in the first person: `cómo encuentro`."""
_OWED = lazy(r"\bдолж(?:ен|на|ны|но)\b")
_WORD = lazy(r"[^\W\d_]+")


def speaker(asked: str, stored: str) -> Difference | None:
    """Refuse the speaker acting on another one against the other way round, and `who` against `to whom`."""
    one, other = asked.lower(), stored.lower()
    asking = _asking()
    if asking.match(one) and asking.match(other) and _asks_the_other_way(one, other):
        return Difference(asked[:40], stored[:40])
    name = _language(one)
    if name is None or name != _language(other):
        return None
    left_party, right_party = _party(one, name), _party(other, name)
    if {left_party, right_party} == {"subject", "object"}:
        return Difference(left_party, right_party)
    return None


@cache
def _asking() -> re.Pattern[str]:
    """Return the pattern of all beginnings that ask for one of the two: one search for most pairs, not eighteen."""
    return re.compile(rf"\W*(?:{'|'.join(words for *_, who, whom, _ in _WORDS.values() for words in (who, whom))})\b")


def _asks_the_other_way(one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    return any(words.whom.match(a) and words.who.match(b) for words in _languages().values() for a, b in pairs)


@cache
def _speakers() -> dict[str, tuple[str, ...]]:
    """Return the languages that each word is known in."""
    known = {name: words.known for name, words in _languages().items()}
    every = frozenset().union(*known.values())
    return {word: tuple(name for name, words in known.items() if word in words) for word in every}


@lru_cache(maxsize=256)
def _language(text: str) -> str | None:
    """Return the language of most words in a lower-case text; None for English, and where two have as many."""
    speakers = _speakers()
    counts = Counter([name for word in _WORD.findall(text) if word in speakers for name in speakers[word]])
    ranked = counts.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    name, most = ranked[0]
    return name if most > 1 or not is_english(text) else None


@lru_cache(maxsize=256)
def _party(text: str, name: str) -> str:
    """Return the role of the speaker in a lower-case text: `subject` or `object`; empty for both and for neither."""
    words = _languages()[name]
    if name == "ru" and not _OWED.search(text):
        text = _AS_SUBJECT.sub("я", text)
    found = _WORD.findall(text)
    is_subject = not words.subjects.isdisjoint(found) or (name in _FIRST_IN_O and _IN_O.search(text) is not None)
    if not words.reflexive.isdisjoint(found) or any(word.endswith("ться") for word in found):
        return ""
    joined = words.joined
    is_object = any(
        (word in words.objects or (joined is not None and len(word) > 5 and joined.search(word, len(word) - 4)))
        and not _is_courtesy(found, at)
        for at, word in enumerate(found)
    )
    return "" if is_subject == is_object else "subject" if is_subject else "object"


def _is_courtesy(found: list[str], at: int) -> bool:
    near = found[max(0, at - _NEAR) : at + _NEAR + 1]
    return any(_COURTESY.match(word) for word in near)
