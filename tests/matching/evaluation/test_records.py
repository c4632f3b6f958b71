import gzip
from pathlib import Path

import pytest

from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.evaluation.records import BadRow, Pair, Request, read


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode())
    return path


PAIR = '{"a": "How do I pay?", "b": "How can I pay?", "same": 1, "source": "shop", "kind": "wording"}\n'
STREAM = '{"prompt": "hi", "answer_id": "x:1", "source": "bot", "ns": "t1"}\n'


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz"])
def test_pairs_are_read_as_asked_of_a_cache_that_holds_the_first(tmp_path: Path, name: str) -> None:
    assert list(read(_file(tmp_path, name, PAIR))) == [Pair("How can I pay?", "How do I pay?", True, "shop", "wording")]


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_a_csv_has_a_heading_and_may_leave_columns_out(tmp_path: Path, name: str) -> None:
    text = 'prompt,answer_id\n"Hello, you",7\n'
    assert list(read(_file(tmp_path, name, text))) == [Request("Hello, you", "7", "s", "", "")]


def test_a_stream_keeps_its_namespace(tmp_path: Path) -> None:
    assert list(read(_file(tmp_path, "s.jsonl", STREAM))) == [Request("hi", "x:1", "bot", "t1", "")]


def test_a_conversation_is_a_pair_with_the_turns_before_it(tmp_path: Path) -> None:
    row = '{"a": [{"role": "user", "content": "x"}, {"content": "y"}], "b": [{"content": "z"}], "same": 0}'
    (found,) = read(_file(tmp_path, "c.jsonl", row))
    assert found == Pair("z", "y", False, "c", "", ("[]", '[{"content": "x", "role": "user"}]'))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("not json", "a row is a JSON object"),
        ("[1]", "a row is a JSON object"),
        ("[" * 100_000, "a row is a JSON object"),
        ('{"x": 1}', "a row needs a, b and same, or prompt and answer_id"),
        ('{"a": "x", "same": 1}', "b is a text that is not empty"),
        ('{"a": "x", "b": " ", "same": 1}', "b is a text that is not empty"),
        ('{"a": "x", "b": "y"}', "same is 0 or 1"),
        ('{"a": "x", "b": "y", "same": "yes"}', "same is 0 or 1"),
        ('{"a": [], "b": [{"content": "x"}], "same": 1}', "a is a list of messages"),
        ('{"a": [{"content": "x"}], "b": 3, "same": 1}', "b is a list of messages"),
        ('{"prompt": "x"}', "answer_id is a text that is not empty"),
        ('{"prompt": "x", "answer_id": "1", "source": 4}', "source is a text"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_the_rule_and_the_rest_is_read(
    tmp_path: Path, row: str, rule: str
) -> None:
    found = list(read(_file(tmp_path, "p.jsonl", PAIR + row + "\n\n" + PAIR)))
    assert found[1] == BadRow("p.jsonl", 2, rule)
    assert [type(record) for record in found] == [Pair, BadRow, Pair]


@pytest.mark.parametrize("content", [b"\x1f\x8b broken", b""])
def test_a_file_that_cannot_be_read_is_the_operators_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.jsonl.gz"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"p\.jsonl\.gz"):
        list(read(path))
