"""Slips of Spanish writers, who write by ear: `renobar`, `nesecito`, `aorrar`, `inchan`."""

from __future__ import annotations

import re
from functools import lru_cache

from sentinel_core.matching.gate.reading import word_set

_PLAIN = str.maketrans("\u00e1\u00e9\u00ed\u00f3\u00fa\u00fc\u00e7", "aeiouus")
_SOUNDS = tuple(
    (re.compile(letters), sound)
    for letters, sound in (
        (r"(?<!c)h", ""),
        (r"v", "b"),
        (r"ll", "y"),
        (r"qu(?=[ei])|q", "k"),
        (r"gu(?=[ei])", "G"),
        (r"g(?=[ei])", "j"),
        (r"G", "g"),
        (r"c(?=[ei])|z", "s"),
        (r"c(?!h)", "k"),
    )
)

_STEMS = frozenset(
    frozenset(pair.split(":"))
    for pair in word_set(
        "coce:cose cocio:cosio cocid:cosid cocie:cosie cocim:cosim coz:cos cuec:cues caz:cas "
        "abraz:abras vot:bot grab:grav revel:rebel rall:ray reboz:rebos vacil:bacil herr:err hoje:oje ceg:seg "
        "cieg:sieg cerr:serr cierr:sierr cav:cab baz:bas hierr:yerr hierb:hierv hus:us rehus:reus encauz:encaus "
        "laz:las silb:silv vell:bell vall:bay vall:vay hall:hay hall:ay poz:pos maz:mas vez:bes varo:baro "
        "bala:vala bali:vali bale:vale sum:zum taz:tas consej:concej senti:centi cient:sient cien:sien "
        "cierv:sierv hech:ech deshech:desech habr:abr hala:ala honr:onr hond:ond hora:ora hast:ast haci:asi "
        "haz:as haz:az poll:poy roz:ros rez:res sed:ced ces:ses cebo:sebo cim:sim vien:bien vocal:bocal vast:bast "
        "vat:bat acerv:acerb intens:intenc aprend:aprehend convin:combin cavil:cabil loz:los arroll:arroy "
        "call:cay hoy:oll hoz:os pull:puy mall:may hull:huy gall:gay savi:sabi tuv:tub vari:bari vid:bid "
        "bola:vola bole:vole bolo:volo verg:berg serv:cerv suec:zuec azar:asar bracer:braser recient:resient "
        "pec:pez ajad:hajad senc:cenc cita:sita sell:cell"
    )
)
"""Beginnings of words that are said alike and are two, in all their endings: `cocer` and `coser`."""

_FEWEST, _LONGEST_STEM = 2, 9


def are_two_alike(word: str, other: str) -> bool:
    """Whether two words that are said alike begin with two stems that are two."""
    stems = (
        (word[:end], other[:at]) for end in range(_FEWEST, _LONGEST_STEM) for at in (end - 1, end, end + 1, end + 2)
    )
    return any(frozenset(pair) in _STEMS for pair in stems)


@lru_cache(maxsize=1024)
def sound_of(word: str) -> str:
    """Return a lower-case Spanish word with one letter for each sound, as most of its speakers say it."""
    word = word.translate(_PLAIN)
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
