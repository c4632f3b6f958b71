"""Later turns of two chats with the same questions in other words: what they share, and what ends that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sentinel_core.cache.answer import Answer, Streaming
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.outcome import name
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import digest, split
from sentinel_core.chat.messages import ChatRequest, Completion, Json, Message
from sentinel_core.errors import ProviderUnavailableError
from sentinel_core.gateway import histories
from sentinel_core.gateway.conversations import Conversations
from tests.support.fakes import RULES, CountingProvider, FakeClock, WordEmbedder, World, chat, completion

pytestmark = pytest.mark.anyio

FIRST, SECOND = "what is machine learning", "name three good books about it"
FIRST_ALIKE, SECOND_ALIKE = "what is deep learning", "name three good books on it"
ANSWERS = ("It learns.", "A, B and C.", "Written again.", "Once more.")
SYSTEM: Message = {"role": "system", "content": "Be brief."}


def answering() -> CountingProvider:
    provider = CountingProvider()
    provider.queue.extend(completion(text) for text in (*ANSWERS, *(f"answer {number}" for number in range(9))))
    return provider


@pytest.fixture
def it(world: Callable[..., World]) -> World:
    return world(embedder=WordEmbedder(), conversations=Conversations(), provider=answering())


def user(text: Json) -> Message:
    return {"role": "user", "content": text}


def said(text: Json) -> Message:
    return {"role": "assistant", "content": text}


async def talk(it: World, *turns: str, first: Sequence[Message] = (), **how: Any) -> list[str]:
    """Hold one chat, in which each answer is sent back; return the outcomes."""
    messages, outcomes = list(first), []
    for turn in turns:
        answer = await it.gateway.answer(it.ask(chat(turn, *messages), **how))
        outcomes.append(name(answer.outcome))
        messages += [user(turn), said(answer.completion.text)]
    return outcomes


async def outcome(it: World, request: ChatRequest, **how: Any) -> str:
    return name((await it.gateway.answer(it.ask(request, **how))).outcome)


def restart(it: World) -> None:
    assert it.lookup.conversations is not None
    it.lookup.conversations.turns.drop(None)


async def test_two_chats_in_other_words_share_their_later_turns(it: World) -> None:
    found = [await talk(it, FIRST, SECOND, "why"), await talk(it, FIRST_ALIKE, SECOND_ALIKE, "why")]

    assert found == [["miss", "miss", "miss"], ["hit_semantic", "hit_semantic", "hit_exact"]]


async def test_the_first_chat_finds_what_the_second_one_stored(it: World) -> None:
    await talk(it, FIRST)
    await talk(it, FIRST_ALIKE, SECOND)

    assert await talk(it, FIRST, SECOND) == ["hit_exact", "hit_exact"]


async def test_the_first_chat_needs_no_memory(it: World) -> None:
    await talk(it, FIRST)
    await talk(it, FIRST_ALIKE, SECOND)
    restart(it)

    assert await talk(it, FIRST, SECOND) == ["hit_exact", "hit_exact"]


async def test_without_memory_other_words_are_another_history(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)
    restart(it)

    assert await outcome(it, chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))) == "miss"


@pytest.mark.parametrize(
    "history",
    [
        [user(FIRST_ALIKE), said("It forgets.")],
        [user("what is deep learning now"), said(ANSWERS[0])],
        [user(FIRST_ALIKE), said(f"{ANSWERS[0]} ")],
        [user(FIRST_ALIKE), said(None)],
        [SYSTEM, user(FIRST_ALIKE), said(ANSWERS[0])],
        [user("hello"), said("Hi."), user(FIRST_ALIKE), said(ANSWERS[0])],
        [said(ANSWERS[0]), user(FIRST_ALIKE)],
        [{**user(FIRST_ALIKE), "name": "ann"}, said(ANSWERS[0])],
        [user(FIRST_ALIKE), {**said(ANSWERS[0]), "tool_calls": [{"id": "c"}]}],
        [user(FIRST_ALIKE), {**said(ANSWERS[0]), "role": "system"}],
    ],
    ids=[
        "another answer", "words that were never asked", "a blank more", "no answer", "another system prompt",
        "another beginning", "another order", "a named user", "calls", "another role",
    ],
)  # fmt: skip
async def test_a_forged_history_shares_nothing(it: World, history: list[Message]) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)

    found = await outcome(it, chat(SECOND, *history))
    await it.gateway.answer(it.ask(chat("now write for others", *history)))

    assert (found, await talk(it, FIRST, "now write for others")) == ("miss", ["hit_exact", "miss"])


async def test_turns_of_another_tenant_count_for_themselves(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)
    await talk(it, FIRST, SECOND, namespace="other")

    history = [user(FIRST_ALIKE), said(ANSWERS[0])]

    assert await outcome(it, chat(SECOND, *history), namespace="other") == "miss"


async def test_personal_chats_of_two_users_share_nothing(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)
    history = [user(FIRST_ALIKE), said(ANSWERS[0])]

    found = [await outcome(it, replace(chat(SECOND, *history), user=each)) for each in ("ann", "bob", "ann")]

    assert found == ["miss", "miss", "hit_exact"]


@pytest.mark.parametrize(
    "how",
    [
        {"controls": Controls(threshold=0.9)},
        {"rules": replace(RULES, mode="exact")},
        {"rules": replace(RULES, max_wrong=0.001)},
        {"exact_only": True},
    ],
    ids=["a higher threshold", "mode exact", "a stricter gate", "the same words only"],
)
async def test_a_stricter_request_takes_turns_as_they_are(it: World, how: dict[str, Any]) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)

    ask = replace(it.ask(chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))), **how)

    assert name((await it.gateway.answer(ask)).outcome) == "miss"


async def test_a_pair_judged_different_since_counts_no_more(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)
    query = split(chat(FIRST), "open")
    key = key_of(digest(FIRST), digest(FIRST_ALIKE))
    now = it.clock.now()
    it.memory.pairs.learn(query.scope, JudgedPair(key, Relation.DIFFERENT, Labeller.FEEDBACK, now, now + 1e6, ""))

    assert await outcome(it, chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))) == "miss"


async def test_nothing_is_remembered_of_a_turn_that_forbids_it(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE, cache_control="no-store")

    assert await outcome(it, chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))) == "miss"


async def test_a_stale_answer_counts_as_one_that_was_served(it: World) -> None:
    await talk(it, FIRST, SECOND)
    it.clock.advance(RULES.ttl)
    it.provider.queue.clear()
    it.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    stale = await talk(it, FIRST_ALIKE, cache_control="stale-if-error=600")
    history = [user(FIRST_ALIKE), said(ANSWERS[0])]
    explained = await it.gateway.explain(it.ask(chat(SECOND, *history)))

    assert (stale, explained.counted_turns) == (["stale"], 1)


async def test_an_erasure_ends_what_was_remembered(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)
    assert it.lookup.conversations is not None
    it.lookup.conversations.erase(Purge("open"))

    assert await outcome(it, chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))) == "miss"


async def test_a_result_of_a_tool_needs_the_whole_history_as_it_is(it: World) -> None:
    await talk(it, FIRST)
    await talk(it, FIRST_ALIKE)

    def request(question: str) -> ChatRequest:
        call: Json = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
        messages = (user(question), said(ANSWERS[0]), user("look it up"), {"role": "assistant", "tool_calls": call})
        return replace(chat(), messages=(*messages, {"role": "tool", "tool_call_id": "c", "content": "4"}))

    found = [await outcome(it, request(question)) for question in (FIRST, FIRST_ALIKE, FIRST)]

    assert found == ["miss", "miss", "hit_exact"]


async def test_streamed_chats_share_their_later_turns(it: World) -> None:
    async def streamed(request: ChatRequest) -> str:
        given = await it.gateway.stream(it.ask(request))
        if isinstance(given, Streaming):
            async for _ in given.chunks:
                pass
            given = given.answer  # type: ignore[assignment]
        assert isinstance(given, Answer)
        return name(given.outcome)

    text = (await it.gateway.answer(it.ask(FIRST))).completion.text
    await streamed(chat(SECOND, user(FIRST), said(text)))
    await streamed(chat(FIRST_ALIKE))

    assert await streamed(chat(SECOND_ALIKE, user(FIRST_ALIKE), said(text))) == "hit_semantic"


async def test_an_answer_that_leans_on_other_words_is_not_kept(it: World) -> None:
    await talk(it, FIRST)
    await talk(it, FIRST_ALIKE)
    it.provider.queue.clear()
    it.provider.queue.append(completion("As you said earlier, it is deep."))
    answer = await it.gateway.answer(it.ask(chat(SECOND, user(FIRST_ALIKE), said(ANSWERS[0]))))

    assert answer.unstorable == "refers-back"


async def test_the_provider_is_sent_the_words_of_the_caller(it: World) -> None:
    await talk(it, FIRST)
    await talk(it, FIRST_ALIKE, SECOND)

    assert it.provider.requests[-1].messages[0] == user(FIRST_ALIKE)


async def test_texts_and_bare_parts_are_one_history(it: World) -> None:
    await talk(it, FIRST, SECOND)
    parts: Json = [{"type": "text", "text": FIRST}]

    assert await outcome(it, chat(SECOND, user(parts), said([{"type": "text", "text": ANSWERS[0]}]))) == "hit_exact"


async def test_an_explanation_counts_the_turns(it: World) -> None:
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE)

    history = [user(FIRST_ALIKE), said(ANSWERS[0])]
    explained = await it.gateway.explain(it.ask(chat(SECOND, *history)))

    assert (explained.counted_turns, name(explained.outcome)) == (1, "hit_exact")


async def test_a_long_conversation_is_hashed_within_a_bound(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "MOST_CHARACTERS", len(FIRST))
    await talk(it, FIRST, SECOND)
    await talk(it, FIRST_ALIKE, SECOND_ALIKE)
    history = [user(FIRST_ALIKE), said(ANSWERS[0]), user(SECOND_ALIKE), said(ANSWERS[1])]

    explained = await it.gateway.explain(it.ask(chat("why", *history)))

    assert explained.counted_turns == 1


TURN = st.tuples(st.sampled_from([FIRST, FIRST_ALIKE, "hello"]), st.sampled_from([None, "Forged."]))
CHATS = st.lists(st.lists(TURN, min_size=1, max_size=3), min_size=2, max_size=5)


@example([[(FIRST, None)], [("hello", "Forged."), (FIRST, None)], [(FIRST_ALIKE, "Forged."), (FIRST, None)]])
@given(CHATS)
@settings(max_examples=60, deadline=None)
def test_no_chat_gets_the_answer_of_another_history(chats: list[list[tuple[str, str | None]]]) -> None:
    """Each answer names the history it was given with: questions that are alike count as one, other answers never."""

    async def hold() -> None:
        it = World(FakeClock(), conversations=Conversations(), provider=Naming())
        for turns in chats:
            messages: list[Message] = []
            for asked, forged in turns:
                answer = await it.gateway.answer(it.ask(chat(asked, *messages)))
                expected = meaning([*messages, user(asked)])
                assert meaning(json.loads(answer.completion.text)) == expected
                messages += [user(asked), said(answer.completion.text if forged is None else forged)]

    asyncio.run(hold())


class Naming(CountingProvider):
    """Answers with the conversation that it is sent."""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        return completion(json.dumps([dict(message) for message in request.messages]))


def meaning(messages: Sequence[Message]) -> list[Any]:
    """Return a conversation with the questions that the embedder takes for alike as one."""
    alike = {FIRST_ALIKE: FIRST, SECOND_ALIKE: SECOND}
    texts = [str(message["content"]) for message in messages]
    return [meaning(json.loads(text)) if text.startswith("[") else alike.get(text, text) for text in texts]
