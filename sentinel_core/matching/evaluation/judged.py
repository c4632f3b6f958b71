"""Replays streams with a judge: an oracle that errs as often as it is said to, or a real model."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sentinel_core.cache.odds import ENOUGH, JudgeErrors, Odds, draw_of, stratum_of
from sentinel_core.cache.pairs import Relation, key_of
from sentinel_core.cache.scope import digest
from sentinel_core.cache.verdict import Verdict, Zone
from sentinel_core.matching.evaluation.driver import decide
from sentinel_core.matching.evaluation.replay import Case, Decider
from sentinel_core.matching.evaluation.report import Results, by_name
from sentinel_core.matching.gate import Candidate

SETTLED = 1_000
"""Requests of a source after which the calls of the judge are counted on their own."""

Words: TypeAlias = Callable[[str, str, bool], Relation | None]
"""The judge: prompt asked, prompt stored, and whether they are the same in truth, which a real judge ignores."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """A judge that knows the truth, and errs by chance: always alike about one pair, and otherwise for another seed."""

    errors: JudgeErrors
    seed: int = 0

    def __call__(self, asked: str, stored: str, is_same: bool) -> Relation:
        drawn = hashlib.sha256(f"{self.seed}\n{asked}\n{stored}".encode("utf-8", "surrogatepass")).hexdigest()
        errs = draw_of(drawn) < (self.errors.rejects if is_same else self.errors.accepts)
        return Relation.SAME if is_same is not errs else Relation.DIFFERENT


@dataclass(frozen=True)
class JudgedDecider(Decider):
    """Decides as an instance in inline mode does, which starts from nothing; each source has odds of its own."""

    judge: Words = field(kw_only=True)
    errors: JudgeErrors = field(default_factory=JudgeErrors)
    odds: dict[str, Odds] = field(default_factory=dict, repr=False)
    words: dict[tuple[str, str, str], Relation | None] = field(default_factory=dict, repr=False)
    halves: set[tuple[str, str, str]] = field(default_factory=set, repr=False)
    """Pairs that probes asked about in one order only."""
    calls: Counter[str] = field(default_factory=Counter, repr=False)
    late_calls: Counter[str] = field(default_factory=Counter, repr=False)
    marks: Counter[tuple[bool, Relation]] = field(default_factory=Counter, repr=False)
    """Words of the judge, by whether the pair is the same in truth."""

    def choose(
        self, asked: str, near: Sequence[Candidate], threshold: float, case: Case | None = None
    ) -> Candidate | None:
        if case is None:
            return super().choose(asked, near, threshold)
        pairs = {pair.candidate.prompt: pair for pair in self._compared(asked, near)}
        odds, probed = self.odds.setdefault(case.source, Odds(self.errors)), list[tuple[str, Verdict]]()

        def verdict_on(stored: str) -> Verdict:
            gate = self._verdict(asked, pairs[stored], threshold)
            place = case.source, asked, stored
            known, is_half = self.words.get(place), place in self.halves and odds.asks_again(stratum_of(gate))
            if known is not None and not is_half:
                return odds.consulted(odds.steered(gate, 1.0), known)
            verdict = odds.steered(gate, draw_of(key_of(digest(asked), digest(stored))))
            is_drawn = stored == near[0].prompt or verdict.learned_from < ENOUGH
            if verdict.zone is Zone.PROBED and is_drawn and not is_half:
                probed.append((stored, verdict))
            return verdict

        chosen = decide(
            asked,
            near,
            threshold,
            verdict_on,
            lambda stored, verdict: odds.consulted(verdict, self._word(asked, stored, verdict, case)),
        )
        for stored, verdict in probed[:1]:
            self._word(asked, stored, verdict, case, is_probe=True)
        return chosen

    def _word(
        self, asked: str, stored: str, verdict: Verdict, case: Case, *, is_probe: bool = False
    ) -> Relation | None:
        """
        Ask the judge about a pair, and learn from it.

        It is asked in the other order as well where one "same" is not enough, unless it `is_probe`.
        """
        place, odds = (case.source, asked, stored), self.odds[case.source]
        if place not in self.words or (place in self.halves and not is_probe):
            self.halves.discard(place)
            word = self._asked(asked, stored, case, stored)
            if word is Relation.SAME and odds.asks_again(verdict.stratum) and is_probe:
                self.halves.add(place)
            elif word is Relation.SAME and odds.asks_again(verdict.stratum):
                word = self._asked(stored, asked, case, stored)
            self.words[place] = word
            if word is not None:
                odds.note(verdict.stratum, is_same=word is Relation.SAME)
        return self.words[place]

    def _asked(self, first: str, second: str, case: Case, stored: str) -> Relation | None:
        is_same = case.is_right(stored)
        word = self.judge(first, second, is_same)
        self.calls[case.source] += 1
        self.late_calls[case.source] += case.number >= SETTLED
        if word is not None:
            self.marks[is_same, word] += 1
        return word


def judged_table(results: Results, decider: JudgedDecider) -> str:
    """Return one line for each stream: hits, wrong per hit, recall, and calls of the judge per request."""
    heading = f"{'with the judge':44}{'asked':>7}{'hits':>7}{'wrong/hit':>10}{'recall':>8}{'calls/req':>10}{'later':>7}"
    lines = [heading]
    for name, counted in sorted(by_name(results).items()):
        source = name.removesuffix(" stream")
        if ":" in name or source == name:
            continue
        late = max(0, counted.requests - SETTLED)
        later = f"{decider.late_calls[source] / late:.2f}" if late else "-"
        lines.append(
            f"{name[:43]:44}{counted.requests:7}{counted.hits:7}{_percent(counted.wrong_per_hit):>10}"
            f"{_percent(counted.recall):>8}{decider.calls[source] / counted.requests:10.2f}{later:>7}"
        )
    return "\n".join([*lines, f"SENTINEL_JUDGE_ERRORS={errors_of(decider)}"])


def errors_of(decider: JudgedDecider) -> str:
    """Return the judge's errors as the setting has them: accepted of different pairs, rejected of equal ones."""
    marks = decider.marks
    accepted, rejected = marks[False, Relation.SAME], marks[True, Relation.DIFFERENT]
    different, equal = accepted + marks[False, Relation.DIFFERENT], rejected + marks[True, Relation.SAME]
    return f"{accepted}/{different},{rejected}/{equal}"


def oracle(text: str) -> Oracle | None:
    """Read `oracle:ACCEPTS,REJECTS`, the shares of its errors; None for any other text. Raises ValueError."""
    kind, _, shares = text.partition(":")
    if kind != "oracle":
        return None
    accepts, rejects = (float(share) for share in shares.split(","))
    if not (0 <= accepts < 1 and 0 <= rejects < 1 and accepts + rejects < 1):
        raise ValueError("the shares of an oracle's errors are at least 0, and below 1 together")
    return Oracle(JudgeErrors(accepts, rejects))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
