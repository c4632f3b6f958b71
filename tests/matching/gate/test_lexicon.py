from __future__ import annotations

import numpy as np

from sentinel_core.matching.gate import lexicon


def test_each_word_has_a_unit_vector_of_its_own() -> None:
    rows = lexicon.vectors(range(len(lexicon.ranks())))

    assert rows.shape == (len(lexicon.ranks()), 64)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert np.array_equal(rows[[lexicon.ranks()["model"]]], lexicon.vectors([lexicon.ranks()["model"]]))


def test_ranks_follow_the_list_from_its_most_frequent_word_on() -> None:
    listed = lexicon.lines("words.txt")

    assert list(lexicon.ranks().items()) == [(word, place) for place, word in enumerate(listed)]


def test_synonyms_are_pairs_of_words_that_are_not_listed_as_alike() -> None:
    words = lexicon.lines("synonyms.txt")
    pairs = list(zip(words[::2], words[1::2], strict=True))
    alike = lexicon.alike()

    assert pairs == sorted(set(pairs))
    assert ("additional", "extra") in pairs
    assert [pair for pair in pairs if alike.get(pair[0], frozenset()) & alike.get(pair[1], frozenset())] == []
    assert all(lexicon.synonyms()[one] & lexicon.synonyms()[other] for one, other in pairs)
