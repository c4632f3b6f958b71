"""Asks the server's decision about every record, at one threshold, with the gate or by cosine alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sentinel_core.cache.plan import CANDIDATES
from sentinel_core.cache.ports import Vector
from sentinel_core.cache.scope import digest
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.evaluation.driver import decide
from sentinel_core.matching.evaluation.records import Pair, Record, Request
from sentinel_core.matching.evaluation.tally import Outcome
from sentinel_core.matching.gate import CONFIDENCE, Candidate, Gate, Verdict
from sentinel_core.matching.raw_rules import RAW_RULES
from sentinel_core.matching.residual.comparison import Comparison, compare
from sentinel_core.matching.residual.extracts import extracts
from sentinel_core.matching.residual.judging import Compared, EmbedMany, compared, verdict_on
from sentinel_core.matching.vector_index import ScopeIndex


@dataclass(frozen=True, slots=True)
class Case:
    """One request of a source by its `number`, and whether a stored prompt's answer is right for it."""

    source: str
    number: int
    is_right: Callable[[str], bool]


@dataclass(frozen=True)
class Decider:
    """
    How a hit is decided: by `gate`, or by cosine alone where there is none.

    `vectors` holds those of comparable texts, and of extracts of prompts too long for the embedder. By cosine alone
    these can only be hit exactly.
    """

    vectors: Mapping[str, Vector]
    gate: Gate | None
    compare_raw: bool = False
    """Cosine alone embeds the prompt as it was sent."""
    raw_rules: frozenset[str] = frozenset(RAW_RULES)
    rests: RestVectors | None = None
    """Where there is a gate: the vectors of the rests of two prompts that share text."""
    same_answers: bool = False
    """Entries of one answer hold one text, as a FAQ bot's do; else the texts of all answers differ."""
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict, repr=False)
    """By the prompt asked and the one stored, for any threshold: a curve asks for each pair once."""
    _comparisons: dict[tuple[str, str], Comparison] = field(default_factory=dict, repr=False)
    _found: dict[str, tuple[Vector | None, bool]] = field(default_factory=dict, repr=False)
    """The vector of each prompt, and whether it is that of the whole; folding a prompt takes longer than a search."""

    def vector(self, prompt: str) -> Vector | None:
        return self._find(prompt)[0]

    def _find(self, prompt: str) -> tuple[Vector | None, bool]:
        if prompt not in self._found:
            whole = prompt if self.compare_raw else comparable(prompt)
            texts = [whole] if self.compare_raw else [whole, *extracts(prompt)]
            found = next((self.vectors[text] for text in texts if text in self.vectors), None)
            self._found[prompt] = found, whole in self.vectors
        return self._found[prompt]

    def choose(
        self, asked: str, near: Sequence[Candidate], threshold: float, case: Case | None = None
    ) -> Candidate | None:
        """Return the candidate that answers; `case` is for the judge of a replay."""
        if self.gate is None:
            return near[0] if near and near[0].similarity >= threshold else None
        pairs = {pair.candidate.prompt: pair for pair in self._compared(asked, near)}
        return decide(asked, near, threshold, lambda stored: self._verdict(asked, pairs[stored], threshold))

    def likelihood(self, asked: str, near: Candidate) -> float:
        """Return the rank of a pair: the likelihood of a right answer, or its cosine."""
        if self.gate is None:
            return near.similarity
        (pair,) = self._compared(asked, [near])
        return self._verdict(asked, pair, 0.0).confidence

    def _compared(self, asked: str, near: Sequence[Candidate]) -> Sequence[Compared[Candidate]]:
        """`Cache` holds no coroutines: the rests' vectors are awaited here, and kept for the next threshold."""
        pairs = [(each, self._comparison(asked, each.prompt)) for each in sorted(near, key=lambda one: -one.similarity)]
        _, is_whole = self._find(asked)
        if is_whole and all(comparison.is_whole for _, comparison in pairs):  # mostly so, and a loop takes 1 ms
            return [Compared(each, comparison, each.similarity) for each, comparison in pairs]
        embed = self.rests.embed_many if self.rests is not None else no_vectors
        return asyncio.run(compared(pairs, embed, is_whole=is_whole))

    def _comparison(self, asked: str, stored: str) -> Comparison:
        if (asked, stored) not in self._comparisons:
            self._comparisons[asked, stored] = compare(asked, stored, self.raw_rules)
        return self._comparisons[asked, stored]

    def _verdict(self, asked: str, pair: Compared[Candidate], threshold: float) -> Verdict:
        """Return the verdict of `verdict_on`, from memory where another threshold asked for it."""
        gate, key = self.gate or Gate(), (asked, pair.candidate.prompt)
        if pair.similarity is None:
            return verdict_on(gate, pair, threshold)
        if key not in self.verdicts:
            self.verdicts[key] = verdict_on(gate, pair, 0.0)
        found = self.verdicts[key]
        is_low = found.passed and not pair.comparison.is_same and pair.similarity < threshold
        return replace(found, passed=False, rule=CONFIDENCE) if is_low else found


class RestVectors:
    """Embeds the rests of prompts once, for any number of thresholds."""

    def __init__(self, embed_many: EmbedMany) -> None:
        self._embed_many = embed_many
        self._known: dict[str, Vector | Exception] = {}

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        new = [text for text in texts if text not in self._known]
        self._known.update(zip(new, await self._embed_many(new) if new else (), strict=True))
        return [self._known[text] for text in texts]


async def no_vectors(texts: Sequence[str]) -> Sequence[Vector | Exception]:
    """Stand in for an embedder where pairs are judged whole or not at all."""
    return [EmbeddingError("no embedder")] * len(texts)


class ThoroughGate(Gate):
    """A gate that asks every rule, so that the worth of each is known."""

    def judge(self, asked: str, stored: str, similarity: float, odds: float = 1.0) -> Verdict:
        return self.examine(asked, stored, similarity, odds)


def replay(
    records: Iterable[Record], decider: Decider, threshold: float, advance: Callable[[], None] = lambda: None
) -> list[tuple[Record, Outcome]]:
    """
    Take pairs one by one, and requests of a source in their order; each source and namespace has a cache of its own.

    Calls `advance` after each record.
    """
    caches: dict[tuple[str, str], Cache] = {}
    found: list[tuple[Record, Outcome]] = []
    numbers: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Pair):
            found.append((record, of_pair(record, decider, threshold)))
        else:
            cache = caches.setdefault((record.source, record.namespace), Cache())
            found.append((record, cache.ask(record, decider, threshold, numbers[record.source])))
            numbers[record.source] += 1
        advance()
    return found


def of_pair(pair: Pair, decider: Decider, threshold: float) -> Outcome:
    """One prompt asked of a cache that holds the other."""
    if pair.earlier[0] != pair.earlier[1]:
        return Outcome(hit=False, exact=False, right=False, reusable=pair.same)
    exact = digest(pair.asked) == digest(pair.stored)
    near = _nearness(pair, decider)
    hit = exact or decider.choose(pair.asked, near, threshold) is not None
    likelihood = next((decider.likelihood(pair.asked, each) for each in near), None)
    return Outcome(hit=hit, exact=exact, right=hit and pair.same, reusable=pair.same, likelihood=likelihood)


def _nearness(pair: Pair, decider: Decider) -> list[Candidate]:
    asked, stored = decider.vector(pair.asked), decider.vector(pair.stored)
    if asked is None or stored is None:
        return []
    return [Candidate(pair.stored, float(np.dot(asked, stored)))]


@dataclass
class Cache:
    """The entries of a stream so far; a wrong hit stores nothing, because the caller believed it."""

    answers: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    stored: Counter[str] = field(default_factory=Counter)
    index: ScopeIndex = field(default_factory=ScopeIndex)

    def ask(self, request: Request, decider: Decider, threshold: float, number: int = 0) -> Outcome:
        key, vector = digest(request.prompt), decider.vector(request.prompt)
        reusable = self.stored[request.answer_id] > 0
        exact = key in self.answers
        chosen = key if exact else self._near(request, decider, vector, threshold, number)
        if chosen is None:
            self._store(request, key, vector)
            return Outcome(hit=False, exact=False, right=False, reusable=reusable)
        right = self.answers[chosen] == request.answer_id
        return Outcome(hit=True, exact=exact, right=right, reusable=reusable)

    def _near(
        self, request: Request, decider: Decider, vector: Vector | None, threshold: float, number: int
    ) -> str | None:
        if vector is None:
            return None
        near = self.index.nearest(vector, limit=CANDIDATES, floor=threshold)
        keys = {self.prompts[key]: key for key, _ in near}
        case = Case(request.source, number, lambda prompt: self.answers[keys[prompt]] == request.answer_id)
        found = [
            Candidate(
                self.prompts[key], cosine, f"The answer {digest(self.answers[key])}" if decider.same_answers else ""
            )
            for key, cosine in near
        ]
        chosen = decider.choose(request.prompt, found, threshold, case)
        return keys[chosen.prompt] if chosen else None

    def _store(self, request: Request, key: str, vector: Vector | None) -> None:
        self.answers[key], self.prompts[key] = request.answer_id, request.prompt
        self.stored[request.answer_id] += 1
        if vector is not None:
            self.index.add(key, vector)


def texts(records: Iterable[Record]) -> Iterator[str]:
    """Every prompt a replay needs a vector of."""
    for record in records:
        if isinstance(record, Request):
            yield record.prompt
        else:
            yield from (record.asked, record.stored)
