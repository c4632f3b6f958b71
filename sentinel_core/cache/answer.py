"""One answered request: the provider's or the cache's answer with everything a payer may ask about it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from sentinel_core.cache.directives import Controls
from sentinel_core.cache.experiment import Arm
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import STORED, BypassReason, Outcome
from sentinel_core.cache.ports import Meter
from sentinel_core.cache.scope import Masked
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Message, Usage

NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """
    A request as the gateway takes it; `deadline` is a reading of the monotonic clock.

    `volatile` is the gateway's: why the answer will not last. `meter` is None for no limits.
    `author` is the pseudonym of the end user who sent it, None if none was named. `personal` names the rule by which
    the answer belongs to its author alone. `bypass` is why the cache must not serve or keep it, if so.
    `masked` stands for a prompt with personal data: it is compared exactly only.
    `exact_only` forbids answers of other prompts, and this answer to them. `rules` are those of a policy, None
    for the gateway's, and `sources` name the policy's rule of each of their values. `route` is the path that was asked,
    `tenant` the caller's, None without keys, and `arm` its place in an experiment.
    `counted` are the messages as they are compared, where an earlier turn counts as another; None for the request's.
    """

    request: ChatRequest
    namespace: str
    deadline: float
    controls: Controls = field(default_factory=Controls)
    volatile: str | None = None
    meter: Meter | None = None
    author: str | None = None
    personal: str | None = None
    bypass: BypassReason | None = None
    masked: Masked | None = None
    exact_only: bool = False
    rules: Rules | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    tenant: str | None = None
    arm: Arm | None = None
    counted: tuple[Message, ...] | None = None

    def seconds_left(self, monotonic: float) -> float:
        """Return the seconds until the deadline, 0.0 past it."""
        return max(0.0, self.deadline - monotonic)

    async def admit(self) -> None:
        """Enforce the rate limit. Call after the first store round trip, which carries the counter update."""
        if self.meter is not None:
            await self.meter.admit()

    def enter_budget(self) -> None:
        """Enforce the budget. Call before a provider is asked."""
        if self.meter is not None:
            self.meter.forward()


@dataclass(frozen=True, slots=True)
class Answer:
    """
    `billed` is the usage of this request: nothing on a hit, and nothing if it joined another's call.

    `unstorable` is why an answer fetched now was not kept; None if it was, or if it came from the cache.
    `volatile` names the rule by which the answer lasts for a short time only; None if it lasts.
    `personal` names the rule by which it belongs to one end user; None if it is anyone's.
    `cost_usd` and `saved_usd` are None where the price is not known, never a guess; `estimated_usd` is counted
    by budgets in place of it or besides, None if nothing is estimated.
    `shadow` is the outcome that was decided but not served, and `is_shadow_equal` whether the stored text equals this.
    `entry_id` names the entry that answered, or that the answer is kept in; None where there is none.
    `asked` is the digest of this request's prompt where an entry answered, else None.
    `timings` are milliseconds by stage, for `Server-Timing`. `tenant` is that of the key that a fetched answer is for.
    """

    completion: Completion
    outcome: Outcome
    billed: Usage
    cost_usd: float | None
    saved_usd: float | None
    matched_prompt: str | None = None
    unstorable: Unstorable | None = None
    collapsed: bool = False
    volatile: str | None = None
    personal: str | None = None
    shadow: str | None = None
    is_shadow_equal: bool | None = None
    entry_id: str | None = None
    asked: str | None = field(default=None, compare=False)
    timings: Mapping[str, float] = field(default_factory=dict)
    estimated_usd: float | None = None
    tenant: str | None = field(default=None, compare=False)
    arm: Arm | None = field(default=None, compare=False)

    @property
    def reused(self) -> bool:
        return isinstance(self.outcome, STORED)

    @property
    def stored(self) -> bool:
        return self.unstorable is None and not self.reused


@dataclass(slots=True)
class Streaming:
    """
    An answer that is still arriving.

    `chunks` raise ProviderError where the stream breaks. `answer` is there once they have ended normally:
    only then was anything stored. Close it, or the provider goes on writing unread.
    """

    outcome: Outcome
    chunks: AsyncGenerator[Chunk, None]
    source: AsyncGenerator[Chunk, None]
    answer: Answer | None = None

    async def aclose(self) -> None:
        """Close chunks and source, because closing unread chunks closes nothing behind them."""
        await self.chunks.aclose()
        await self.source.aclose()
