"""Whether a failed call is made again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.errors import ProviderError, ProviderTimeoutError


@dataclass(frozen=True, slots=True)
class Retries:
    """
    The rule for one provider; all times in seconds.

    An attempt may take `attempt_timeout`. Less than `least` is not worth asking for: the provider would
    bill an answer that nobody waits for.
    """

    attempts: int = 4
    backoff: float = 1.0
    jitter: float = 0.25
    attempt_timeout: float = 30.0
    least: float = 0.25

    def pause(self, error: ProviderError, *, attempt: int, left: float, chance: float) -> float | None:
        """
        Return how long to wait before the next attempt, None to give up.

        `attempt` counts from 1, `left` is what remains of the deadline, `chance` is in [0, 1). After a
        timeout the provider may still be writing, and billing, the first answer: that is worth paying
        twice only if the second attempt gets its whole time.
        """
        if not error.retryable or attempt >= self.attempts:
            return None
        wait = self.backoff * 2 ** (attempt - 1) if error.retry_after is None else error.retry_after
        wait += self.jitter * self.backoff * chance
        needed = self.attempt_timeout if isinstance(error, ProviderTimeoutError) else self.least
        return wait if wait + needed <= left else None
