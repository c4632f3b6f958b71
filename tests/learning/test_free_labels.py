"""Weak labels by agreement of answers, on the way of real requests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import pytest

from scripts.devtools.http.replies import answer
from sentinel_core.learning.free_labels import RECENT, Answers
from sentinel_core.telemetry.counters import Counters
from sentinel_core.web.learning_view import learning_view
from tests.learning.conftest import STORED, Judged
from tests.support.fakes import completion

pytestmark = pytest.mark.anyio

Build = Callable[..., Judged]
TOPICS = ("deep", "transfer", "reinforcement", "active", "online", "federated")


async def traffic(it: Judged, texts: list[str], cache_control: str = "") -> None:
    """Ask about other things with other answers, then about `STORED`, then reworded; the judge is silent."""
    it.upstream.default = answer("?")
    others = [f"{word} " * 6 for word in ("apple", "river", "stone", "cloud", "metal", "grass", "paper", "glass")]
    it.world.provider.queue.extend([completion(f"About {other}") for other in others])
    for other in others:
        await it.ask(other)
    it.world.provider.queue.extend([completion(text) for text in texts])
    for prompt in (STORED, *(f"what is {topic} learning" for topic in TOPICS[: len(texts) - 1])):
        await it.ask(ask=it.world.ask(prompt, cache_control=cache_control))


async def test_equal_answers_of_near_prompts_are_labels_and_open_nothing(judged: Build) -> None:
    it = judged()
    await traffic(it, ["A field of study."] * 4)
    counts = it.learning.ledger.of("open")
    assert (counts["misses_compared"], counts["misses_equal"]) == (3, 3)
    assert 0 < counts["misses_chance"] < 0.6
    assert len(it.world.memory.pairs) == 0
    odds = it.learning.odds("open")
    assert sum(odds.agreements.count(stratum) for stratum in odds.strata()) == 3
    view = learning_view(it.learning, Counters(it.world.clock), "open").turned_away_right
    assert (view.compared, view.equal, view.share_right) == (3, 3, 1.0)
    assert view.low is not None
    assert 0 < view.low < 1.0


@pytest.mark.parametrize(
    ("texts", "counted"),
    [
        (["A field.", "Another field."], (1, 0)),
        (["I don't know."] * 3, (0, 0)),
        (["Sorry, I can't help with that."] * 3, (0, 0)),
        (["A field."], (0, 0)),
    ],
)
async def test_other_answers_and_empty_ones_are_no_agreement(
    judged: Build, texts: list[str], counted: tuple[int, int]
) -> None:
    it = judged()
    await traffic(it, texts)

    counts = it.learning.ledger.of("open")
    assert (counts.get("misses_compared", 0), counts.get("misses_equal", 0)) == counted


async def test_a_caller_who_forbids_storing_gives_no_label(judged: Build) -> None:
    it = judged()
    await it.ask(STORED)
    await traffic(it, ["A field."] * 3, cache_control="no-store")

    assert "misses_compared" not in it.learning.ledger.of("open")


async def test_where_all_answers_agree_agreement_teaches_nothing(judged: Build) -> None:
    it = judged()
    it.upstream.default = answer("?")
    it.world.provider.queue.extend([completion("Yes.") for _ in range(6)])
    for topic in TOPICS:
        await it.ask(f"what is {topic} learning")

    assert "misses_compared" not in it.learning.ledger.of("open")
    assert it.learning.odds("open").strata() == []


async def test_without_labels_the_figure_is_not_measured(judged: Build) -> None:
    it = judged()
    view = learning_view(it.learning, Counters(it.world.clock), None).turned_away_right

    assert (view.compared, view.share_right, view.low, view.high) == (0, "not measured", None, None)


def test_chance_is_learned_from_answers_of_other_prompts() -> None:
    halves, all_equal = Answers(), Answers()
    for number, form in zip(range(100), cycle([1, 2]), strict=False):
        halves.note(str(number), form, besides="")
        all_equal.note(str(number), 1, besides=str(number - 1))

    assert halves.by_chance == pytest.approx(0.5, abs=0.03)
    assert all_equal.by_chance > 0.99
    assert len(all_equal.latest) == RECENT
    alone = Answers()
    for _ in range(50):
        alone.note("a", 1, besides="")
    assert (alone.pairs, alone.by_chance) == (0, 0.5)
