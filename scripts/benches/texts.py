"""Time of the gateway's own code by text: the longest piece over generated texts of every kind."""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sentinel_core.cache import scope, volatility
from sentinel_core.gateway import judging
from sentinel_core.matching import canonical_text
from sentinel_core.matching.gate import Gate, reading
from sentinel_core.matching.gate.rules import edits

MOST_MS = 20.0
MOST_MS_IN_THREAD = 100.0
"""Of work that is done off the event loop, in a thread that yields every 5 ms."""

NEIGHBOURS = 4
ON_LOOP, IN_THREAD = "gate, on the loop", "gate, in a thread"
LONGEST_COMPARED = 4_000
LONGEST_BODY = 5 * 1024 * 1024
NOW = 1_795_000_000.0
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


@dataclass
class Longest:
    """The longest time of each step in milliseconds, and the text that took it."""

    by_step: dict[str, tuple[float, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def time(self, step: str, text: str, work: Callable[[], object]) -> None:
        """Measure; what seems long is measured twice more, for the process may have been interrupted."""
        try:
            took = _milliseconds(work)
            if took > MOST_MS / 2:
                took = min(took, _milliseconds(work), _milliseconds(work))
        except Exception as error:  # noqa: BLE001  any exception is a finding
            self.failures.append(f"{step}: {error!r} of {text[:60]!r}")
            return
        if took > self.by_step.get(step, (0.0, ""))[0]:
            self.by_step[step] = took, text


def main(argv: Sequence[str]) -> int:
    """Return 1 where a step took more than 20 ms of processor time, or raised."""
    options = _parser().parse_args(argv)
    chance = random.Random(options.seed)
    found, gate = Longest(), Gate()
    gc.disable()
    for count in range(options.texts):
        _look(found, gate, chance, is_long=count % SHARE_LONG == 0)
        if count % 100 == 0:
            gc.collect()
    _report(found, options.texts)
    return int(bool(found.failures) or any(took > _most_ms(step) for step, (took, _) in found.by_step.items()))


def _most_ms(step: str) -> float:
    return MOST_MS_IN_THREAD if step == IN_THREAD else MOST_MS


def texts(chance: random.Random, length: int) -> Iterator[str]:
    """Yield texts of about `length` characters, without end."""
    while True:
        yield _text(chance, length)


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


def _look(found: Longest, gate: Gate, chance: random.Random, *, is_long: bool) -> None:
    longest = judging.JUDGED_ON_LOOP if chance.random() < 0.5 else LONGEST_COMPARED - 1
    length = chance.randint(LONGEST_COMPARED, LONGEST_BODY) if is_long else chance.randint(1, longest)
    text = _text(chance, length)
    found.time("digest", text, lambda: scope.digest(text))
    found.time("volatility", text, lambda: volatility.reason(text, NOW))
    found.time("comparable text", text, lambda: _fresh(text))
    if not is_long:
        near = [_alike(chance, text) for _ in range(NEIGHBOURS)]
        step = IN_THREAD if judging.are_long([text, *near]) else ON_LOOP
        found.time(step, text, lambda: _judge(gate, text, near))


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


def _fresh(text: str) -> object:
    canonical_text._comparable.cache_clear()
    return canonical_text.comparable(text)


def _judge(gate: Gate, text: str, near: Sequence[str]) -> object:
    """Judge neighbours as a server that has read none of these texts before."""
    _forget()
    return [gate.judge(text, each, 0.9) for each in near]


def _forget() -> None:
    canonical_text._comparable.cache_clear()
    reading.forget()
    edits.edits.cache_clear()


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1_000


def _report(found: Longest, count: int) -> None:
    print(f"{count} texts; longest processor time of one piece, in ms, at most {MOST_MS:.0f} on the event loop:")
    for step, (took, text) in sorted(found.by_step.items(), key=lambda entry: -entry[1][0]):
        print(f"  {step:32}{took:8.2f}  {len(text)} characters: {text[:40]!r} … {text[-20:]!r}")
    print(f"{len(found.failures)} exceptions")
    for failure in found.failures[:20]:
        print(f"  {failure}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench texts", description=__doc__)
    parser.add_argument("--texts", type=int, default=2_000, metavar="COUNT")
    parser.add_argument("--seed", type=int, default=1)
    return parser
