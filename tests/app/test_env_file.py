from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_core.app.env_file import MAX_BYTES, merged, variables
from sentinel_core.errors import ConfigurationError


def test_a_variable_that_is_set_wins_also_if_it_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("A=file\nB=file\nC=file\n")

    assert merged({"A": "shell", "B": ""}) == {"A": "shell", "B": "", "C": "file"}


def test_without_a_file_the_environment_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert merged({"A": "shell"}) == {"A": "shell"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("A='b c' # comment", "b c"),
        ('A="b#c"', "b#c"),
        ("A=b # comment", "b"),
        ("A=", ""),
        ("A=${HOME}", "${HOME}"),
        ("# comment\nA=b\r", "b"),
    ],
)
def test_lines_are_read_as_shells_read_them(line: str, value: str) -> None:
    assert variables(line + "\n") == {"A": value}


@pytest.mark.parametrize("text", ["B=1\nA", "B=1\nA='open\n", "B=1\n=x\n"])
def test_a_bad_line_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        variables(text)

    assert str(caught.value) == ".env, line 2: must be NAME=value"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"A=\xff", "is not UTF-8"), (b"#" * (MAX_BYTES + 1), "is larger than 1 MiB"), (None, "cannot read")],
)
def test_an_unreadable_file_stops_the_start(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    file = tmp_path / "x.env"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=complaint):
        merged({}, str(file))
