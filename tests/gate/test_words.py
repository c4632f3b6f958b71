from __future__ import annotations

import numpy as np

from sentinel_core.gate import words


def test_each_word_has_a_unit_vector_of_its_own() -> None:
    rows = np.stack([words.vector(place) for place in range(len(words.ranks()))])

    assert rows.shape == (len(words.ranks()), 64)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert np.array_equal(rows[words.ranks()["model"]], words.vector(words.ranks()["model"]))


def test_ranks_follow_the_list_from_its_most_frequent_word_on() -> None:
    listed = words.lines("words.txt")

    assert list(words.ranks().items()) == [(word, place) for place, word in enumerate(listed)]
