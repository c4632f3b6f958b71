"""Verdicts on the riskiest pairs, and the bound on wrong hits that follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentinel_core.app.estimate.tally import Pair
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.evaluation.tally import wilson

RIGHT, WRONG = "right", "wrong"
_QUESTION = "is the stored answer right for what was asked? [y]es, [n]o, [s]kip, [q]uit: "


@dataclass(frozen=True, slots=True)
class Bound:
    """`judged` of the riskiest pairs, `wrong` of them; at most `upper` of the hits by meaning are wrong (95 %)."""

    judged: int
    wrong: int
    upper: float
    upper_of_hits: float

    def as_json(self) -> dict[str, Any]:
        return {
            "judged": self.judged,
            "wrong": self.wrong,
            "upper_percent_of_hits_by_meaning": round(100 * self.upper, 2),
            "upper_percent_of_hits": round(100 * self.upper_of_hits, 2),
            "text": f"{self.wrong} of the {self.judged} riskiest pairs are wrong: at most {self.upper:.1%} of hits by "
            f"meaning and {self.upper_of_hits:.1%} of all hits (95 %, if the rest is no riskier than these)",
        }


def bound(pairs: Sequence[Pair], verdicts: Mapping[str, str], *, semantic: float, hits: float) -> Bound | None:
    """
    Return the bound that verdicts give, None without any.

    The riskiest pairs are at least as often wrong as the others, so their Wilson bound holds for all. Where every hit
    was judged, the rate is known.
    """
    given = [verdicts[each.id] for each in pairs if each.id in verdicts]
    if not given:
        return None
    wrong = given.count(WRONG)
    upper = wrong / len(given) if len(given) >= semantic else wilson(wrong, len(given))[1]
    return Bound(len(given), wrong, upper, upper * semantic / hits if hits else 0.0)


def load(path: Path | None) -> dict[str, str]:
    """Read verdicts by the ids of pairs, empty where there is no file; raises ConfigurationError for another file."""
    if path is None or not path.exists():
        return {}
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not isinstance(said, dict) or not set(said.values()) <= {RIGHT, WRONG}:
        raise ConfigurationError(f"{path}: must map ids of pairs to {RIGHT} or {WRONG}")
    return said


def save(path: Path, verdicts: Mapping[str, str]) -> None:
    """Write the verdicts; a kill leaves the old ones or the new ones."""
    whole = path.with_name(f"{path.name}.new")
    whole.write_text(json.dumps(verdicts, indent=2) + "\n", encoding="utf-8")
    whole.replace(path)


def ask(
    pairs: Iterable[Pair],
    verdicts: Mapping[str, str],
    path: Path,
    read: Callable[[str], str],
    show: Callable[[str], None],
) -> dict[str, str]:
    """Ask for a verdict on each pair without one, and write each to the file at once; return all verdicts."""
    given = dict(verdicts)
    for pair in pairs:
        if pair.id in given:
            continue
        show(f"\nasked:  {printable(pair.asked)}\nstored: {printable(pair.stored)}\nanswer: {printable(pair.answer)}")
        try:
            said = read(_QUESTION).strip().lower()[:1]
        except EOFError:
            break
        if said == "q":
            break
        if said in ("y", "n"):
            given[pair.id] = RIGHT if said == "y" else WRONG
            save(path, given)
    return given


def printable(text: str) -> str:
    """Return a text without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
