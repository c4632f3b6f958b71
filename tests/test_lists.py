from __future__ import annotations

from sentinel_core.apikey import ApiKey
from sentinel_core.lists import pools_by_tenant, split, static_keys


def test_keys_and_pools_are_read() -> None:
    assert static_keys(f" acme:{'0' * 64},, globex:{'a' * 64} ") == [
        ApiKey(tenant="acme", sha256="0" * 64),
        ApiKey(tenant="globex", sha256="a" * 64),
    ]
    assert pools_by_tenant("docs = acme, globex ; faq=initech;") == {"acme": "docs", "globex": "docs", "initech": "faq"}
    assert (static_keys(""), pools_by_tenant("")) == ([], {})


def test_what_is_between_commas_is_told_apart() -> None:
    assert split(" a, b c ,,", ",") == ["a", "b c"]
