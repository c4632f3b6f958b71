"""What two prompts share is set aside; the rest is judged, or refused where it cannot be one request."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.matching.residual import Comparison, compare
from sentinel_core.matching.residual.comparison import LONGEST
from sentinel_core.matching.residual.reasons import without_reason

FACTS = "The Falcon S comes with a warranty of two years. It weighs 346 grams. It is made in Porto from plastic."
HEAVY, WEIGHT = "How heavy is the Falcon S?", "What does the Falcon S weigh?"

MANY_FACTS = (
    f"{FACTS} A full charge of the battery lasts five hours. The strap is sold in three lengths and may be washed. "
    "It came out in the spring and was drawn by a small team."
)

ORDER = f"Put in order the steps given here.\n{FACTS}"

PROSE = ("The tower was painted red in the spring by two men.", "A lift to the top was built by the town a year later.")
MAILS = f"From: Anna\n{{}}\n\nFrom: Jorge\n{{}}\n\nFrom: Mei\nThe park is open until ten in summer.\n\n{HEAVY}"
ONE_ID, OTHER_ID = "550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

ENVELOPES = {
    "labels": f"Answer from the context.\nContext: {FACTS}\nQuestion: {{}}",
    "question first": f"Question: {{}}\n\nUse only these facts.\n{FACTS}",
    "xml": f"<context>{FACTS}</context>\n<question>{{}}</question>",
    "markdown": f"## Facts\n{FACTS}\n\n## Question\n{{}}\n\n## Answer",
    "label in a line": f"{FACTS} The user asks: {{}}",
    "clause before": f"{FACTS}\n\nBased on the text, {{}}",
    "marks between turns": f"<|im_start|>system\n{FACTS}<|im_end|>\n<|im_start|>user\n{{}}<|im_end|>",
    "numbered passages": "[1] It is red.\n" + f"[2] {FACTS}\n[3] It is old.\n\n{{}}",
    "times before turns": f"[10:02] agent: {FACTS}\n[10:04] customer: {{}}",
    "request after": f"{FACTS}\n\n{{}} Cite the passages you used.",
    "colon before": f"{FACTS} Now please tell me this: {{}}",
    "character data": f"<c><![CDATA[{FACTS}]]></c><q><![CDATA[{{}}]]></q>",
    "letters before passages": f"Passage A) {FACTS}\nPassage B) It is as red as a rose.\n\n{{}}",
    "solved examples": f"Input: Who wrote Hamlet?\nOutput: Shakespeare.\n\n{FACTS}\n\nInput: {{}}\nOutput:",
    "middle": f"{FACTS}\n\n{{}}\n\nReply in one short sentence and without any greeting.",
}


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
def test_only_the_questions_are_judged_in_an_envelope(envelope: str) -> None:
    compared = compare(envelope.format(HEAVY), envelope.format(WEIGHT))

    assert (compared.rule, compared.asked, compared.stored, compared.is_whole) == (None, HEAVY, WEIGHT, False)


def test_a_python_dict_leaves_the_questions() -> None:
    asked, stored = (repr({"context": [FACTS], "question": question}) for question in (HEAVY, WEIGHT))

    compared = compare(asked, stored)

    assert (compared.asked, compared.stored) == (HEAVY, WEIGHT)


def test_a_json_envelope_leaves_the_questions() -> None:
    asked, stored = (json.dumps({"context": FACTS, "question": question}) for question in (HEAVY, WEIGHT))

    assert compare(asked, stored) == Comparison(HEAVY, WEIGHT)


def test_a_score_of_a_passage_is_no_instruction() -> None:
    passages = [{"id": 1, "score": 0.8, "text": FACTS}]
    asked, stored = (json.dumps({"chunks": passages, "ask": question}, indent=2) for question in (HEAVY, WEIGHT))

    compared = compare(asked, stored)

    assert (compared.rule, HEAVY in compared.asked, FACTS in compared.asked) == (None, True, False)


def test_a_question_broken_into_lines_is_one_question() -> None:
    questions = ("How heavy is the red Falcon S that came out this year{}if I take off the strap?",
                 "What does the red Falcon S that came out this year weigh{}without its strap?")  # fmt: skip

    asked, stored = (f"{FACTS}\n\n{question.format(chr(10))}" for question in questions)
    compared = compare(asked, stored)

    assert (compared.asked, compared.stored) == tuple(question.format(" ") for question in questions)


@pytest.mark.parametrize("lead", ["", "Based on the mails above: "])
def test_a_request_beside_passages_keeps_all_its_words(lead: str) -> None:
    form = (
        f"{MANY_FACTS}\n\n{lead}Give me the weight, the {{}} and the place of all that is made from plastic in Porto."
    )

    compared = compare(form.format("day"), form.format("date"))

    assert compared.asked == form.format("day").partition(f"\n\n{lead}")[2]


@pytest.mark.parametrize(
    "form",
    [
        "request_id: {0}\nx-trace-id: 8f3a2b1c{2}\n\n{1}",
        '{{"requestId": "{0}", "context": "' + FACTS + '", "question": "{1}"}}',
        "{1}\n\nTool call call_9fK2{2}xyzab returned: " + FACTS,
        "session: {0}\n" + FACTS + "\nThe next speaker asks: {1}",
    ],
    ids=["header", "member", "tool call", "session"],
)
def test_ids_of_a_call_say_nothing(form: str) -> None:
    one, other = form.format(ONE_ID, HEAVY, "ab1"), form.format(OTHER_ID, HEAVY, "b22c")

    assert compare(one, other) == compare(other, one) == Comparison(is_same=True)


def test_numbered_passages_in_another_order_are_refused() -> None:
    one, two = "The Falcon S weighs 346 grams in all.", "The Falcon S is made in Porto from plastic."

    compared = compare(f"1. {one}\n2. {two}\n\n{HEAVY}", f"1. {two}\n2. {one}\n\n{WEIGHT}")

    assert compared.rule == "rest"


@pytest.mark.parametrize(
    "form",
    [
        'facts: "{facts}"\nask: "{question}"',
        "Question: {question}\n\n{facts}\n\nAgain, the question is: {question}",
        'Somebody sent a file and asks: "{question}"\n\n{facts}\n\nAnswer the question "{question}" and name the page.',
        "{facts}\n\nThe customer wrote the following message: {question}",
        "n\tpassage\n1\t{facts}\nQ\t{question}",
    ],
    ids=["quoted value", "said twice", "said twice in sentences", "message of a customer", "tabs"],
)
def test_questions_are_left_of_further_forms(form: str) -> None:
    asked, stored = (form.format(facts=MANY_FACTS, question=question) for question in (HEAVY, WEIGHT))

    compared = compare(asked, stored)

    assert (compared.rule, compared.shares_passages) == (None, True)
    assert (compared.asked.endswith(HEAVY), FACTS in compared.asked) == (True, False)


def test_another_passage_under_one_request_is_refused() -> None:
    form = "{facts}\n{passage}\n\nList the colours that are named."
    one, other = "In May the tower was painted red by two men.", "In June the tower was painted red by two men."

    compared = compare(form.format(facts=MANY_FACTS, passage=one), form.format(facts=MANY_FACTS, passage=other))

    assert compared.rule == "rest"


def test_few_shared_words_are_no_passages() -> None:
    template = "write a friendly and short reply in plain words to a customer of our bank who says "

    assert not compare(template + "my card was stolen today", template + "somebody took my card").shares_passages


def test_a_long_shared_beginning_without_sentences_is_set_aside() -> None:
    template = "write a friendly and short reply in plain words to a customer of our bank who says "

    assert compare(template + "my card was stolen today", template + "somebody took my card") == Comparison(
        "my card was stolen today", "somebody took my card"
    )


MOVED = (
    (
        f"Answer from the context.\nContext: {FACTS}\nQuestion: {HEAVY}",
        f"{HEAVY}\nAnswer from the context.\nContext: {FACTS}",
    ),
    (f"<c>{FACTS}</c>\n<question>{HEAVY}</question>", f"<question>{HEAVY}</question>\n<c>{FACTS}</c>"),
    (f"## Facts\n{FACTS}\n## Question\n{HEAVY}", f"## Question\n{HEAVY}\n## Facts\n{FACTS}"),
    (json.dumps({"context": FACTS, "question": HEAVY}), json.dumps({"question": HEAVY, "context": FACTS})),
)


@pytest.mark.parametrize(("asked", "stored"), MOVED)
def test_a_question_before_or_behind_its_passages_is_one(asked: str, stored: str) -> None:
    assert compare(asked, stored) == compare(stored, asked) == Comparison(is_same=True)


def test_a_question_moved_in_indented_text_is_refused() -> None:
    lines = "def f():\n    return the sum of all the numbers in the list"

    assert compare(f"What does it do?\n{lines}", f"{lines}\nWhat does it do?").rule is not None


BLOCK, WAX = "How do I block my card?", "How do I remove candle wax from a tablecloth?"


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (f"I lost my wallet yesterday. {BLOCK}", BLOCK),
        (f"{BLOCK} I lost my wallet yesterday.", BLOCK),
        ("My candle dripped everywhere last night, so how do I remove candle wax from a tablecloth?", WAX),
        ("We're covering this in class tomorrow. What is compound interest?", "What is compound interest?"),
        ("I keep seeing it in the ads: what does APR stand for?", "What does APR stand for?"),
        ("J'ai renversé mon verre hier soir. Comment enlever une tache de vin ?", "Comment enlever une tache de vin ?"),
        ("Ich habe gestern meine Tasche verloren. Wie sperre ich meine Karte?", "Wie sperre ich meine Karte?"),
        ("My daughter and I could not agree last night. What is the capital of Fiji?", "What is the capital of Fiji?"),
        ("We sat on the balcony, it was beautiful. How far is the Moon from Earth?", "How far is the Moon from Earth?"),
        ("We adopted a puppy. How many hours do dogs sleep?", None),
        ("I live in Texas. What is the drinking age in bars?", None),
        ("I have a toddler. What is the normal body temperature?", None),
        ("We keep pumps going. What is a seal?", None),
        ("Suppose it rains. How many people watch the match?", None),
        ("I am pregnant. How do I treat a headache?", None),
        ("My phone is an Android. How do I take a screenshot?", None),
        ("I got married last week. How do I change my name on my passport?", None),
        ("My son lost his card. How do I block a card?", None),
        ("I lost my card. How do I pay with my card?", None),
        ("I am tired. Can I drive to Munich tonight?", None),
        ("I lost my ticket. What do I do?", None),
        ("If I lose my pass, what do I do at the gate?", None),
        ("I just cooked. How do I cook it again?", None),
        ("I am 67. When can I draw my pension?", None),
        ("On weekends, is the gym open before 8?", None),
        ("This morning, is the gym open?", None),
    ],
)
def test_a_reason_that_changes_no_answer_is_set_aside(asked: str, question: str | None) -> None:
    assert without_reason(asked) == (question or asked)


def test_short_questions_are_judged_whole() -> None:
    assert compare(HEAVY, WEIGHT) == Comparison(HEAVY, WEIGHT, is_whole=True)


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        (f"{FACTS}\n{HEAVY}", HEAVY),
        (f"{FACTS} It is painted red.\n{HEAVY}", f"{FACTS}\n{HEAVY}"),
        (f"Context: {FACTS}\nQuestion: {HEAVY}", f"Context: {FACTS.replace('346', '364')}\nQuestion: {HEAVY}"),
        (f"{ORDER}\nfirst\nsecond", f"{ORDER}\nsecond\nfirst"),
        (f"{FACTS}\nTeam: red", f"{FACTS}\nTeam: blue"),
        (f"It loads 100 Mb/s. {FACTS}\n{HEAVY}", f"It loads 100 MB/s. {FACTS}\n{HEAVY}"),
        (f"{FACTS}\nIs the reading > 5?", f"{FACTS}\nIs the reading < 5?"),
        (f"{MANY_FACTS}\n{PROSE[0]}\n{HEAVY}", f"{MANY_FACTS}\n{PROSE[0].replace('the spring', 'a spring')}\n{HEAVY}"),
        tuple(f"{MANY_FACTS}\nSelect {step} and press the red key.\n\n{HEAVY}" for step in ("Weight", "Scale")),
        (MAILS.format(*PROSE), MAILS.format(*PROSE[::-1])),
        *((head.format(ONE_ID), head.format(OTHER_ID)) for head in (
            f"request_id: {{}}\n{FACTS}\nWhat is the id of this request?",
            f"request_id: {{}}\nInclude the request id in your reply.\n{FACTS}\n{HEAVY}",
            f"session_id: {{}}\n{FACTS}\nWhat have I put in my cart?",
            f"order_id: {{}}\n{FACTS}\n{HEAVY}",
        )),
    ],
    ids=["context on one side", "one fact more", "another context", "another order", "another word in a slot",
         "another unit", "another sign",
         "another word in a passage", "another step", "mails of others", "question about an id", "id in the answer",
         "session of a speaker", "id of an order"],
)  # fmt: skip
def test_prompts_that_lack_text_of_each_other_are_refused(asked: str, stored: str) -> None:
    assert compare(asked, stored).rule is not None
    assert compare(stored, asked).rule is not None


def test_blanks_at_line_ends_of_long_prompts_say_nothing() -> None:
    prompt = "\n".join([FACTS] * 100)

    assert compare(prompt, prompt.replace(".\n", ".  \n") + "\n") == Comparison(is_same=True)


def test_long_prompts_are_compared_by_their_questions() -> None:
    facts = "\n".join(f"Fact {number}: {FACTS}" for number in range(2_000))

    compared = compare(f"{facts}\n{HEAVY}", f"{facts}\n{WEIGHT}")

    assert compared == Comparison(HEAVY, WEIGHT, shares_passages=True)


def test_prompts_past_the_bound_are_refused_unread() -> None:
    assert compare("a" * (LONGEST + 1), "a" * LONGEST).rule == "length"


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_comparing_is_symmetric_and_takes_any_text(shared: str, one: str, other: str) -> None:
    left, right = compare(shared + one, shared + other), compare(shared + other, shared + one)

    assert (left.rule is None, left.is_same, left.is_whole) == (right.rule is None, right.is_same, right.is_whole)
    assert (left.asked, left.stored) == (right.stored, right.asked)
