"""The name under a stored mail keeps its answer from others."""

from __future__ import annotations

import pytest

from sentinel_core.matching.mail import author, without_mail
from sentinel_core.matching.residual import compare

QUESTION = "how do I cancel a standing order?"


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ("Thanks,\nMaria", "Maria"),
        ("Kind regards\nLi Wei\n\nSent from my iPhone", "Li Wei"),
        ("Best, Tom", "Tom"),
        ("Mit freundlichen Grüßen\nK. Brandt", "K. Brandt"),
        ("Thank you very much!", ""),
        ("Many thanks in advance\nKind regards", ""),
    ],
)
def test_the_name_under_a_mail_is_its_author(end: str, name: str) -> None:
    mail = f"Hi,\n\n{QUESTION}\n\n{end}"

    assert (without_mail(mail), author(mail), author(QUESTION)) == (QUESTION, name, "")


def test_an_answer_to_a_signed_mail_is_not_reused_for_others() -> None:
    signed, other = f"Hi,\n\n{QUESTION}\n\nThanks,\nMaria", f"Hi,\n\n{QUESTION}\n\nThanks,\nTom"

    assert [compare(QUESTION, signed).rule, compare(other, signed).rule] == ["rest", "rest"]
    assert [compare(signed, QUESTION).is_same, compare(signed, signed.replace("Hi", "Hello")).is_same] == [True, True]
