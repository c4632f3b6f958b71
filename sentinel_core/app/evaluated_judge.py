"""A real judge for `sentinel evaluate --judge provider/model`: the configured provider, asked pair by pair."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

from sentinel_core.app import providers
from sentinel_core.app.learning import judge_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import NO_EVENTS
from sentinel_core.cache.pairs import Relation
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.matching.evaluation.judged import Words
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.support.clock import SYSTEM_CLOCK

_NO_ANSWER = Completion("", "", {}, "stop", None)


class ConfiguredJudges:
    """The judges that these settings can ask."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def find(self, name: str) -> Words:
        """Return the judge `provider/model`; raises ConfigurationError for a provider without a key."""
        settings = Settings.from_environ({**self._environ, "SENTINEL_JUDGE": name})
        known = providers.providers(settings, providers.specs(settings), NO_EVENTS)
        judge = judge_of(settings, MemoryCounts(SYSTEM_CLOCK), known, SYSTEM_CLOCK)
        runner = asyncio.Runner()

        def word(asked: str, stored: str, _: bool) -> Relation | None:
            ask = CacheRequest(ChatRequest("", "", ({"role": "user", "content": asked},)), "", math.inf)
            entry = Entry(stored, _NO_ANSWER, created=0.0, ttl=math.inf)
            return runner.run(judge.word(entry, ask)).relation

        return word
