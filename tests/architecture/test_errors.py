from __future__ import annotations

from collections.abc import Iterator

import pytest

from sentinel_core import errors
from sentinel_core.errors import (
    AlertError,
    BudgetSpentError,
    CacheError,
    ConfigurationError,
    InvalidRequestError,
    NotAllowedError,
    NotCachedError,
    NotFoundError,
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitedError,
    RequestError,
    RequestTooLargeError,
    SentinelError,
    ServiceUnavailableError,
    UnauthenticatedError,
    UnknownEventError,
)
from tests.architecture.modules import modules


def test_every_error_of_ours_is_drawn_in_the_tree() -> None:
    drawn = [line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line]

    assert sorted(drawn) == sorted(cls.__name__ for cls in _descendants(SentinelError))


def test_each_fault_has_a_branch_of_its_own() -> None:
    assert set(SentinelError.__subclasses__()) == {
        AlertError,
        CacheError,
        ConfigurationError,
        ProviderError,
        RequestError,
        UnknownEventError,
    }
    assert all(len(cls.__bases__) == 1 for cls in _descendants(SentinelError))


@pytest.mark.parametrize(
    ("cls", "status", "kind"),
    [
        (InvalidRequestError, 400, "invalid_request_error"),
        (RequestTooLargeError, 413, "invalid_request_error"),
        (UnauthenticatedError, 401, "authentication_error"),
        (BudgetSpentError, 402, "insufficient_quota"),
        (RateLimitedError, 429, "rate_limit_error"),
        (NotAllowedError, 403, "permission_error"),
        (NotFoundError, 404, "invalid_request_error"),
        (NotCachedError, 504, "cache_error"),
    ],
)
def test_a_request_error_says_what_to_change(cls: type[RequestError], status: int, kind: str) -> None:
    error = cls("told", code="a_code", param="messages[0]")

    assert (str(error), error.status, error.kind, error.code, error.param) == (
        "told", status, kind, "a_code", "messages[0]",
    )  # fmt: skip


def test_an_unavailable_part_is_named_in_the_code() -> None:
    error = ServiceUnavailableError("told", what="embedder")

    assert (str(error), error.status, error.kind, error.code, error.what, error.retry_after) == (
        "told", 503, "service_unavailable_error", "embedder_unavailable", "embedder", 5.0,
    )  # fmt: skip


def test_no_module_but_errors_defines_an_error() -> None:
    assert {module.name for module in modules() if module.errors} == {"errors.py"}


def test_a_request_error_may_have_another_status() -> None:
    assert InvalidRequestError("told", code="c", status=422).status == 422
    assert InvalidRequestError.status == 400


@pytest.mark.parametrize(
    ("cls", "status", "code", "retryable"),
    [
        (ProviderTimeoutError, 504, "provider_timeout", True),
        (ProviderUnavailableError, 503, "provider_unavailable", True),
        (ProviderRateLimitedError, 429, "rate_limit_exceeded", True),
        (ProviderKeyError, 502, "provider_key_refused", False),
        (ProviderProtocolError, 502, "provider_protocol_error", False),
    ],
)
def test_a_provider_error_says_whether_asking_again_may_help(
    cls: type[ProviderError], status: int, code: str, retryable: bool
) -> None:
    error = cls("told", provider="fake", retry_after=1.5)

    assert (error.status, error.code, error.retryable, error.provider, error.retry_after) == (
        status, code, retryable, "fake", 1.5,
    )  # fmt: skip


def test_a_rejection_carries_the_providers_own_words() -> None:
    error = ProviderRejectedError("told", provider="fake", status=404, error={"code": "model_not_found"})

    assert (error.status, error.error, error.retryable) == (404, {"code": "model_not_found"}, False)
    assert ProviderRejectedError("told", provider="fake", status=400).error == {}


def _descendants(cls: type[SentinelError]) -> Iterator[type[SentinelError]]:
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _descendants(child)
