from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import combinations

import pytest

from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.scope import split
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import Completion, Json, Usage
from sentinel_core.errors import (
    CacheError,
    CorruptEntryError,
    EmbeddingError,
    NotCachedError,
    PromptTooLongError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    StoreError,
)
from tests.support.fakes import PRICE, USAGE, CountingProvider, WordEmbedder, World, chat, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
DOWN = ProviderUnavailableError("down", provider="fake")

PROMPT = "what is machine learning"
ID = split(chat(PROMPT), "open").entry_id
NEAR = "what is deep learning"
"""Three words of four are those of PROMPT, so the cosine is 0.75: the threshold of these tests."""
FAR = "how tall is everest"
BYPASSING = chat(temperature=1.5)


def _asked(answer: Answer) -> tuple[object, ...]:
    return answer.outcome, answer.billed, answer.cost_usd, answer.saved_usd, answer.unstorable, answer.collapsed


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_first_request_is_asked_of_the_provider_and_stored(world: Build) -> None:
    it = world()
    answer = await it.gateway.answer(it.ask(PROMPT))

    stages = dict.fromkeys(("store", "embed", "search", "provider"), 0.0)
    assert answer == Answer(completion(), Miss(), USAGE, PRICE, 0.0, entry_id=ID, timings=stages)
    assert (it.provider.requests, it.provider.timeouts) == ([chat(PROMPT)], [10.0])
    kept = await it.memory.load(split(chat(PROMPT), "open"))
    assert kept is not None
    assert (kept.prompt, kept.completion, kept.created, kept.ttl, kept.cost_usd, kept.tags) == (
        PROMPT, completion(), it.clock.now(), 100.0, PRICE, (),
    )  # fmt: skip


async def test_the_same_again_is_an_exact_hit_without_the_embedder(world: Build) -> None:
    embedder = WordEmbedder()
    it = world(embedder=embedder)
    await it.gateway.answer(it.ask(PROMPT))
    embedder.texts.clear()
    it.clock.advance(12.5)
    answer = await it.gateway.answer(it.ask(PROMPT))

    assert answer == Answer(
        completion(), Hit(HitKind.EXACT, 1.0, 12.5), NO_USAGE, 0.0, PRICE, PROMPT, entry_id=ID, timings={"store": 0.0}
    )
    assert (it.provider.calls, embedder.texts) == (1, [])


async def test_a_similarity_equal_to_the_threshold_is_a_semantic_hit(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    answer = await it.gateway.answer(it.ask(NEAR))

    assert (answer.outcome, answer.matched_prompt) == (Hit(HitKind.SEMANTIC, 0.75, 0.0), PROMPT)
    assert it.provider.calls == 1


async def test_a_similarity_just_below_the_callers_threshold_is_a_miss(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    answer = await it.gateway.answer(it.ask(NEAR, controls=Controls(threshold=0.7500001)))

    assert answer.outcome == Miss()


async def test_a_caller_cannot_lower_the_threshold(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))

    answer = await it.gateway.answer(it.ask("what is deep sea", controls=Controls(threshold=0.0)))
    assert answer.outcome == Miss()


async def test_identical_words_in_another_case_are_near_and_not_exact(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask("Map"))
    answer = await it.gateway.answer(it.ask("map"))

    assert answer.outcome == Hit(HitKind.SEMANTIC, 1.0, 0.0)


@pytest.mark.parametrize(
    "other",
    [
        chat(PROMPT, model="large"),
        chat(PROMPT, temperature=0.5),
        chat(PROMPT, max_tokens=5),
        chat(PROMPT, {"role": "system", "content": "Be brief."}),
    ],
)
async def test_another_scope_is_a_miss(world: Build, other: Json) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))

    assert (await it.gateway.answer(it.ask(other))).outcome == Miss()


async def test_another_namespace_is_a_miss(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))

    assert (await it.gateway.answer(it.ask(PROMPT, namespace="other"))).outcome == Miss()


async def test_what_the_caller_steers_is_stored_with_the_entry(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT, controls=Controls(ttl=7.0, tags=("faq",))))
    kept = await it.memory.load(split(chat(PROMPT), "open"))

    assert kept is not None
    assert (kept.ttl, kept.tags) == (7.0, ("faq",))


@pytest.mark.parametrize("request_", [BYPASSING, chat(n=2), chat(logprobs=True)])
async def test_what_must_not_be_shared_is_neither_looked_up_nor_stored(world: Build, request_: Json) -> None:
    embedder = WordEmbedder()
    it = world(embedder=embedder)
    answers = [await it.gateway.answer(it.ask(request_)) for _ in range(2)]

    assert [answer.unstorable for answer in answers] == [Unstorable.BYPASSED] * 2
    assert all(isinstance(answer.outcome, Bypass) for answer in answers)
    assert (it.provider.calls, await it.memory.count(), embedder.texts) == (2, 0, [])


async def test_what_must_not_be_shared_is_not_collapsed_either(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider)
    waiting = [asyncio.create_task(it.gateway.answer(it.ask(BYPASSING))) for _ in range(3)]
    await _settle()
    assert provider.gate is not None
    provider.gate.set()

    assert [answer.collapsed for answer in await asyncio.gather(*waiting)] == [False] * 3
    assert provider.calls == 3


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (completion(finish_reason="length"), Unstorable.TRUNCATED),
        (completion(finish_reason="content_filter"), Unstorable.FILTERED),
        (completion(refusal="I cannot."), Unstorable.REFUSED),
        (completion(" "), Unstorable.EMPTY),
    ],
)
async def test_an_answer_that_is_not_whole_is_given_and_not_stored(
    world: Build, given: Completion, reason: Unstorable
) -> None:
    it = world()
    it.provider.queue.append(given)
    answer = await it.gateway.answer(it.ask())

    assert (answer.completion, answer.outcome, answer.unstorable, answer.stored) == (given, Miss(), reason, False)
    assert await it.memory.count() == 0


@pytest.mark.parametrize(
    ("given", "billed", "cost"),
    [(completion(usage=None), NO_USAGE, None), (completion(model="unpriced"), USAGE, None)],
)
async def test_what_is_not_known_is_not_guessed(
    world: Build, given: Completion, billed: Usage, cost: float | None
) -> None:
    it = world()
    it.provider.queue.append(given)
    first = await it.gateway.answer(it.ask())
    again = await it.gateway.answer(it.ask())

    assert (first.billed, first.cost_usd, first.saved_usd) == (billed, cost, 0.0)
    assert (again.billed, again.cost_usd, again.saved_usd) == (NO_USAGE, 0.0, None)


async def test_no_cache_asks_the_provider_and_replaces_the_entry(world: Build) -> None:
    it = world()
    it.provider.queue.extend([completion("old"), completion("new")])
    await it.gateway.answer(it.ask(PROMPT))
    answer = await it.gateway.answer(it.ask(PROMPT, cache_control="no-cache"))

    assert _asked(answer) == (Bypass(BypassReason.NO_CACHE), USAGE, PRICE, 0.0, None, False)
    assert (answer.completion.text, answer.stored) == ("new", True)
    assert (await it.gateway.answer(it.ask(PROMPT))).completion.text == "new"
    assert (await it.gateway.answer(it.ask(NEAR))).completion.text == "new"


async def test_no_store_reuses_and_does_not_store(world: Build) -> None:
    it = world()
    first = await it.gateway.answer(it.ask(PROMPT, cache_control="no-store"))
    assert _asked(first) == (Miss(), USAGE, PRICE, 0.0, Unstorable.NO_STORE, False)
    assert await it.memory.count() == 0

    await it.gateway.answer(it.ask(PROMPT))
    again = await it.gateway.answer(it.ask(PROMPT, cache_control="no-store"))
    assert again.outcome == Hit(HitKind.EXACT, 1.0, 0.0)


@pytest.mark.parametrize("cache_control", ["only-if-cached", "only-if-cached, no-cache", "only-if-cached, max-age=0"])
@pytest.mark.parametrize("request_", [chat(FAR), BYPASSING])
async def test_only_if_cached_never_asks_the_provider(world: Build, cache_control: str, request_: Json) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    with pytest.raises(NotCachedError) as caught:
        await it.gateway.answer(it.ask(request_, cache_control=cache_control))

    assert (caught.value.status, caught.value.code) == (504, "not_cached")
    assert it.provider.calls == 1


@pytest.mark.parametrize("prompt", [PROMPT, NEAR])
async def test_only_if_cached_takes_what_is_there(world: Build, prompt: str) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))

    assert (await it.gateway.answer(it.ask(prompt, cache_control="only-if-cached"))).reused


@pytest.mark.parametrize(("age", "hit"), [(9.999, True), (10.0, False)])
@pytest.mark.parametrize("prompt", [PROMPT, NEAR])
async def test_max_age_limits_what_is_reused(world: Build, prompt: str, age: float, hit: bool) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(age)
    answer = await it.gateway.answer(it.ask(prompt, cache_control="max-age=10"))

    assert answer.reused is hit
    assert hit or answer.outcome == Miss(MissDetail.EXPIRED)


@pytest.mark.parametrize("prompt", [PROMPT, NEAR])
async def test_an_entry_exactly_as_old_as_its_ttl_is_not_reused(world: Build, prompt: str) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(99.0)
    assert (await it.gateway.answer(it.ask(prompt))).outcome.__class__ is Hit

    it.clock.advance(1.0)
    assert (await it.gateway.answer(it.ask(prompt))).outcome == Miss(MissDetail.EXPIRED)


async def test_an_expired_entry_that_can_only_be_hit_exactly_is_called_expired(world: Build) -> None:
    embedder = WordEmbedder(error=EmbeddingError("broken"))
    it = world(embedder=embedder)
    await it.gateway.answer(it.ask(PROMPT))
    embedder.error = None
    it.clock.advance(100.0)

    assert (await it.gateway.answer(it.ask(PROMPT))).outcome == Miss(MissDetail.EXPIRED)


async def test_a_hit_does_not_prolong_an_entry(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(60.0)
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(60.0)

    assert (await it.gateway.answer(it.ask(PROMPT))).outcome == Miss(MissDetail.EXPIRED)


async def test_the_nearest_fresh_entry_answers_where_a_nearer_one_is_too_old(world: Build) -> None:
    it = world(rules=Rules(threshold=0.5, ttl=100.0, stale=50.0, max_temperature=1.0))
    await it.gateway.answer(it.ask("what is deep learning"))
    it.clock.advance(20.0)
    await it.gateway.answer(it.ask("what is my name", controls=Controls(threshold=1.0)))
    answer = await it.gateway.answer(it.ask("what is deep sea", cache_control="max-age=10"))

    assert (answer.outcome, answer.matched_prompt) == (Hit(HitKind.SEMANTIC, 0.5, 0.0), "what is my name")


@pytest.mark.parametrize(
    ("prompt", "outcome"),
    [(PROMPT, Stale(HitKind.EXACT, 1.0, 120.0)), (NEAR, Stale(HitKind.SEMANTIC, 0.75, 120.0))],
)
async def test_a_stale_entry_stands_in_for_a_failing_provider(world: Build, prompt: str, outcome: Stale) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(120.0)
    it.provider.queue.append(DOWN)
    answer = await it.gateway.answer(it.ask(prompt))

    assert (*_asked(answer), answer.matched_prompt) == (outcome, NO_USAGE, 0.0, PRICE, None, False, PROMPT)


@pytest.mark.parametrize(
    ("age", "cache_control", "reused"),
    [
        (120.0, "", True),
        (149.0, "", True),
        (150.0, "", False),
        (120.0, "stale-if-error=20", False),
        (119.0, "stale-if-error=20", True),
        (50.0, "max-age=10", False),
        (50.0, "max-age=10, stale-if-error=40", False),
        (49.0, "max-age=10, stale-if-error=40", True),
        (50.0, "no-cache", False),
        (50.0, "no-cache, stale-if-error=0", True),
        (120.0, "no-cache, stale-if-error=30", True),
        (120.0, "no-cache, stale-if-error=20", False),
    ],
)
async def test_how_old_a_stand_in_may_be_is_the_callers_and_the_operators_to_say(
    world: Build, age: float, cache_control: str, reused: bool
) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(age)
    it.provider.queue.append(DOWN)
    if reused:
        answer = await it.gateway.answer(it.ask(PROMPT, cache_control=cache_control))
        assert answer.outcome == Stale(HitKind.EXACT, 1.0, age)
    else:
        with pytest.raises(ProviderUnavailableError):
            await it.gateway.answer(it.ask(PROMPT, cache_control=cache_control))


@pytest.mark.parametrize(
    "error",
    [
        DOWN,
        ProviderRateLimitedError("slow down", provider="fake", retry_after=3),
        ProviderRejectedError("no such model", provider="fake", status=404),
    ],
)
async def test_without_a_stand_in_the_providers_error_is_the_callers(world: Build, error: ProviderError) -> None:
    it = world()
    it.provider.queue.append(error)
    with pytest.raises(ProviderError) as caught:
        await it.gateway.answer(it.ask())

    assert caught.value is error
    assert await it.memory.count() == 0


async def test_what_must_not_be_shared_has_no_stand_in(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.provider.queue.append(DOWN)

    with pytest.raises(ProviderUnavailableError):
        await it.gateway.answer(it.ask(BYPASSING))


@pytest.mark.parametrize("deadline", [0.0, -5.0])
@pytest.mark.parametrize("request_", [chat(PROMPT), BYPASSING])
async def test_after_the_deadline_the_provider_is_not_asked(world: Build, request_: Json, deadline: float) -> None:
    it = world()
    with pytest.raises(ProviderTimeoutError) as caught:
        await it.gateway.answer(it.ask(request_, deadline=deadline))

    assert (caught.value.provider, it.provider.calls) == ("fake", 0)


async def test_after_the_deadline_what_is_stored_still_answers(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    assert (await it.gateway.answer(it.ask(PROMPT, deadline=-1.0))).outcome == Hit(HitKind.EXACT, 1.0, 0.0)

    it.clock.advance(100.0)
    assert (await it.gateway.answer(it.ask(PROMPT, deadline=-1.0))).outcome == Stale(HitKind.EXACT, 1.0, 100.0)


async def test_each_who_waits_has_a_deadline_of_its_own(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider)
    patient = asyncio.create_task(it.gateway.answer(it.ask(deadline=60.0)))
    await provider.started.wait()
    with pytest.raises(ProviderTimeoutError):
        await it.gateway.answer(it.ask(deadline=0.001))
    assert provider.gate is not None
    provider.gate.set()

    assert (await patient).outcome == Miss()
    assert provider.calls == 1


async def test_fifty_identical_requests_make_one_call(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider)
    waiting = [asyncio.create_task(it.gateway.answer(it.ask())) for _ in range(50)]
    await _settle()
    assert provider.gate is not None
    provider.gate.set()
    answers = await asyncio.gather(*waiting)

    assert provider.calls == 1
    assert [_asked(answer) for answer in answers] == [
        (Miss(), USAGE, PRICE, 0.0, None, False),
        *[(Miss(), NO_USAGE, 0.0, PRICE, None, True)] * 49,
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": FAR},
        {"namespace": "other"},
        {"cache_control": "no-store"},
        {"controls": Controls(ttl=5.0)},
        {"controls": Controls(tags=("faq",))},
    ],
)
async def test_requests_that_differ_in_what_is_stored_do_not_wait_for_each_other(
    world: Build, other: dict[str, Json]
) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider)
    waiting = [
        asyncio.create_task(it.gateway.answer(it.ask())),
        asyncio.create_task(it.gateway.answer(it.ask(**other))),  # type: ignore[arg-type]
    ]
    await _settle()
    assert provider.gate is not None
    provider.gate.set()

    assert [answer.collapsed for answer in await asyncio.gather(*waiting)] == [False, False]


async def test_a_caller_who_leaves_leaves_the_call_to_the_others(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider)
    first, second = (asyncio.create_task(it.gateway.answer(it.ask())) for _ in range(2))
    await _settle()
    first.cancel()
    await _settle()
    assert provider.gate is not None
    provider.gate.set()

    assert (await second).completion == completion()
    assert (provider.calls, await it.memory.count()) == (1, 1)


async def test_an_error_reaches_all_who_wait(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    provider.queue.append(DOWN)
    it = world(provider=provider)
    waiting = [asyncio.create_task(it.gateway.answer(it.ask())) for _ in range(3)]
    await _settle()
    assert provider.gate is not None
    provider.gate.set()

    assert await asyncio.gather(*waiting, return_exceptions=True) == [DOWN] * 3
    assert (await it.gateway.answer(it.ask())).outcome == Miss()


@pytest.mark.parametrize("step", ["load", "refresh", "nearest"])
async def test_a_store_that_cannot_be_read_is_left_out(world: Build, step: str) -> None:
    it = world(broken={step})
    answer = await it.gateway.answer(it.ask())

    assert _asked(answer) == (
        Bypass(BypassReason.STORE_UNAVAILABLE), USAGE, PRICE, 0.0, Unstorable.STORE_UNAVAILABLE, False,
    )  # fmt: skip


async def test_a_store_that_cannot_be_written_costs_nothing_but_the_entry(world: Build) -> None:
    it = world(broken={"save"})
    answer = await it.gateway.answer(it.ask())

    assert _asked(answer) == (Miss(), USAGE, PRICE, 0.0, Unstorable.STORE_UNAVAILABLE, False)


async def test_identical_requests_share_a_call_even_where_the_store_is_out(world: Build) -> None:
    provider = CountingProvider(gate=asyncio.Event())
    it = world(provider=provider, broken={"load"})
    waiting = [asyncio.create_task(it.gateway.answer(it.ask())) for _ in range(5)]
    await _settle()
    assert provider.gate is not None
    provider.gate.set()

    assert [answer.collapsed for answer in await asyncio.gather(*waiting)] == [False, True, True, True, True]
    assert provider.calls == 1


@pytest.mark.parametrize("step", ["refresh", "nearest"])
async def test_a_stale_entry_in_hand_is_not_lost_when_the_store_goes(world: Build, step: str) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(120.0)
    it.broken_store.steps = {step}
    it.provider.queue.append(DOWN)

    assert (await it.gateway.answer(it.ask(PROMPT))).outcome == Stale(HitKind.EXACT, 1.0, 120.0)


async def test_a_store_that_is_out_has_no_stand_in_for_one_who_said_no_cache(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.broken_store.steps = {"load"}
    it.provider.queue.append(DOWN)

    with pytest.raises(ProviderUnavailableError):
        await it.gateway.answer(it.ask(PROMPT, cache_control="no-cache, stale-if-error=10"))


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (PromptTooLongError("too long"), MissDetail.PROMPT_TOO_LONG),
        (EmbeddingError("broken"), MissDetail.EMBEDDER_UNAVAILABLE),
    ],
)
async def test_without_a_vector_matching_is_exact_and_says_so(
    world: Build, error: EmbeddingError, detail: MissDetail
) -> None:
    it = world(embedder=WordEmbedder(error=error))
    assert _asked(await it.gateway.answer(it.ask(PROMPT))) == (Miss(detail), USAGE, PRICE, 0.0, None, False)
    assert (await it.gateway.answer(it.ask(PROMPT))).outcome == Hit(HitKind.EXACT, 1.0, 0.0)
    assert (await it.gateway.answer(it.ask(NEAR))).outcome == Miss(detail)


async def test_an_embedder_that_is_late_is_not_waited_for(world: Build) -> None:
    it = world(embedder=WordEmbedder(gate=asyncio.Event()), embed_seconds=0.0)
    answer = await it.gateway.answer(it.ask())

    assert _asked(answer) == (Miss(MissDetail.EMBEDDER_UNAVAILABLE), USAGE, PRICE, 0.0, None, False)


async def test_an_entry_stored_without_a_vector_gets_one_when_the_embedder_is_back(world: Build) -> None:
    embedder = WordEmbedder(error=EmbeddingError("broken"))
    it = world(embedder=embedder)
    await it.gateway.answer(it.ask(PROMPT))
    embedder.error = None
    await it.gateway.answer(it.ask(PROMPT, cache_control="no-cache"))

    assert (await it.gateway.answer(it.ask(NEAR))).outcome == Hit(HitKind.SEMANTIC, 0.75, 0.0)


async def test_the_prompt_is_embedded_once_for_a_miss(world: Build) -> None:
    embedder = WordEmbedder()
    it = world(embedder=embedder)
    await it.gateway.answer(it.ask(PROMPT))

    assert embedder.texts == [PROMPT]


async def test_what_is_not_all_text_is_matched_exactly(world: Build) -> None:
    embedder = WordEmbedder()
    it = world(embedder=embedder)
    pictured = chat([{"type": "text", "text": PROMPT}, {"type": "image_url", "image_url": {"url": "u"}}])

    assert (await it.gateway.answer(it.ask(pictured))).outcome == Miss(MissDetail.NOT_TEXT)
    assert (await it.gateway.answer(it.ask(pictured))).outcome == Hit(HitKind.EXACT, 1.0, 0.0)
    assert embedder.texts == []


_STEPS = ("load", "refresh", "nearest", "save")


@pytest.mark.parametrize("kind", [CacheError, StoreError, CorruptEntryError, EmbeddingError, PromptTooLongError])
@pytest.mark.parametrize("steps", [steps for size in (1, 2, 4) for steps in combinations(_STEPS, size)])
@pytest.mark.parametrize("cache_control", ["", "no-cache, stale-if-error=10", "max-age=0"])
async def test_no_error_of_the_cache_ever_reaches_the_caller(
    world: Build, kind: type[CacheError], steps: tuple[str, ...], cache_control: str
) -> None:
    it = world(broken=steps, error=lambda: kind("broken"))

    for prompt in (PROMPT, PROMPT, NEAR):
        answer = await it.gateway.answer(it.ask(prompt, cache_control=cache_control))
        assert answer.completion == completion()
    it.provider.queue.append(DOWN)
    with pytest.raises(ProviderUnavailableError):
        await it.gateway.answer(it.ask(FAR, cache_control=cache_control))


@pytest.mark.parametrize("kind", [EmbeddingError, PromptTooLongError])
@pytest.mark.parametrize("cache_control", ["", "no-cache"])
async def test_no_error_of_the_embedder_ever_reaches_the_caller(
    world: Build, kind: type[EmbeddingError], cache_control: str
) -> None:
    it = world(embedder=WordEmbedder(error=kind("broken")))

    assert (await it.gateway.answer(it.ask(cache_control=cache_control))).stored


async def test_what_a_provider_is_paid_is_told_once_for_each_of_its_answers(world: Build) -> None:
    it = world()
    await asyncio.gather(*(it.gateway.answer(it.ask(PROMPT)) for _ in range(4)))
    await it.gateway.answer(it.ask(PROMPT))
    await it.gateway.for_batch(concurrency=1).answer(it.ask(PROMPT, cache_control="no-store, no-cache"))
    await it.gateway.answer(it.ask(chat(PROMPT, model="unpriced")))

    assert it.events.costs == [PRICE, PRICE, USAGE.total_tokens * 60 / 1_000_000]
    assert it.events.estimates == it.events.costs[2:]


async def test_one_who_wants_a_stored_answer_or_none_waits_for_a_slow_store(world: Build) -> None:
    it = world(store_budget=0.5)
    await it.gateway.answer(it.ask(PROMPT))
    it.broken_store.on_step = lambda _: it.clock.advance(0.4)

    assert (await it.gateway.answer(it.ask(NEAR, cache_control="only-if-cached"))).reused
    assert (await it.gateway.answer(it.ask(NEAR))).outcome == Miss(MissDetail.STORE_SLOW)
