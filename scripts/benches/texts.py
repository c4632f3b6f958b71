"""Time of the gateway's own code by text: the longest piece over generated texts of every kind."""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scripts.benches import search
from scripts.benches.search import MOST_MS, Seen
from sentinel_core.cache import novelty, personal, scope, volatility
from sentinel_core.cache.personal_data import detection
from sentinel_core.gateway import judging
from sentinel_core.matching import canonical_text
from sentinel_core.matching.gate import Gate
from sentinel_core.support.remembered import forget_texts

MOST_MS_IN_THREAD = 100.0
"""Of work that is done off the event loop, in a thread that yields every 5 ms."""

NEIGHBOURS = 4
PERSONAL, PERSONAL_LONG = "personal wording, on the loop", "personal wording, in a thread"
PERSONAL_DATA = "personal data, in a thread if long"
ON_LOOP, IN_THREAD = "gate, on the loop", "gate, in a thread"
IN_THREADS = (PERSONAL_LONG, PERSONAL_DATA, IN_THREAD)
LONGEST_COMPARED = 4_000
LONGEST_BODY = 5 * 1024 * 1024
NOW = 1_795_000_000.0
COLLECTED_EACH = 100
SHARE_LONG = 200
"""One text in this many is up to the largest body; those are not compared by meaning."""

ATOMS = (
    "\u0301\u0316", "a\u0301\u0316", "\u0f73", "\uff9e\u0301", "-", "--", " -", "_", " ", "\n", "\t", "\r\n",
    "\u3000", "six ", "one ", "six-", "and ", "hundred ", "nine hundred million ", "a dozen ", "1", "1,", "1,000",
    "1.0", "1 ", "1 + ", "2^", "5%", "5 kg ", "\ufb03", "\ufdfa", "\u3300", "a", "ab", "Ab", "x" * 31 + " ",
    "http://", "/a", "https://e.com/a_b?c=d&e=f ", "www.", "a@b.", "a@b.c ", "\U0001f389",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", '"', '"a" ', "'", "'a' ", "`", "``` ", "`a` ", "\u201ca\u201d ",
    "\u017f", "\u212a", "\u0130", "i\u0307", "\u0131", "the ", "not ", "no ", "is not ", "how ", "how many ", "in ",
    "to ", "from ", "from a to b ", "between ", "hi ", "please ", "thanks ", ", please", "what is ", "explain ", "A",
    "A ", "Aa ", "Paris ", "in Paris ", "new york ", "monday ", "2026-11-24 ", "24 Nov ", "Nov ", ".", ". ", "...",
    "!", "?", ",", ", ", ";", ":", "(", ")", "(a) ", "[", "{", "<", ">=", "=", "&&", "||", "a::b ", "a_b ", "f() ",
    "--a ", "-a", "/", "\\", "\u4f60\u597d", "\u043f\u0440\u0438\u0432\u0435\u0442 ", "\u0e2a", "\uac00", "\u05d0 ",
    "\u202e", "\u200b", "\x00", "\x7f", "\ud800", "today ", "weather ", "now", "price of ", "translate ", "latest ",
    "write a ", "in a list ", "code for ", "ml ", "us ", "u ", "log in ", "can i ", "a b ", "b a ", "and or ",
    "most ", "least ", "he she ", "my mother ", "all ", "only ",
)  # fmt: skip
WORDS = (
    "account", "card", "password", "reset", "transfer", "payment", "order", "refund", "delivery", "address", "email",
    "phone", "bank", "money", "cancel", "change", "open", "close", "enable", "disable", "monday", "tuesday", "paris",
    "london", "3", "17", "2024", "five", "seventy", "not", "without", "never", "before", "after", "quotation",
    "quote", "recieve", "receive", "prednisone", "prednisolone", "thermodynamics", "photosynthesis", "Bartholomew",
    "Anneliese",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """Makes the looker at texts."""

    def make(self) -> TextLooker:
        gc.disable()
        return TextLooker()


class TextLooker:
    """Measures each step of one generated text."""

    def __init__(self) -> None:
        self._gate = Gate()
        self._worst: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def look(self, case: int, chance: random.Random) -> list[Seen]:
        """Measure digest, rules of volatility, comparable text and gate of one text."""
        if case % COLLECTED_EACH == 0:
            gc.collect()
        is_long = case % SHARE_LONG == 0
        self.counts["texts up to the largest body" if is_long else "texts that are compared"] += 1
        return [self._measured(case, *piece) for piece in _pieces(self._gate, chance, is_long=is_long)]

    def _measured(self, case: int, step: str, text: str, work: Callable[[], object]) -> Seen:
        """Measure; a new worst is measured twice more, for the process may have been interrupted."""
        most, what = _most_ms(step), f"{len(text)} characters: {text[:40]!r} … {text[-20:]!r}"
        try:
            took = _milliseconds(work)
            if took > max(most / 2, self._worst.get(step, 0.0)):
                took = min(took, _milliseconds(work), _milliseconds(work))
        except Exception as error:  # noqa: BLE001  any exception is a finding
            return Seen(case, step, 0.0, what, error=repr(error))
        self._worst[step] = max(took, self._worst.get(step, 0.0))
        return Seen(case, step, took, what, most)

    def close(self) -> None:
        """Leave nothing behind: a text starts nothing."""


def main(argv: Sequence[str]) -> int:
    """Return 1 where a step took more than 20 ms of processor time, or raised."""
    parser = argparse.ArgumentParser(prog="scripts/bench texts", description=__doc__)
    search.options(parser, cases=2_000)
    chosen = parser.parse_args(argv)
    found = search.search(Texts(), chosen)
    search.report(found, "texts", chosen.seed)
    return int(not found.is_good)


def _most_ms(step: str) -> float:
    return MOST_MS_IN_THREAD if step in IN_THREADS else MOST_MS


def _text(chance: random.Random, length: int) -> str:
    """One to three atoms repeated, in turn or one after the other; or words, known and invented."""
    kind = chance.random()
    if kind < 0.25:
        return _words(chance, length)
    atoms = [chance.choice(ATOMS) for _ in range(chance.choice((1, 1, 2, 3)))]
    if kind < 0.65:
        unit = "".join(atoms)
        return (unit * (length // len(unit) + 1))[:length]
    share = length // len(atoms)
    blocks = "".join((atom * (share // len(atom) + 1))[:share] for atom in atoms)
    return chance.choice(("", "How do I ", "what is ")) + blocks + chance.choice(("", "?", "x", " please", "\n"))


def _words(chance: random.Random, length: int) -> str:
    letters = chance.choice(("ab", "abcdefghij", "abcdefghijklmnopqrstuvwxyz"))
    size, share = chance.choice((2, 6, 9, 20, 32, 200)), chance.random()
    words: list[str] = []
    while sum(map(len, words[-50:])) * len(words) / max(1, len(words[-50:])) < length and len(words) < 3_000:
        invented = "".join(chance.choice(letters) for _ in range(size))
        words.append(invented if chance.random() < share else chance.choice(WORDS))
    return " ".join(words)[:length]


def _pieces(gate: Gate, chance: random.Random, *, is_long: bool) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield the steps of one text: name, text and work."""
    longest = judging.JUDGED_ON_LOOP if chance.random() < 0.5 else LONGEST_COMPARED - 1
    length = chance.randint(LONGEST_COMPARED, LONGEST_BODY) if is_long else chance.randint(1, longest)
    text = _text(chance, length)
    yield "digest", text, lambda: scope.digest(text)
    yield "volatility", text, lambda: volatility.reason(text, NOW)
    yield "novelty", text, lambda: novelty.reason(text)
    yield PERSONAL_LONG if len(text) > personal.READ_ON_LOOP else PERSONAL, text, lambda: personal.reasons(text)
    yield PERSONAL_DATA, text, lambda: detection.find(text)
    yield "comparable text", text, lambda: canonical_text.comparable(text)
    if not is_long:
        for _ in range(NEIGHBOURS):
            yield _judgement(gate, text, _alike(chance, text))


def _alike(chance: random.Random, text: str) -> str:
    """Another text, the same with a change, or its words in another order."""
    kind = chance.random()
    if kind < 0.3:
        return _text(chance, len(text))
    if kind < 0.7:
        at = chance.randrange(len(text) + 1)
        return text[:at] + chance.choice((" really", "", "a", "!")) + text[at + chance.randint(0, 2) :]
    words = text.split(" ")
    chance.shuffle(words)
    return " ".join(words)


def _judgement(gate: Gate, text: str, near: str) -> tuple[str, str, Callable[[], object]]:
    """Return the piece that judges one neighbour."""
    step = IN_THREAD if judging.are_long([text, near]) else ON_LOOP
    return step, f"{text}\n{near}", lambda: gate.judge(text, near, 0.9)


def _milliseconds(work: Callable[[], object]) -> float:
    """Measure as in a server that has read no text before."""
    forget_texts()
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1_000
