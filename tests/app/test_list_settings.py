from __future__ import annotations

from base64 import b64encode

import pytest

from sentinel_core.app.list_settings import keys_by_name, pools_by_tenant, split, static_keys
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.tenants.api_key import ApiKey

OLD, NEW = (b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def test_keys_and_pools_are_read() -> None:
    assert static_keys(f" acme:{'0' * 64},, globex:{'a' * 64} ") == [
        ApiKey(tenant="acme", sha256="0" * 64),
        ApiKey(tenant="globex", sha256="a" * 64),
    ]
    assert pools_by_tenant("docs = acme, globex ; faq=initech;") == {"acme": "docs", "globex": "docs", "initech": "faq"}
    assert (static_keys(""), pools_by_tenant("")) == ([], {})


def test_what_is_between_commas_is_told_apart() -> None:
    assert split(" a, b c ,,", ",") == ["a", "b c"]


def test_keys_to_encrypt_with_are_read_in_their_order() -> None:
    assert list(keys_by_name(f"new:{NEW}, 2025.old:{OLD}").items()) == [("new", b"n" * 32), ("2025.old", b"o" * 32)]


@pytest.mark.parametrize(
    "text",
    [",", "canary", "new:canary", "new:é", f"new:{NEW[4:]}", f":{NEW}", f"a b:{NEW}", f"new:{NEW},new:{OLD}",
     f"new:{NEW[:-1]}"],
)  # fmt: skip
def test_what_are_no_keys_stops_the_start_and_is_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^SENTINEL_ENCRYPTION_KEYS: must [^=]*$"):
        Settings.from_environ({"SENTINEL_ENCRYPTION_KEYS": text})
