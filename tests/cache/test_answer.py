from __future__ import annotations

import pytest

from sentinel_core.cache.answer import NO_USAGE, Answer, CacheRequest
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, Outcome, Stale
from sentinel_core.cache.storing import Unstorable
from tests.support.fakes import chat, completion


@pytest.mark.parametrize(
    ("outcome", "unstorable", "reused", "stored"),
    [
        (Hit(HitKind.EXACT, 1.0, 0.0), None, True, False),
        (Stale(HitKind.SEMANTIC, 0.97, 120.0), None, True, False),
        (Miss(), None, False, True),
        (Miss(), Unstorable.TRUNCATED, False, False),
        (Bypass(BypassReason.NO_CACHE), None, False, True),
        (Bypass(BypassReason.TEMPERATURE), Unstorable.BYPASSED, False, False),
    ],
)
def test_an_answer_knows_whether_it_was_reused_and_whether_it_was_stored(
    outcome: Outcome, unstorable: Unstorable | None, reused: bool, stored: bool
) -> None:
    answer = Answer(completion(), outcome, NO_USAGE, None, None, unstorable=unstorable)

    assert (answer.reused, answer.stored) == (reused, stored)


def test_a_caller_who_says_nothing_steers_nothing() -> None:
    assert CacheRequest(chat(), "open", 1.0).controls == Controls()
