from __future__ import annotations

import pytest

from sentinel_core.support.owners import Owners


def test_an_owner_keeps_its_state_until_its_last_use_ends() -> None:
    owners: Owners[list[int]] = Owners(list)
    with owners.used("a") as first:
        first.append(1)
        with owners.used("a") as second, owners.used("b") as other:
            assert (second, other, len(owners)) == ([1], [], 2)
        assert len(owners) == 1
    with owners.used("a") as later:
        assert later == []

    assert len(owners) == 0


def test_an_error_ends_a_use() -> None:
    owners: Owners[list[int]] = Owners(list)
    with pytest.raises(ValueError, match="no"), owners.used("a"):
        raise ValueError("no")

    assert len(owners) == 0
