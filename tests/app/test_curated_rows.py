from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sentinel_core.app.curated_rows import Answer, read
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.rows import BadRow


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.csv", "question,answer,tags\nWhere are you?,Here.,\"a, b\"\n"),
        ("faq.csv", "Question;Answer;Tags\nWhere are you?;Here.;a,b\n"),
        ("faq.csv", "question,answer,tags\nWhere are you?,Here.,a|b\n"),
        ("faq.jsonl", '{"question": "Where are you?", "answer": "Here.", "tags": ["a", "b"]}\n'),
        ("faq.yaml", '- question: "Where are you?"\n  answer: Here.\n  tags: [a, b]\n'),
    ],
)  # fmt: skip
def test_each_format_gives_the_same_entry(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)

    [found] = read(path)

    assert isinstance(found, Answer)
    assert found.entry == {"questions": ["Where are you?"], "answer": "Here.", "tags": ["a", "b"]}


def test_rows_are_refused_with_their_reasons_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("question,answer,ttl\na,1,\na,2,\na,1,\nb,,\nc,3,soon\nd|e,4,60\n")

    assert list(read(path)) == [
        Answer(2, {"questions": ["a"], "answer": "1"}),
        BadRow(3, "answers a question of row 2 otherwise"),
        BadRow(5, "a row needs question and answer"),
        BadRow(6, "ttl is a number of seconds"),
        Answer(7, {"questions": ["d|e"], "answer": "4", "ttl": 60.0}),
    ]


def test_a_row_with_the_id_of_an_earlier_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.jsonl.gz"
    rows = [{"id": "a", "question": "q", "answer": "1", "tools": "yes"}, {"id": "a", "question": "r", "answer": "2"},
            {"question": "q", "answer": "3", "surface": "chat"},
            {"question": "s", "answer": "4", "turns": "maybe"}]  # fmt: skip
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode() + b"\xff\n")
    path.write_bytes(whole[:-9])

    assert list(read(path)) == [
        Answer(1, {"id": "a", "questions": ["q"], "answer": "1", "tools": True}),
        BadRow(2, "has the id of row 1"),
        Answer(3, {"questions": ["q"], "answer": "3", "surface": "chat"}),
        BadRow(4, "tools, turns, formats are true or false"),
        BadRow(5, "not UTF-8"),
        BadRow(6, "the gzip file ends early or is damaged: the rest cannot be read"),
    ]


def test_a_file_that_is_not_yaml_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("- question: a\n- [b?, c]\n")

    with pytest.raises(ConfigurationError, match=r"faq\.yaml:2: not YAML: expected"):
        list(read(path))


def test_times_may_be_dates(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("- {question: a, answer: b, valid_from: 2027-01-01, valid_until: '2027-01-01'}\n"
                    "- {question: c, answer: d, valid_from: soon}\n")  # fmt: skip

    day = 1_798_761_600.0
    assert list(read(path)) == [
        Answer(1, {"questions": ["a"], "answer": "b", "valid_from": day, "valid_until": day + 86_400}),
        BadRow(2, "valid_from must be a Unix time, or a date or time such as 2027-01-31T09:00Z"),
    ]


def test_columns_that_say_nothing_are_named(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("Question,answer,Valid Until,validuntil,category\na,b,,2027-01-01,c\n")

    [found] = read(path)

    assert isinstance(found, Answer)
    assert found.unread == {"validuntil", "category"}


def test_an_unclosed_quote_costs_its_own_row(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('question,answer\none,1\n"open,2\nthree,3\nfour,"4\nfive,5\n')

    found = list(read(path))

    assert [row.row for row in found] == [2, 3, 4, 5, 6]
    assert [type(row) for row in found] == [Answer, BadRow, Answer, BadRow, Answer]


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^there is no file .*gone\.csv$"):
        list(read(tmp_path / "gone.csv"))
