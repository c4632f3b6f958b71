"""Keeps the gate's judgements in a file, so that a killed run need not judge again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sentinel_core
from sentinel_core.cache.plan import CANDIDATES
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.verdict import CONFIDENCE, Verdict
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.recalling import KnownCandidate

_KEY_BYTES = 16
_RECORD = np.dtype([("key", f"V{_KEY_BYTES}"), ("worth", "<f8", CANDIDATES)])


class KeptJudgements:
    """
    The judgements of one command, by a digest of the prompt, its candidates and the gate.

    A record holds a number for each candidate: its confidence if it passed, -1 minus that if it was refused, NaN if
    it was not judged. A record that a killed run left half is cut off.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("a+b")
        count = path.stat().st_size // _RECORD.itemsize
        self._file.truncate(count * _RECORD.itemsize)
        self._file.seek(0)
        found = np.frombuffer(self._file.read(), _RECORD)
        self._worths = found["worth"]
        self._places = {key.tobytes(): place for place, key in enumerate(found["key"])}

    def __len__(self) -> int:
        """Return the number of judgements that an earlier run has left."""
        return len(self._places)

    def get(self, key: bytes) -> Sequence[Verdict] | None:
        """Return the verdicts on the first candidates; None where no earlier run has judged them."""
        place = self._places.get(key)
        return None if place is None else [_verdict(each) for each in self._worths[place] if not np.isnan(each)]

    def keep(self, key: bytes, verdicts: Iterable[Verdict]) -> None:
        """Write the verdicts on the first candidates."""
        worths = [each.confidence if each.passed else -1 - each.confidence for each in verdicts]
        worths += [np.nan] * (CANDIDATES - len(worths))
        self._file.write(np.array((key, worths), _RECORD).tobytes())

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """Delete the file: the run has ended."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class Judged:
    """The judgements of one replay; `context` is all that a verdict depends on beside the prompts."""

    def __init__(self, kept: KeptJudgements, context: str) -> None:
        self._kept = kept
        self._context = f"{sentinel_core.__version__}\n{context}"
        self._judging: tuple[bytes, Sequence[str]] | None = None

    def known(self, prompt: str, near: Sequence[Candidate], *, is_extract: bool) -> list[KnownCandidate] | None:
        """Return the candidates that an earlier run has judged; None if they are to be judged now."""
        ordered = sorted(near, key=lambda each: -each.similarity)
        parts = [self._context, str(is_extract), prompt, *(f"{each.similarity!r} {each.prompt}" for each in ordered)]
        hashed = hashlib.sha256()
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            hashed.update(len(encoded).to_bytes(8) + encoded)
        key = hashed.digest()[:_KEY_BYTES]
        verdicts = self._kept.get(key)
        self._judging = (key, [each.prompt for each in ordered]) if verdicts is None else None
        if verdicts is None:
            return None
        pairs = zip(ordered, verdicts, strict=False)
        return [KnownCandidate(each.entry, each.similarity, verdict) for each, verdict in pairs]

    def note(self, judgements: Iterable[tuple[Candidate, Verdict]]) -> None:
        """Keep the judgements on the candidates that `known` did not know."""
        judged = list(judgements)
        key, prompts = self._judging or (None, ())
        self._judging = None
        if key is not None and [each.prompt for each, _ in judged] == list(prompts[: len(judged)]):
            self._kept.keep(key, [verdict for _, verdict in judged])


@dataclass(frozen=True, slots=True)
class KeptLookup(Lookup):
    """A lookup that judges no candidates twice."""

    judged: Judged | None = None

    async def compare_candidates(  # type: ignore[override]  # the driver takes both kinds
        self, prompt: str, near: Sequence[Candidate], *, is_extract: bool
    ) -> Sequence[Candidate]:
        known = None if self.judged is None else self.judged.known(prompt, near, is_extract=is_extract)
        if known is not None:
            return known
        return await Lookup.compare_candidates(self, prompt, near, is_extract=is_extract)

    async def compare_first(self, prompt: str, near: Sequence[Candidate], *, is_extract: bool) -> Sequence[Candidate]:
        """Compare all candidates at once, because their judgements are kept together."""
        return await self.compare_candidates(prompt, near, is_extract=is_extract)


def _verdict(worth: float) -> Verdict:
    """Read a number of a record; the rule that refused is not kept, because no report names it."""
    return Verdict(True, float(worth)) if worth >= 0 else Verdict(False, float(-1 - worth), CONFIDENCE)
