"""The same rewording again: what it costs, and all that must end a remembered match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.outcome import Hit, HitKind, Miss, MissDetail
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import digest, split
from sentinel_core.gateway.rewordings import Rewordings
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.vector_index import LATEST
from tests.support.fakes import RULES, WordEmbedder, World, chat

pytestmark = pytest.mark.anyio

PROMPT = "what is machine learning"
NEAR = "what is deep learning"
NEARER = "what is deep learning really"
UNLIKE = "how tall is everest"


@pytest.fixture
async def it(world: Callable[..., World]) -> World:
    """A world in which the rewording `NEAR` of `PROMPT` was matched once, and is asked again."""
    found = world(embedder=WordEmbedder(), rewordings=Rewordings())
    await found.gateway.answer(found.ask(PROMPT))
    await found.gateway.answer(found.ask(NEAR))
    return found


def as_hit(answer: Answer) -> tuple[HitKind, float, float]:
    """Return kind, rounded similarity and age."""
    assert isinstance(answer.outcome, Hit)
    return answer.outcome.kind, round(answer.outcome.similarity, 6), answer.outcome.age


async def again(it: World, **how: object) -> tuple[Answer, list[str], list[str]]:
    """Ask the rewording; return the answer, the steps of the store, and the texts that were embedded."""
    assert isinstance(it.embedder, WordEmbedder)
    it.embedder.texts.clear()
    steps: list[str] = []
    it.broken_store.on_step = steps.append
    return await it.gateway.answer(it.ask(NEAR, **how)), steps, list(it.embedder.texts)  # type: ignore[arg-type]


async def test_a_match_asked_again_needs_no_embedding_and_no_search(it: World) -> None:
    it.clock.advance(5.0)
    answer, steps, embedded = await again(it)
    assert as_hit(answer) == (HitKind.SEMANTIC, 0.75, 5.0)
    assert (answer.matched_prompt, answer.entry_id) == (PROMPT, split(chat(PROMPT), "open").entry_id)
    assert (steps, embedded, it.provider.calls) == ([], [], 1)


async def test_a_new_entry_farther_away_costs_no_search(it: World) -> None:
    await it.gateway.answer(it.ask(UNLIKE))
    answer, steps, embedded = await again(it)
    assert (answer.matched_prompt, embedded, steps) == (PROMPT, [], [])


async def test_many_new_entries_cost_a_search_but_no_embedding(it: World) -> None:
    for number in range(LATEST + 1):
        await it.gateway.answer(it.ask(f"{UNLIKE} {number}", controls=Controls(threshold=1.0)))
    answer, steps, embedded = await again(it)
    assert (answer.matched_prompt, embedded, steps) == (PROMPT, [], ["nearest", "release"])
    assert (await again(it))[1:] == ([], [])


async def test_a_nearer_entry_stored_later_is_served_instead(it: World) -> None:
    await it.gateway.answer(it.ask(NEARER, controls=Controls(threshold=0.99)))
    answer, _, _ = await again(it)
    assert answer.matched_prompt == NEARER


@pytest.mark.parametrize(
    "how",
    [
        {"controls": Controls(threshold=0.76)},
        {"cache_control": "max-age=4"},
        {"namespace": "another"},
        {"cache_control": "no-cache"},
    ],
    ids=["a higher threshold", "an age limit", "another namespace", "no reuse at all"],
)
async def test_a_stricter_request_is_not_answered_by_a_match(it: World, how: dict[str, object]) -> None:
    it.clock.advance(5.0)
    answer, _, _ = await again(it, **how)
    assert (isinstance(answer.outcome, Hit), it.provider.calls) == (False, 2)


async def test_a_match_is_over_with_its_entry(it: World) -> None:
    it.clock.advance(RULES.ttl)
    answer, _, _ = await again(it)
    assert (answer.outcome, it.provider.calls) == (Miss(MissDetail.EXPIRED), 2)


async def test_a_purged_entry_is_not_served(it: World) -> None:
    await it.memory.purge(Purge("open"))
    answer, _, _ = await again(it)
    assert (answer.outcome, it.provider.calls) == (Miss(), 2)


async def test_a_banned_pair_is_not_served_again(it: World) -> None:
    query = split(chat(NEAR), "open")
    now = it.clock.now()
    pair = JudgedPair(key_of(query.digest, digest(PROMPT)), Relation.DIFFERENT, Labeller.FEEDBACK, now, now + 10.0)
    await it.memory.pairs.note(query, pair)
    answer, _, _ = await again(it)
    assert (isinstance(answer.outcome, Hit), it.provider.calls) == (False, 2)


async def test_a_label_that_expires_ends_the_match_it_made(world: Callable[..., World]) -> None:
    it = world(embedder=WordEmbedder(), rewordings=Rewordings(), gate=Gate(max_wrong=0.0001))
    query, now = split(chat(NEAR), "open"), it.clock.now()
    pair = JudgedPair(key_of(query.digest, digest(PROMPT)), Relation.SAME, Labeller.CURATED, now, now + 10.0)
    await it.memory.pairs.note(query, pair)
    await it.gateway.answer(it.ask(PROMPT))
    assert [isinstance((await again(it))[0].outcome, Hit) for _ in range(2)] == [True, True]
    it.clock.advance(10.0)
    assert isinstance((await again(it))[0].outcome, Hit) is False


async def test_rules_of_a_policy_are_judged_by_themselves(it: World) -> None:
    strict = replace(RULES, mode="exact")
    answer = await it.gateway.answer(replace(it.ask(NEAR), rules=strict))
    assert isinstance(answer.outcome, Hit) is False


async def test_a_stricter_gate_of_a_policy_judges_anew(it: World) -> None:
    strict = replace(RULES, max_wrong=0.0001)
    answer = await it.gateway.answer(replace(it.ask(NEAR), rules=strict))
    assert isinstance(answer.outcome, Hit) is False


async def test_a_new_answer_to_the_matched_prompt_is_served(it: World) -> None:
    it.clock.advance(5.0)
    await it.gateway.answer(it.ask(PROMPT, cache_control="no-cache"))
    answer, _, embedded = await again(it)
    assert (as_hit(answer), embedded) == ((HitKind.SEMANTIC, 0.75, 0.0), [])


async def test_the_prompt_itself_stored_is_an_exact_hit(it: World) -> None:
    await it.gateway.answer(it.ask(NEAR, cache_control="no-cache"))
    answer, _, _ = await again(it)
    assert answer.outcome == Hit(HitKind.EXACT, 1.0, 0.0)


async def test_no_store_keeps_no_vector(world: Callable[..., World]) -> None:
    memory = Rewordings()
    it = world(rewordings=memory)
    await it.gateway.answer(it.ask(PROMPT, cache_control="no-store"))
    assert len(memory) == 0


async def test_a_hit_in_mode_shadow_is_counted_and_not_served(it: World) -> None:
    shadow = replace(RULES, mode="shadow")
    await it.gateway.answer(replace(it.ask(NEAR), rules=shadow))
    answer = await it.gateway.answer(replace(it.ask(NEAR), rules=shadow))
    assert (answer.shadow, it.provider.calls) == ("hit_semantic", 3)


async def test_an_explanation_of_a_match_shows_its_candidates(it: World) -> None:
    explained = await it.gateway.explain(it.ask(NEAR))
    assert [each.candidate.prompt for each in explained.candidates] == [PROMPT]
