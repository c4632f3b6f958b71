from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.support import csv_records
from sentinel_core.support.csv_records import csv_rows
from sentinel_core.support.rows import MAX_ROW_BYTES, BadRow, lines

UNCLOSED = "a quote that opens in this row is not closed as CSV wants it"


def read(content: str | bytes) -> list[Any]:
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return list(csv_rows(lines(io.BytesIO(raw)), ","))


def rows(*cells: Sequence[str], start: int = 2) -> list[Any]:
    return [(number, {"q": q, "a": a}) for number, (q, a) in enumerate(cells, start)]


@pytest.mark.parametrize(
    ("bad", "after"),
    [
        ('x,"open\n', "one,1\ntwo,2\n"),
        ('"open,y\n', "one,1\ntwo,2\n"),
        ('"open,y\n', '"one","1"\ntwo,2\n'),
        ('x,"open\n', 'one,"1"\n"two",2\n'),
        ('x,"open ""twice""\n', "one,1\ntwo,2\n"),
    ],
)
def test_an_unclosed_quote_costs_its_own_row(bad: str, after: str) -> None:
    assert read("q,a\nfirst,0\n" + bad + after) == [
        *rows(("first", "0")),
        BadRow(3, UNCLOSED),
        *rows(("one", "1"), ("two", "2"), start=4),
    ]


def test_an_unclosed_quote_in_the_last_row_is_named() -> None:
    assert read('q,a\none,1\nx,"open') == [*rows(("one", "1")), BadRow(3, UNCLOSED)]


def test_several_unclosed_quotes_are_each_named() -> None:
    content = "q,a\n" + 'x,"open\nfine,1\n' * 3

    assert [row.row if isinstance(row, BadRow) else row[0] for row in read(content)] == [2, 3, 4, 5, 6, 7]
    assert [isinstance(row, BadRow) for row in read(content)] == [True, False] * 3


def test_cells_hold_line_ends_and_quotes_as_they_may() -> None:
    assert read('q,a\n"two\nlines","say ""hi"""\none,2\n') == [
        (3, {"q": "two\nlines", "a": 'say "hi"'}),
        (4, {"q": "one", "a": "2"}),
    ]


def test_a_quote_within_a_cell_is_read_as_spreadsheets_do() -> None:
    assert read('q,a\n"a"b,5" nail\n') == [(2, {"q": "ab", "a": '5" nail'})]


def test_a_heading_with_an_open_quote_still_names_the_columns() -> None:
    assert read('q,"a\none,1\n') == rows(("one", "1"))


def test_other_numbers_of_cells_and_encodings_are_named() -> None:
    assert read(b"q,a\n1\n1,2,3\n\n\xff,1\none,1\n") == [
        BadRow(2, "another number of cells than the heading"),
        BadRow(3, "another number of cells than the heading"),
        BadRow(5, "not UTF-8"),
        *rows(("one", "1"), start=6),
    ]


def test_a_line_beyond_the_bound_ends_an_open_quote() -> None:
    content = 'q,a\nx,"open\n' + "y" * (MAX_ROW_BYTES + 1) + "\none,1\n"

    assert read(content) == [
        BadRow(2, UNCLOSED),
        BadRow(3, f"longer than {MAX_ROW_BYTES} bytes"),
        *rows(("one", "1"), start=4),
    ]


def test_a_record_of_too_many_lines_is_taken_for_an_open_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MOST_LINES", 3)

    assert read('q,a\n"1\n2\n3\n4",x\none,1\n')[0] == BadRow(2, UNCLOSED)
    assert read('q,a\n"1\n2\n3",x\none,1\n') == [(4, {"q": "1\n2\n3", "a": "x"}), (5, {"q": "one", "a": "1"})]


def test_a_file_of_lone_quotes_is_read_again_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MAX_ROW_BYTES", 1_000)
    taken = 0
    content = io.BytesIO(b"q,a\n" + b'c","d\n' * 20_000)

    def counted() -> Any:
        nonlocal taken
        for line in lines(content):
            taken += 1
            yield line

    found = list(csv_rows(counted(), ","))

    assert taken == 20_001
    assert {type(row) for row in found} == {BadRow}
    reasons = [row.reason for row in found if isinstance(row, BadRow)]
    assert all(reason.startswith(UNCLOSED) for reason in reasons)
    assert any("are left out" in reason for reason in reasons)


@given(st.lists(st.text(alphabet='a,"\n', max_size=6), max_size=12))
def test_any_text_is_read_to_its_end(texts: list[str]) -> None:
    content = "q,a\n" + "\n".join(texts) + "\nlast,row\n"
    last = content.count("\n")

    found = read(content)

    numbers = [row.row if isinstance(row, BadRow) else row[0] for row in found]
    assert numbers == sorted(set(numbers))
    assert found[-1] == (last, {"q": "last", "a": "row"}) or content.count('"')
