from __future__ import annotations

import bz2
import gzip
import io
import json
from typing import Any

import pytest

from sentinel_core.app.estimate.rows import rows
from sentinel_core.support.rows import MAX_ROW_BYTES, BadRow

PLAIN = {"messages": [{"role": "user", "content": "Why is the sky blue?"}]}
LONG = json.dumps({"prompt": "x" * MAX_ROW_BYTES})


def read(content: bytes | str) -> list[Any]:
    return list(rows(io.BytesIO(content.encode() if isinstance(content, str) else content)))


def lines(*values: object) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ("first\n\n  \nsecond", [(1, "first"), (4, "second")]),
        ("\ufefffirst\r\nsecond\r\n", [(1, "first"), (2, "second")]),
        ('"first"\n"second"\n', [(1, "first"), (2, "second")]),
        (lines(PLAIN, PLAIN), [(1, PLAIN), (2, PLAIN)]),
        (json.dumps([PLAIN, PLAIN]), [(1, PLAIN), (2, PLAIN)]),
        (json.dumps([PLAIN, PLAIN], indent=2), [(1, PLAIN), (2, PLAIN)]),
        (json.dumps({"data": [{"id": 1}, {"id": 2}]}, indent=1), [(1, {"id": 1}), (1, {"id": 2})]),
        ('prompt,model\n"a, b",m\n', [(2, {"prompt": "a, b", "model": "m"})]),
        ("Prompt;Model\na;m\n", [(2, {"Prompt": "a", "Model": "m"})]),
        ("prompt\tmodel\na\tm\n", [(2, {"prompt": "a", "model": "m"})]),
    ],
)
def test_the_format_is_found_by_content(content: str, expected: list[Any]) -> None:
    assert read(content) == expected
    assert read(gzip.compress(content.encode())) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_read_with_and_without_a_mark(encoding: str) -> None:
    assert read("first\nsécond\n".encode(encoding)) == [(1, "first"), (2, "sécond")]
    assert read(gzip.compress("prompt\nfirst\n".encode(encoding))) == [(2, {"prompt": "first"})]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            gzip.compress(gzip.compress(b"a\n", mtime=0), mtime=0),
            "a gzip file within a gzip file, not text: unpack or export it first",
        ),
        (bz2.compress(b"a\n"), "a bzip2 file, not text: unpack or export it first"),
        (b"PAR1\r\rprompt", "a Parquet file, not text: unpack or export it first"),
        (b"ab\0\1\r\2prompt\n", "not text: its first line holds NUL bytes"),
    ],
)
def test_a_file_that_is_no_text_is_one_bad_row(content: bytes, reason: str) -> None:
    assert read(content) == [BadRow(1, reason)]


def test_a_heading_that_is_no_csv_is_plain_text() -> None:
    assert read("a\rprompt\n") == [(1, "a\rprompt")]


def test_lines_that_end_with_carriage_returns_are_read() -> None:
    assert read(b"prompt,model\ra,m\r\xff,m\r") == [(2, {"prompt": "a", "model": "m"}), BadRow(3, "not UTF-8")]


def test_an_element_of_another_encoding_is_a_bad_row() -> None:
    content = '[{"prompt":"a"},{"prompt":"gr\xfcn"},{"prompt":"\\udc80"}]'.encode("latin-1")

    assert read(content) == [(1, {"prompt": "a"}), BadRow(2, "not UTF-8"), (3, {"prompt": "\udc80"})]


def test_a_number_of_thousands_of_digits_is_a_bad_element() -> None:
    content = '[{"prompt":"a"},{"n":' + "9" * 5_000 + '},{"prompt":"b"}]'

    assert read(content) == [(1, {"prompt": "a"}), BadRow(2, "not JSON"), (3, {"prompt": "b"})]


def test_a_list_of_mixed_values_gives_each_of_them() -> None:
    assert read('{"data": [{"prompt": "a"}, 5, null]}') == [(1, {"prompt": "a"}), (1, 5), (1, None)]


def test_all_rows_before_a_wrong_checksum_are_read() -> None:
    values = [{"prompt": f"prompt {n}"} for n in range(3_000)]

    found = read(gzip.compress(lines(*values).encode())[:-8] + bytes(8))

    assert found[:-1] == [(n, value) for n, value in enumerate(values, 1)]
    assert found[-1] == BadRow(3_001, "the gzip file ends early or is damaged: the rest cannot be read")


def test_rubbish_after_a_gzip_file_is_named() -> None:
    assert read(gzip.compress(b"first\n") + b"rubbish") == [
        (1, "first"),
        BadRow(2, "the gzip file ends early or is damaged: the rest cannot be read"),
    ]


def test_members_of_a_gzip_file_follow_each_other() -> None:
    assert read(gzip.compress(b"first\n") + gzip.compress(b"second\n")) == [(1, "first"), (2, "second")]


def test_a_cut_gzip_file_gives_the_rows_before_the_cut() -> None:
    whole = gzip.compress(lines(*({"prompt": f"prompt {n}"} for n in range(1000))).encode())

    found = read(whole[: len(whole) // 2])

    good = [row for row in found if not isinstance(row, BadRow)]
    assert len(good) > 100
    assert good == [(n, {"prompt": f"prompt {n - 1}"}) for n in range(1, len(good) + 1)]
    assert found[-1].reason == "the gzip file ends early or is damaged: the rest cannot be read"


def test_bad_lines_are_skipped_with_their_number_and_reason() -> None:
    content = lines(PLAIN).encode() + b"{broken\n\xff\n" + LONG.encode() + b"\n" + lines(PLAIN).encode()

    assert read(content) == [
        (1, PLAIN),
        BadRow(2, "not JSON"),
        BadRow(3, "not UTF-8"),
        BadRow(4, f"longer than {MAX_ROW_BYTES} bytes"),
        (5, PLAIN),
    ]


def test_bad_elements_of_an_array_are_skipped() -> None:
    content = "[\n" + ",\n".join([json.dumps(PLAIN), '{"a": nope, "b": {}}', LONG, json.dumps(PLAIN)]) + "\n]"

    assert read(content) == [
        (1, PLAIN),
        BadRow(2, "not JSON"),
        BadRow(3, f"longer than {MAX_ROW_BYTES} bytes"),
        (4, PLAIN),
    ]


def test_bad_rows_of_a_csv_file_are_skipped() -> None:
    content = b'prompt,model\na,m\nonly\nwrong \xff,m\n"two\nlines",m\n'

    assert read(content) == [
        (2, {"prompt": "a", "model": "m"}),
        BadRow(3, "another number of cells than the heading"),
        BadRow(4, "not UTF-8"),
        (6, {"prompt": "two\nlines", "model": "m"}),
    ]
