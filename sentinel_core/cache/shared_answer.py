"""Reuses an answer that all near entries hold, where the gate is nearly sure of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sentinel_core.cache.answer_forms import form_of
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.odds import LEARNED, OUTRUN
from sentinel_core.cache.plan import Judgement
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone
from sentinel_core.chat.messages import Completion

FEWEST_ENTRIES = 3
"""Entries that hold the answer: fewer do not show where its meaning ends."""

FEWEST_WORDS = 3
"""Words of the answer: a "yes" or a number is right by chance for several prompts."""

LONGEST = 1_000
"""Characters up to which answers are compared: what they say is read in up to 1 ms."""


def shared(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """
    Return the judgements with the likeliest candidate passed and last, if all candidates hold one answer.

    Empty where they do not, where one has passed, where the gate is nearly sure of none, where rules refuse more than
    half of them, and where a judge, a label or the odds of this traffic have refused one. The confidence stays the
    gate's. Curated answers have a measure of their own, `CuratedEntry.support`.

    Of banking questions 5 of 280 such hits were wrong, of small talk none of 358. Where rules refuse none, banking
    is recalled to 46.9 instead of 52.3 %, and 2 of 83 are wrong: a rule is often wrong about one wording of several.
    """
    close = [judgement for judgement in judgements if judgement[1].is_close]
    by_rules = sum(verdict.rule != CONFIDENCE for _, verdict in judgements)
    if not close or 2 * by_rules > len(judgements) or any(_is_final(verdict) for _, verdict in judgements):
        return ()
    if not _is_one_answer(judgements):
        return ()
    likeliest = max(close, key=lambda judgement: judgement[1].confidence)
    near, verdict = likeliest
    others = [judgement for judgement in judgements if judgement is not likeliest]
    return *others, (near, _passed(verdict))


def _passed(verdict: Verdict) -> Verdict:
    """Return the verdict without its stratum, of whose pairs those with a shared answer are no fair sample."""
    return replace(verdict, passed=True, rule=None, stratum="", zone=Zone.DECIDED, is_close=False)


def _is_final(verdict: Verdict) -> bool:
    return verdict.passed or verdict.known_by is not None or verdict.rule in (LEARNED, OUTRUN)


def _is_one_answer(judgements: Sequence[Judgement]) -> bool:
    if len(judgements) < FEWEST_ENTRIES or any(isinstance(near.entry, CuratedEntry) for near, _ in judgements):
        return False
    answers = [near.entry.completion for near, _ in judgements]
    if any(len(answer.text) > LONGEST for answer in answers) or len({_said(answer) for answer in answers}) > 1:
        return False
    form = form_of(answers[0], longest=LONGEST)
    return form is not None and len(form.split()) >= FEWEST_WORDS


def _said(answer: Completion) -> tuple[str, ...]:
    """Return the words, the keys of the message and why it ended: calls of tools and cut answers are others."""
    return (*answer.text.casefold().split(), *sorted(answer.message), answer.finish_reason, str(answer.is_partial))
