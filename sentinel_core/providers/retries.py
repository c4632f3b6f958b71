"""Whether a failed call is made again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.errors import ProviderError, ProviderTimeoutError


@dataclass(frozen=True, slots=True)
class Retries:
    """
    The rule for one provider; all times in seconds.

    As many attempts and pauses as OpenAI's SDKs make, so that a caller waits no longer than without Sentinel.
    An attempt with less than `least` left is not made: the provider would bill an answer that comes too late.
    """

    attempts: int = 3
    backoff: float = 0.5
    jitter: float = 0.25
    least: float = 0.25

    def pause(self, error: ProviderError, *, attempt: int, left: float, chance: float) -> float | None:
        """
        Return how long to wait before the next attempt, None to give up.

        `attempt` counts from 1, `left` is the rest of the deadline, `chance` is in [0, 1). A timeout is
        never repeated: the provider may still be writing, and billing, the first answer.
        """
        if not error.retryable or isinstance(error, ProviderTimeoutError) or attempt >= self.attempts:
            return None
        wait = self.backoff * 2 ** (attempt - 1) if error.retry_after is None else error.retry_after
        wait += self.jitter * self.backoff * chance
        return wait if wait + self.least <= left else None
