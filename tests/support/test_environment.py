from __future__ import annotations

from tests.support.environment import AUTHORITY, cleared

CALLERS = {
    "SENTINEL_PORT": "banana",
    "AWS_PROFILE": "mine",
    "GROQ_API_KEY": "gsk",
    "LOCAL_BASE_URL": "http://127.0.0.1:1",
    "COLUMNS": "20",
    "PATH": "/bin",
    "HTTPS_PROXY": "http://proxy",
    "no_proxy": "example.com",
    "SSL_CERT_FILE": "mine.pem",
}
WAYS_OUT = {"HTTPS_PROXY": "http://proxy", "no_proxy": "example.com", "SSL_CERT_FILE": "mine.pem"}


def test_the_callers_settings_are_removed_and_ways_out_returned() -> None:
    environ = dict(CALLERS)

    assert cleared(environ) == WAYS_OUT
    assert environ == {"PATH": "/bin", **{f"TESTS_KEPT_{name}": value for name, value in WAYS_OUT.items()}}


def test_a_process_of_the_tests_knows_the_ways_out_too() -> None:
    environ = dict(CALLERS)
    cleared(environ)
    environ["SSL_CERT_FILE"] = AUTHORITY

    assert cleared(environ) == WAYS_OUT
