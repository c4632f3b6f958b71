from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.errors import InvalidRequestError
from sentinel_core.web import cache_options


def _headers(*lines: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.encode(), value.encode("latin-1")) for name, value in lines])


@pytest.mark.parametrize(
    ("lines", "steered"),
    [
        ([], Controls()),
        ([("x-other", "no-cache")], Controls()),
        ([("cache-control", "")], Controls()),
        ([("cache-control", "no-cache, max-age=5")], Controls(Directives(no_cache=True, max_age=5))),
        ([("cache-control", "no-cache"), ("cache-control", "no-store")], Controls(Directives(True, True))),
        ([("x-sentinel-threshold", ""), ("x-sentinel-ttl", ""), ("x-sentinel-tag", "")], Controls()),
        ([("x-sentinel-threshold", "0")], Controls(threshold=0.0)),
        ([("x-sentinel-threshold", "1.0")], Controls(threshold=1.0)),
        ([("x-sentinel-threshold", "0.955")], Controls(threshold=0.955)),
        ([("x-sentinel-ttl", "60")], Controls(ttl=60.0)),
        ([("x-sentinel-ttl", "0.5")], Controls(ttl=0.5)),
        ([("x-sentinel-tag", "faq")], Controls(tags=("faq",))),
        ([("x-sentinel-tag", " b ,, a,b ")], Controls(tags=("b", "a"))),
        ([("x-sentinel-tag", "a"), ("x-sentinel-tag", "b")], Controls(tags=("a", "b"))),
        ([("x-sentinel-tag", "v:2/x_y-z.0")], Controls(tags=("v:2/x_y-z.0",))),
        ([("x-sentinel-tag", ",".join("abcdefgh"))], Controls(tags=tuple("abcdefgh"))),
        ([("x-sentinel-tag", "x" * 64)], Controls(tags=("x" * 64,))),
        ([("x-sentinel-eager", "on")], Controls()),
        ([("x-sentinel-eager", "on"), ("x-sentinel-eager", "off")], Controls(no_eager=True)),
    ],
)
def test_headers_steer(lines: list[tuple[str, str]], steered: Controls) -> None:
    assert cache_options.parse(_headers(*lines)) == steered


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("x-sentinel-threshold", value) for value in ("-0.1", "1.01", "nan", "inf", "1e-1", "0,9", "0_9", ".")),
        *(("x-sentinel-ttl", value) for value in ("-1", "nan", "inf", "1h", "9" * 13, "\u00b2")),
        *(("x-sentinel-eager", value) for value in ("no", "OFF", "off;on")),
        *(("x-sentinel-tag", value) for value in ("a b", "\u00e9", "x" * 65, ",".join("abcdefghi"), "a;b", '"a"')),
    ],
)
def test_a_header_that_breaks_a_rule_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        cache_options.parse(_headers((name, value)))

    assert (caught.value.param, caught.value.code, caught.value.status) == (name, "invalid_header", 400)
    assert str(caught.value).startswith(f"{name} must be ")


@pytest.mark.parametrize(
    ("threshold", "ttl", "steered"),
    [
        (None, None, Controls(threshold=0.9, ttl=60.0)),
        (0.95, 30.0, Controls(threshold=0.95, ttl=30.0)),
        (0.85, 90.0, Controls(threshold=0.9, ttl=60.0)),
    ],
)
def test_of_header_and_body_the_stricter_counts(threshold: float | None, ttl: float | None, steered: Controls) -> None:
    headers = _headers(("x-sentinel-threshold", "0.9"), ("x-sentinel-ttl", "60"))

    assert cache_options.parse(headers, threshold=threshold, ttl=ttl) == steered


@pytest.mark.parametrize(("header", "body"), [("max-age=5", "max-age=60"), ("max-age=60", "max-age=5")])
def test_of_two_directives_the_stricter_counts(header: str, body: str) -> None:
    steered = cache_options.parse(_headers(("cache-control", header)), cache_control=body)

    assert steered.directives == Directives(max_age=5)
