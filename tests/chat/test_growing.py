from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sentinel_core.chat import growing
from sentinel_core.chat.growing import joined, plain

CALL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (["a", "b", "c"], "abc"),
        ([{"a": "x"}, {"a": "y", "b": 1}, {"a": None}], {"a": "xy", "b": 1}),
        ([[1], [2], [1]], [1, 2, 1]),
        ([{"a": [{"index": 1, "b": "x"}]}, {"a": [{"index": 1, "b": "y"}]}], {"a": [{"index": 1, "b": "xy"}]}),
        (["a", 1], 1),
        ([["a"], "b"], "b"),
        ([{"a": 1}, "b", "c"], "bc"),
        (["a", ["b"]], ["b"]),
        (["a", "b", ["c"], ["d"]], ["c", "d"]),
    ],
)
def test_values_grow_by_those_of_their_kind_and_are_replaced_by_others(chunks: list[Any], expected: Any) -> None:
    grown: Any = None
    for chunk in chunks:
        grown = joined("content", grown, chunk)

    assert plain(grown) == expected


def test_a_chunk_of_a_long_list_costs_as_much_as_one_of_a_short(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, meet = list[Any](), growing._meet

    def noted(earlier: Any, item: Mapping[str, Any]) -> bool:
        compared.append(item)
        return meet(earlier, item)

    monkeypatch.setattr(growing, "_meet", noted)
    grown: Any = joined("tool_calls", [CALL], [{**CALL, "id": "b"}])
    kept = grown
    for at in range(1_000):
        grown = joined("tool_calls", grown, [{**CALL, "id": f"c{at}"}])
        grown = joined("tool_calls", grown, [{"type": "text", "text": "a"}])
        grown = joined("tool_calls", grown, [{"index": 0, "function": {"arguments": "}"}}])

    assert grown is kept
    assert len(plain(grown)) == 2_002
    assert plain(grown)[-2] == {"index": 0, "id": "c999", "function": {"name": "f", "arguments": "{}"}}
    assert len(compared) <= 1_001 * (growing._MOST_COMPARED + 1)
