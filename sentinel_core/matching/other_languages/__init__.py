"""Compares prompts in languages that the embedder does not read, by their words; knows nothing of cosines."""

from sentinel_core.matching.other_languages.comparison import asks_the_same
from sentinel_core.matching.other_languages.differences import difference
from sentinel_core.matching.other_languages.reading import question_of

__all__ = ["asks_the_same", "difference", "question_of"]
