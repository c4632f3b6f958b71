"""Whether a judge's word is worth its price and its time before an answer."""

from __future__ import annotations

from dataclasses import dataclass

_NEW = 0.1
"""Weight of the latest time in the mean."""


@dataclass(slots=True)
class Pace:
    """Mean seconds of an answer by a provider, and of a word by the judge; None until there is one."""

    answer: float | None = None
    word: float | None = None

    def note_answer(self, seconds: float) -> None:
        self.answer = seconds if self.answer is None else self.answer + _NEW * (seconds - self.answer)

    def note_word(self, seconds: float) -> None:
        self.word = seconds if self.word is None else self.word + _NEW * (seconds - self.word)


@dataclass(frozen=True, slots=True)
class Worth:
    """
    Dollars of a provider's answer and of one question to the judge, and of a second of waiting.

    `chance` is that of a hit, `calls` are the questions that are expected.
    """

    answer_usd: float
    question_usd: float
    second_usd: float
    chance: float
    calls: float

    def saving(self, pace: Pace) -> float:
        """Return the dollars that asking is expected to save; below 0 it costs more. Times count if both are known."""
        money = self.chance * self.answer_usd - self.calls * self.question_usd
        if pace.answer is None or pace.word is None:
            return money
        return money + self.second_usd * (self.chance * pace.answer - pace.word)
