from __future__ import annotations

import random
import string
from collections.abc import Callable

import pytest
from stdnum import iban, luhn, verhoeff
from stdnum.es import dni
from stdnum.iso7064 import mod_11_10
from stdnum.pl import pesel

from sentinel_core.cache.personal_data import Kind, find, mask
from sentinel_core.cache.personal_data.detection import LONGEST, MOST_NUMBERS

SENTENCES = (
    "My {} please.",
    "{}",
    "Is ({}) right?",
    "number={}",
    "I was charged twice: {}. What now?",
    "To {},\nthanks",
)
LETTERS, DIGITS = string.ascii_letters + string.digits, string.digits
PHONES = ("+49 1## ########", "+1-###-###-####", "(2##) 555-####", "2##.555.####", "0#### ######",
          "+33 (0)1 ## ## ## ##",          "06 ## ## ## ##",
          "+44(0)20 #### ####", "1-800-555-####", "2##-555-####x##", "6## ### ###")  # fmt: skip
CREDENTIALS = ("sk-proj-" + "?" * 48, "ghp_" + "?" * 36, "gsk_" + "?" * 40, "AKIA" + "^" * 16, "AIza" + "?" * 35,
               "xoxb-############-" + "?" * 24, "glpat-" + "?" * 20, "eyJ" + "?" * 30 + "." + "?" * 60 + "." + "?" * 40,
               "postgres://bob:" + "?" * 12 + "@db.example/orders", "password: " + "?" * 6 + "7x")  # fmt: skip

draw = random.Random(7)  # noqa: S311


def filled(shape: str) -> str:
    choices = {"#": DIGITS, "?": LETTERS, "^": string.ascii_uppercase + string.digits}
    return "".join(draw.choice(choices[sign]) if sign in choices else sign for sign in shape)


def card() -> str:
    number = draw.choice(("4", "51", "37", "6011", "2221", "35"))
    number += filled("#" * ((14 if number == "37" else 15) - len(number)))
    number += luhn.calc_check_digit(number)
    gap = draw.choice(("", " ", "-"))
    return gap.join(number[at : at + 4] for at in range(0, len(number), 4))


def account() -> str:
    country, shape = draw.choice(
        (("DE", "#" * 18), ("GB", "NWBK" + "#" * 14), ("FR", "#" * 23), ("NL", "ABNA" + "#" * 10))
    )
    body = filled(shape)
    number = country + iban.calc_check_digits(f"{country}00{body}") + body
    return draw.choice((number, iban.format(number), iban.format(number).lower()))


def email() -> str:
    name, host = draw.choice(("lee", "müller", "o+news", "x_y")), draw.choice(("mail.example.co.uk", "acme.com"))
    return f"{filled('??')}.{name}@{host}"


def checked(first: str, digits: int, check: Callable[[str], str]) -> str:
    body = draw.choice(first) + filled("#" * (digits - 1))
    return body + check(body)


def german_id() -> str:
    body = draw.choice(DIGITS[1:]) + "".join(draw.sample(DIGITS, 9))
    return body + mod_11_10.calc_check_digit(body)


NATIONAL_IDS: tuple[Callable[[], str], ...] = (
    german_id,
    lambda: filled("5##-4#-####"),
    lambda: filled("AB ## ## ## C"),
    lambda: filled("8#0#1#-2######"),
    lambda: checked("123456789", 8, dni.calc_check_digit),
    lambda: checked("456789", 10, pesel.calc_check_digit),
    lambda: checked("23456789", 11, verhoeff.calc_check_digit),
)


def national_id() -> str:
    return draw.choice(NATIONAL_IDS)()


MAKERS: dict[Kind, Callable[[], str]] = {
    Kind.CARD: card,
    Kind.IBAN: account,
    Kind.EMAIL: email,
    Kind.PHONE: lambda: filled(draw.choice(PHONES)),
    Kind.NATIONAL_ID: national_id,
    Kind.CREDENTIAL: lambda: filled(draw.choice(CREDENTIALS)),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_nearly_all_generated_values_are_found(kind: Kind) -> None:
    missed = []
    for _ in range(500):
        value = MAKERS[kind]()
        text = draw.choice(SENTENCES).format(value)
        if value.strip("()") in mask(text, find(text)) or not find(text):
            missed.append(text)

    assert len(missed) <= 10, missed


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "Compare 2019, 2020 and 2021.",
        "What is 1000000000 / 25000?",
        "On 2024-11-28 at 10:45 and on 28.11.2024 10:45",
        "Sort 1 2 3 4 5 6 7 8 9 10 in C",
        "pi is 3.14159265358979",
        "Windows 10.0.19045.3930 and Python 3.11.7",
        "How do I use @decorators in Python?",
        "The task-manager is a risk-based to-do list",
        "What does HTTP 404 mean for sk-learn pipelines?",
        "Is $1,250,000 a good price?",
    ],
)
def test_ordinary_prompts_hold_no_personal_data(text: str) -> None:
    assert list(find(text)) == []


def test_a_mask_names_the_kind_and_keeps_the_rest() -> None:
    text = "Mail bob@acme.com or call +49 171 2345678, card 4111 1111 1111 1111."

    assert mask(text, find(text)) == "Mail [e-mail] or call [phone], card [card]."


def test_values_in_other_digits_are_found() -> None:
    assert [each.kind for each in find("card ４１１１ １１１１ １１１１ １１１１")] == [Kind.CARD]


@pytest.mark.parametrize("text", ["a" * (LONGEST + 1), "12 " * (MOST_NUMBERS + 1)])
def test_a_text_beyond_the_bounds_is_masked_as_a_whole(text: str) -> None:
    assert [each.kind for each in find(text)] == [Kind.UNREAD]
    assert mask(text, find(text)) == "[unread]"
