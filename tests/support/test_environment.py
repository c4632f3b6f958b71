from __future__ import annotations

from tests.support.environment import cleared

CALLERS = {
    "SENTINEL_PORT": "banana",
    "AWS_PROFILE": "mine",
    "GROQ_API_KEY": "gsk",
    "LOCAL_BASE_URL": "http://127.0.0.1:1",
    "COLUMNS": "20",
    "PATH": "/bin",
    "HTTPS_PROXY": "http://proxy",
    "no_proxy": "example.com",
}
PROXIES = {"HTTPS_PROXY": "http://proxy", "no_proxy": "example.com"}


def test_the_callers_settings_are_removed_and_proxies_returned() -> None:
    environ = dict(CALLERS)

    assert cleared(environ) == PROXIES
    assert environ == {"PATH": "/bin", **{f"TESTS_KEPT_{name}": value for name, value in PROXIES.items()}}


def test_a_process_of_the_tests_knows_the_proxies_too() -> None:
    environ = dict(CALLERS)
    cleared(environ)

    assert cleared(environ) == PROXIES
