from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from sentinel_core.chat.messages import Json
from sentinel_core.support import json_pieces

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("a[,{}\\\u00e9\ud800", max_size=3)
)
KEYS = st.text('ab\u00e9"', max_size=2)
JSON: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


@dataclass
class Noting:
    """Encodes, and notes how many values each piece holds."""

    inner: json.JSONEncoder
    sizes: list[int] = field(default_factory=list)

    def encode(self, value: Any) -> str:
        self.sizes.append(json_pieces.count(value, 10**9))
        return self.inner.encode(value)


@given(JSON, st.booleans())
def test_pieces_together_are_what_the_encoder_writes(value: Json, is_sorted: bool) -> None:
    encoder = json.JSONEncoder(separators=(",", ":"), sort_keys=is_sorted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "MOST_VALUES", 4)
        patch.setattr(json_pieces, "_ITEMS", 2)
        assert json_pieces.encode(value, encoder, sort_keys=is_sorted) == encoder.encode(value)
    assert json_pieces.count(value) == values(value)


def values(each: Json) -> int:
    inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return 1 + sum(map(values, inner))


def nested(value: Json, depth: int) -> Json:
    for _ in range(depth):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [
        [{"name": str(at), "of": {"a": {}, "b": []}} for at in range(5_000)],
        {str(at): at for at in range(20_000)},
        nested([*range(20_000)], 20),
        [[[at] * 900 for at in range(30)], "text"],
        [[]] * 20_000,
    ],
)
def test_no_piece_holds_more_values_than_its_bound(value: Json) -> None:
    noting = Noting(json.JSONEncoder(separators=(",", ":")))

    assert json_pieces.encode(value, noting) == noting.inner.encode(value)
    assert max(noting.sizes) <= json_pieces.MOST_VALUES


@given(JSON, st.booleans())
def test_parsed_pieces_are_what_pydantic_parses(value: Json, is_ascii: bool) -> None:
    raw = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    try:
        parsed = json_pieces.parse(raw)
    except ValueError:
        assert b"\\ud" in raw or b"\xed" in raw
    else:
        assert parsed == from_json(raw)


@pytest.mark.parametrize("depth", [199, 200, 201, 900, 50_000])
def test_a_value_that_pydantic_takes_for_too_deep_is_not_parsed(depth: int) -> None:
    raw = b'["]",' * depth + b"1" + b"]" * depth
    try:
        expected = from_json(raw)
    except ValueError:
        with pytest.raises(ValueError, match="too deep"):
            json_pieces.parse(raw)
    else:
        assert json_pieces.parse(raw) == expected


@pytest.mark.parametrize("raw", [b"", b"[1", b'{"a":1}]', b'"\xff"', b'"\x01"', rb'"\ud800"', b"\xef\xbb\xbf1"])
def test_text_that_pydantic_refuses_is_not_parsed(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(raw)
    with pytest.raises(ValueError, match=r"."):
        json_pieces.parse(raw)
