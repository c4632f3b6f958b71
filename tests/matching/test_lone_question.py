"""A question is found behind a mail, markup and courtesy at once, and longer prompts are left as they are."""

from __future__ import annotations

from sentinel_core.matching.lone_question import LONGEST, lone_question

MAIL = "Subject: password\n\nHi team,\n\n{}\n\nBest regards,\nTom"


def test_all_frames_of_a_question_are_taken_away() -> None:
    bare = "How do I reset my password?"

    assert lone_question(bare) == bare
    assert lone_question(MAIL.format(bare)) == bare
    assert lone_question(f"> {bare}") == bare
    assert lone_question(f"Could you please tell me {bare.lower()}") == bare.replace("I", "i")


def test_a_long_prompt_is_left_as_it_is() -> None:
    long = MAIL.format("How do I reset my password" + "?" * LONGEST)

    assert lone_question(long) == long
