"""A real judge for `sentinel evaluate --judge provider/model`: the configured provider, asked pair by pair."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping

from sentinel_core.app import providers
from sentinel_core.app.learning import judge_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import Relation
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.support.clock import SYSTEM_CLOCK

_NO_ANSWER = Completion("", "", {}, "stop", None)


def judges(environ: Mapping[str, str]) -> Callable[[str], Callable[[str, str, bool], Relation | None]]:
    """Return a finder of judges by name; that raises ConfigurationError for a provider without a key."""

    def find(name: str) -> Callable[[str, str, bool], Relation | None]:
        settings = Settings.from_environ({**environ, "SENTINEL_JUDGE": name})
        known = providers.providers(settings, providers.specs(settings), lambda _: None)
        judge = judge_of(settings, MemoryCounts(SYSTEM_CLOCK), known, SYSTEM_CLOCK)
        runner = asyncio.Runner()

        def word(asked: str, stored: str, _: bool) -> Relation | None:
            ask = CacheRequest(ChatRequest("", "", ({"role": "user", "content": asked},)), "", math.inf)
            entry = Entry(stored, _NO_ANSWER, created=0.0, ttl=math.inf)
            return runner.run(judge.word(entry, ask)).relation

        return word

    return find
