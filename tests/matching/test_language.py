import pytest

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.language import is_english


@pytest.mark.parametrize(
    "text",
    [
        "how do i cancel my order", "what is the eu", "eu regulations", "flights from rio de janeiro", "weather",
        "what is la liga", "你好", "",
    ],
)  # fmt: skip
def test_english_and_texts_without_function_words_are_english(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "como eu cancelo o pedido", "eu quero um reembolso", "¿cómo puedo cancelar mi pedido?", "wie kann ich kündigen",
        "comment annuler ma commande", "dove posso trovare il mio ordine", "hoe kan ik mijn wachtwoord wijzigen",
    ],
)  # fmt: skip
def test_other_languages_are_not_english(text: str) -> None:
    assert not is_english(text)


def test_portuguese_eu_is_no_union() -> None:
    assert comparable("Como eu cancelo o pedido?") == "como eu cancelo o pedido?"


def test_the_english_eu_is_the_union() -> None:
    assert comparable("Which countries are in the EU?") == comparable("which countries are in the european union")
