"""Every rule by name, in the order they are asked: cheap and certain ones first."""

from sentinel_core.matching.gate.reading import Difference, Reading
from sentinel_core.matching.gate.rules import (
    agency,
    answers,
    asking,
    causes,
    edits,
    entities,
    extent,
    literal,
    modality,
    numbers,
    order,
    people,
    polarity,
    quantities,
    requests,
    role,
    route,
    stages,
    tense,
    times,
    timing,
    wanted,
)
from sentinel_core.matching.gate.rules.rule import GateRule, gate_rule


@gate_rule(
    must_refuse=[
        ("x" * 5000, "y" * 5000, "x" * 40, "y" * 40),
    ],
    must_pass=[
        ("how do I pay", "how can I pay"),
    ],
)
def length(asked: Reading, stored: Reading) -> Difference | None:
    """Prompts that were not read to their end can only be identical, which is not asked here."""
    return None if asked.is_whole and stored.is_whole else Difference(asked.raw[:40], stored.raw[:40])


RULES: dict[str, GateRule] = {
    rule.name: rule
    for rule in (
        length,
        literal.symbols,
        numbers.numbers,
        numbers.codes,
        numbers.units,
        numbers.currencies,
        numbers.amounts,
        times.dates,
        times.day_parts,
        times.terms,
        times.positions,
        timing.timing,
        timing.limits,
        tense.tense,
        polarity.negation,
        polarity.antonyms,
        polarity.contrasts,
        stages.stages,
        asking.question,
        requests.order_or_question,
        quantities.counting,
        quantities.ordering,
        quantities.extremes,
        quantities.superlative,
        quantities.average,
        quantities.bounds,
        people.person,
        people.relation,
        quantities.quantifiers,
        extent.extent,
        extent.exception,
        extent.avoidance,
        modality.duty,
        modality.party,
        modality.comparison,
        modality.further,
        answers.answer_format,
        answers.answer_language,
        entities.names,
        entities.capitals,
        entities.rare,
        literal.code,
        literal.quotations,
        literal.arithmetic,
        literal.script,
        route.route,
        order.direction,
        order.order,
        order.pairing,
        order.conjunction,
        role.role,
        causes.cause,
        causes.doer,
        agency.agent,
        wanted.target,
        wanted.condition,
        edits.replacement,
        edits.addition,
    )
}
