"""Word lists derived from WordNet 3.1 (licence beside them), each loaded at its first use."""

from __future__ import annotations

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import function_words, word_set
from sentinel_core.matching.known_words import listed

_BRANDS = word_set(
    "august apple jordan target shell oracle gap subway sprint orange dove tide discover word excel access teams "
    "outlook edge chrome signal slack zoom notion square stripe meta windows amazon twitch snap uber nest gold delta "
    "virgin puma bounty galaxy note surface unity blender flask spring react rails express go swift rust ruby spark "
    "jaguar beetle polo mustang corvette lincoln will mark frank rob grant sue rose drew chase dean grace heath hope "
    "hunter ivy joy june lance miles olive pearl penny pierce reed robin rod sandy stew victor violet ward "
    "mead mole cal"
)
"""Names of companies, products and people that are common words; and units and people, as `Cal`."""


def has_two_cases(word: str) -> bool:
    """Whether a dictionary has the word in more than one way of writing: `polish`, `who`, the plural `windows`."""
    if word in listed("both_cases") or word in _BRANDS:
        return True
    return is_name(word) and (word in function_words() or lexicon.base(word) != word)


def is_name(word: str) -> bool:
    """Whether a dictionary has the common word with a capital only, as `France` and `HTML`."""
    return word in listed("capitals_only")


def is_rare_word(word: str) -> bool:
    """Whether the word is a real one although it looks like a slip of a commoner word, as `chlorite` and `faxing`."""
    return word in listed("rare_words") or word in listed("real_words")
