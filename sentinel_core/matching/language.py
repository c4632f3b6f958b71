"""Whether a text is in English, the language that rules and word lists here were written for."""

import re
from functools import lru_cache

from sentinel_core.matching.other_languages.reading import LONGEST, SURE, shared_languages

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = (
    "the of to are my i you how what when where why who which does can could should would for and on with it this that "
    "your from by at an be have has"
)
_PORTUGUESE = (
    "você voce não nao como posso quero qual quais onde quando quanto minha meu meus minhas para com uma por que é são "
    "está isso este esta ele ela nós seu sua pelo pela"
)
_SPANISH = "yo cómo puedo quiero cuál cual dónde donde cuándo mis una qué los las el al su está"
_FRENCH = "je vous comment puis quel quelle où quand mon ma mes pour avec une le la les des du"
_GERMAN = "ich wie kann ist wo wann mein meine meinen für mit eine ein einen der das und nicht zu"
_ITALIAN = "io posso voglio dove quando mio mia il gli è una della"
_DUTCH = "ik hoe kan waar mijn voor een het niet wil de wat hoeveel wanneer welke waarom moet mag"
_ENGLISH_WORDS = frozenset(_ENGLISH.split())
_OTHERS = frozenset(" ".join((_PORTUGUESE, _SPANISH, _FRENCH, _GERMAN, _ITALIAN, _DUTCH)).split())


@lru_cache(maxsize=512)
def is_english(text: str) -> bool:
    """Whether lower-case `text` has no more function words of another European language than English ones."""
    words = _WORD.findall(text)
    if _OTHERS.isdisjoint(words):
        is_latin = text.isascii() or 2 * sum(map(str.isascii, text)) > len(text)
        spoken, speaking = shared_languages(text, "") if is_latin and len(text) <= LONGEST else ((), 0)
        return not spoken or speaking < SURE
    return sum(word in _OTHERS for word in words) <= sum(word in _ENGLISH_WORDS for word in words)
