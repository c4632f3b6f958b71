from __future__ import annotations

import pytest

from sentinel_core.web.client_address import block_of, client_address, networks

TRUSTED = networks("10.0.0.0/8, ::1, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    {
        "no proxy": ("203.0.113.5", [], "203.0.113.5"),
        "a header of a stranger": ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        "a trusted proxy": ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        "words before the proxy": ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        "two proxies": ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.2.3.4"], "198.51.100.1"),
        "two lines": ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        "rubbish": ("10.0.0.1", ["198.51.100.1, <script>"], "10.0.0.1"),
        "no header": ("10.0.0.1", [], "10.0.0.1"),
        "an empty header": ("10.0.0.1", [""], "10.0.0.1"),
        "IPv6": ("::1", ["2001:db8::7"], "2001:db8::7"),
        "IPv4 as IPv6": ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        "a port": ("10.0.0.1", ["198.51.100.1:4711, 10.0.0.2:80"], "198.51.100.1"),
        "IPv6 and a port": ("::1", ["[2001:db8::7]:4711, [fd00::1]"], "2001:db8::7"),
        "a port that is no number": ("10.0.0.1", ["198.51.100.1:x"], "198.51.100.1"),
        "brackets around a name": ("10.0.0.1", ["[example.com]:80"], "10.0.0.1"),
        "an unknown caller": ("10.0.0.1", ["unknown, 10.0.0.2"], "10.0.0.2"),
        "trusted only": ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
    }.values(),
)
def test_the_address_is_the_last_that_no_trusted_proxy_has(peer: str, forwarded: list[str], address: str) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    assert client_address({"type": "http", "client": (peer, 1), "headers": headers}, TRUSTED) == address


def test_a_unix_socket_has_no_address() -> None:
    assert client_address({"type": "http", "client": None, "headers": []}, TRUSTED) == ""


def test_an_ipv6_caller_is_its_network() -> None:
    assert [block_of(each) for each in ("2001:db8::1:2:3:4", "203.0.113.5", "")] == [
        "2001:db8::/64", "203.0.113.5", "",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.com", "10.0.0"])
def test_a_malformed_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        networks(text)
