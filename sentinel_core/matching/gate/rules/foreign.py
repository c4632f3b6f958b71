"""Refusals over differences that the words of other languages show."""

import re

from sentinel_core.matching.gate.reading import Difference, Reading, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.other_languages import difference
from sentinel_core.matching.shared_run import shared_run

_WHO = word_set("qui qui\u00e9n quien chi quem wer")
_WHICH = re.compile(r"\A\W*(?:welche[rsnm]?|quel(?:le)?s?|qu\u00e9|que|quale|qual) (\w+)")
_GENDERS = frozenset({
    ("r", "se"), ("ur", "rice"), ("", "ne"), ("", "e"), ("er", "\u00e8re"), ("or", "ora"), ("", "a"),
    ("\u00f3n", "ona"),
    ("ore", "rice"), ("\u00e3o", "\u00e3"), ("o", "a"), ("", "in"), ("e", "in"), ("e", "essa"), ("eur", "rice"),
    ("or", "riz"), ("e", "esse"),
})  # fmt: skip
"""Endings of a man and of a woman of one office or trade, behind the letters that both have."""

_LEAST, _FIRST, _MOST = 5, 3, 12  # letters; words


@gate_rule(
    must_refuse=[
        ("Où est né Zola ?", "Quand est né Zola ?", "where", "when"),
        ("Pourquoi mon chat mange ?", "Pourquoi mon chat ne mange pas ?", "", "not"),
        ("¿Puedo pagar con tarjeta?", "¿Tengo que pagar con tarjeta?", "can", "must"),
        ("Quem ganha a liga?", "Quem ganhou a liga?", "ganha", "ganhou"),
        ("Como vou de Lisboa ao Porto?", "Como vou do Porto a Lisboa?", "vou lisboa à porto", "vou porto lisboa"),
        ("Warum ruft Peter Anna?", "Warum ruft Anna Peter?", "ruft peter anna", "ruft anna peter"),
        ("Combien coûte un passeport ?", "Combien coûtait un passeport ?", "cost", "howmany"),
        ("怎么付款？", "什么时候付款？", "how", "when"),
    ],
    must_pass=[
        ("Wie lange gilt ein Gutschein in Polen?", "In Polen gilt ein Gutschein wie lange?"),
        ("Où est la gare ?", "Où se trouve la gare ?"),
        ("¿Cuánto cuesta el envío?", "¿Cuál es el precio del envío?"),
        ("Wann muss ich Rosen schneiden?", "Wann schneidet man Rosen?"),
    ],
)  # fmt: skip
def foreign(asked: Reading, stored: Reading) -> Difference | None:
    """Another question word, duty, negation, tense or order of words in twelve languages."""
    found = None if asked.text == stored.text else difference(asked.raw, stored.raw)
    return None if found is None else Difference(*found)


@gate_rule(
    must_refuse=[
        ("Qui est la chanteuse du film ?", "Qui est le chanteur du film ?", "chanteuse", "chanteur"),
        ("Qui\u00e9n es la campeona de 2012?", "Qui\u00e9n es el campe\u00f3n de 2012?", "campeona", "campe\u00f3n"),
        ("Quelle chanteuse a gagn\u00e9 ?", "Quel chanteur a gagn\u00e9 ?", "chanteuse", "chanteur"),
        ("Wer war die erste Lehrerin?", "Wer war der erste Lehrer?", "lehrerin", "lehrer"),
        ("Chi \u00e8 l'attrice migliore?", "Chi \u00e8 l'attore migliore?", "l'attrice", "l'attore"),
    ],
    must_pass=[
        ("Comment devenir infirmier ?", "Comment devenir infirmi\u00e8re ?"),
        ("Qui est le patron du magasin ?", "C'est qui le patron du magasin ?"),
    ],
)  # fmt: skip
def gendered(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse who a man of an office is against who a woman of it is, in other languages."""
    left, right = _people(asked), _people(stored)
    pairs = ((one, other) for one in left for other in right if one not in right and other not in left)
    return next((Difference(one, other) for one, other in pairs if _are_two_genders(one, other)), None)


def _people(reading: Reading) -> tuple[str, ...]:
    """Return the words of a question for a person that may name one: all behind `qui`, the next one behind `quelle`."""
    if not _WHO.isdisjoint(reading.tokens[:_FIRST]):
        return tuple(word for word in reading.tokens[:_MOST] if len(word) >= _LEAST)
    found = _WHICH.match(reading.text)
    return (found[1],) if found and len(found[1]) >= _LEAST else ()


def _are_two_genders(one: str, other: str) -> bool:
    shared = shared_run(one, other)
    return shared >= _LEAST - 1 and bool({(one[shared:], other[shared:]), (other[shared:], one[shared:])} & _GENDERS)
