"""Refusals over differences that the words of other languages show."""

from sentinel_core.matching.gate.reading import Difference, Reading
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.other_languages import difference


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
    found = difference(asked.raw, stored.raw)
    return None if found is None else Difference(*found)
