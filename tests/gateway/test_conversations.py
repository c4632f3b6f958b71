from __future__ import annotations

from dataclasses import replace

from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import split
from sentinel_core.cache.verdict import Verdict
from sentinel_core.gateway.conversations import LONGEST_PROMPT, MOST_SCOPES, Conversations, Served
from tests.support.fakes import RULES, chat

SERVED = Served(b"stored", 0.9, Verdict(True, 0.99), RULES)
QUERY = split(chat("asked"), "open")


def test_a_turn_is_found_by_its_words_and_its_answer_only() -> None:
    memory = Conversations()
    memory.note(QUERY, "answer", SERVED)

    found = [memory.find("open", *words) for words in (("asked", "answer"), ("asked", "forged"), ("other", "answer"))]

    assert found == [{QUERY.fingerprint: SERVED}, None, None]


def test_words_cannot_move_from_a_question_to_its_answer() -> None:
    memory = Conversations()
    memory.note(QUERY, "answer", SERVED)

    assert memory.find("open", "askeda", "nswer") is None


def test_turns_of_another_namespace_are_not_found() -> None:
    memory = Conversations()
    memory.note(QUERY, "answer", SERVED)

    assert ("open" in memory.turns, "other" in memory.turns, memory.find("other", "asked", "answer")) == (
        True,
        False,
        None,
    )


def test_the_oldest_scope_of_a_turn_goes() -> None:
    memory = Conversations()
    for number in range(MOST_SCOPES + 1):
        memory.note(replace(QUERY, fingerprint=f"{number}"), "answer", SERVED)

    found = memory.find("open", "asked", "answer")

    assert found is not None
    assert list(found) == [f"{number}" for number in range(1, MOST_SCOPES + 1)]


def test_long_prompts_are_not_kept() -> None:
    memory = Conversations()
    memory.note(QUERY, "answer", replace(SERVED, prompt=b"x" * (LONGEST_PROMPT + 1)))

    assert len(memory) == 0


def test_turns_are_bounded() -> None:
    memory = Conversations(most=2)
    for number in range(5):
        memory.note(QUERY, f"answer {number}", SERVED)

    assert (len(memory), memory.find("open", "asked", "answer 4")) == (2, {QUERY.fingerprint: SERVED})


def test_an_erasure_forgets_the_turns_of_its_namespace() -> None:
    memory = Conversations()
    for namespace in ("open", "other"):
        memory.note(replace(QUERY, namespace=namespace), "answer", SERVED)
    memory.erase(Purge("open"))

    assert ("open" in memory.turns, "other" in memory.turns) == (False, True)
