from __future__ import annotations

import re
from itertools import product

import pytest

from sentinel_core.cache import outcome
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Outcome, Stale

ALL: list[Outcome] = [
    *(Hit(kind, 0.97, 12.9) for kind in HitKind),
    *(Stale(kind, 0.97, 12.9) for kind in HitKind),
    Miss(),
    Miss(rule="numbers"),
    *(Miss(detail) for detail in MissDetail),
    *(Bypass(reason) for reason in BypassReason),
]

_TOKEN = r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*"
_MEMBER = re.compile(
    rf"{_TOKEN}(; (hit|stored|collapsed|fwd=(bypass|method|uri-miss|vary-miss|miss|request|stale|partial)"
    rf'|detail=({_TOKEN}|"[ !#-\[\]-~]*")))+'
)
"""RFC 9211 section 2 in the grammar of RFC 8941, as far as Sentinel uses it."""


@pytest.mark.parametrize(
    ("given", "name", "detail", "similarity", "age"),
    [
        (Hit(HitKind.EXACT, 1.0, 0.0), "hit_exact", "exact", 1.0, 0),
        (Hit(HitKind.SEMANTIC, 0.97, 12.9), "hit_semantic", "semantic", 0.97, 12),
        (Stale(HitKind.EXACT, 1.0, 120.0), "stale", "exact", 1.0, 120),
        (Stale(HitKind.SEMANTIC, 0.97, 120.0), "stale", "semantic", 0.97, 120),
        (Miss(), "miss", None, None, None),
        (Miss(MissDetail.EXPIRED), "miss", "expired", None, None),
        (Miss(MissDetail.STORE_SLOW), "miss", "store-slow", None, None),
        (Miss(MissDetail.GATE, rule="numbers"), "miss", "gate:numbers", None, None),
        (Bypass(BypassReason.NO_CACHE), "bypass", "no-cache", None, None),
        (Bypass(BypassReason.STORE_UNAVAILABLE), "bypass", "store-unavailable", None, None),
    ],
)
def test_an_outcome_is_told_in_one_word_a_reason_and_two_numbers(
    given: Outcome, name: str, detail: str | None, similarity: float | None, age: int | None
) -> None:
    told = (outcome.name(given), outcome.detail(given), outcome.similarity(given), outcome.age(given))

    assert told == (name, detail, similarity, age)


@pytest.mark.parametrize(
    ("given", "stored", "collapsed", "header"),
    [
        (Hit(HitKind.EXACT, 1.0, 0.0), False, False, "sentinel; hit; detail=exact"),
        (Hit(HitKind.SEMANTIC, 0.97, 0.0), False, False, "sentinel; hit; detail=semantic"),
        (Stale(HitKind.EXACT, 1.0, 120.0), False, False, "sentinel; fwd=stale; detail=exact"),
        (Miss(), False, False, "sentinel; fwd=miss"),
        (Miss(), True, False, "sentinel; fwd=miss; stored"),
        (Miss(), True, True, "sentinel; fwd=miss; stored; collapsed"),
        (Miss(MissDetail.EXPIRED), True, False, "sentinel; fwd=miss; stored; detail=expired"),
        (Miss(rule="numbers"), False, False, 'sentinel; fwd=miss; detail="gate:numbers"'),
        (Bypass(BypassReason.NO_CACHE), True, False, "sentinel; fwd=request; stored; detail=no-cache"),
        (Bypass(BypassReason.TEMPERATURE), False, False, "sentinel; fwd=bypass; detail=temperature"),
        (
            Bypass(BypassReason.STORE_UNAVAILABLE),
            False,
            True,
            "sentinel; fwd=bypass; collapsed; detail=store-unavailable",
        ),
    ],
)
def test_cache_status_tells_the_outcome(given: Outcome, stored: bool, collapsed: bool, header: str) -> None:
    assert outcome.cache_status(given, stored=stored, collapsed=collapsed) == header


@pytest.mark.parametrize("given", ALL)
def test_cache_status_is_a_member_of_rfc_9211(given: Outcome) -> None:
    for stored, collapsed in product([False, True], repeat=2):
        header = outcome.cache_status(given, stored=stored, collapsed=collapsed)

        assert _MEMBER.fullmatch(header)
        assert ("; hit" in header) is not ("; fwd=" in header)


def test_every_reason_is_told_apart() -> None:
    told = [(outcome.name(given), outcome.detail(given)) for given in ALL if not isinstance(given, Stale)]

    assert len(set(told)) == len(told)
