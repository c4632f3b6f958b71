from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_core.support.rows import problem_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "there is no file a.csv"),
        (IsADirectoryError(21, "Is a directory", "a"), "a is a folder, not a file"),
        (PermissionError(13, "Permission denied", "a.csv"), "a.csv: this user has no permission"),
        (OSError(28, "No space left on device", "a.csv"), "a.csv: No space left on device"),
        (EOFError("ends early"), "b.gz: ends early"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_words(error: Exception, said: str) -> None:
    assert problem_of(error, Path("b.gz")) == said
