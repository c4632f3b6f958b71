"""Every error Sentinel raises, sorted by whose fault it is.

SentinelError
├── ConfigurationError            the operator's; the process does not start
├── AlertError                    the receiver of alerts did not take one; it is sent again, or given up
├── UnknownEventError             the sender's of a Lambda event that is no HTTP request; the invocation fails
├── RequestError                  the caller's
│   ├── InvalidRequestError           400, or 422 where one field broke a rule
│   ├── RequestTooLargeError          413
│   ├── UnauthenticatedError          401
│   ├── BudgetSpentError              402, stored answers are still served
│   ├── NotAllowedError               403, the key does not reach that far
│   ├── NotFoundError                 404
│   ├── RateLimitedError              429, carries `retry_after`
│   ├── ServiceUnavailableError       503, a part that this route needs does not answer
│   └── NotCachedError                504, `only-if-cached` (RFC 9111 section 5.2.1.7)
├── CacheError                    the cache's; never leaves the gateway, becomes a miss
│   ├── StoreError
│   │   ├── RefusedError              Redis answered a command with an error
│   │   └── ForeignValueError         another kind of value stands under the key
│   ├── CorruptEntryError
│   │   └── ForgedEntryError          claims to be ours, and is not
│   └── EmbeddingError
│       └── PromptTooLongError        longer than the embedder reads: exact only
└── ProviderError                 the provider's
    ├── ProviderTimeoutError          504
    ├── ProviderUnavailableError      503, may carry `retry_after`
    ├── ProviderRateLimitedError      429, may carry `retry_after`
    ├── ProviderKeyError              502, the gateway's key was refused
    ├── ProviderLoopError             508, the provider's address leads back to this gateway
    ├── ProviderQuotaError            the provider's 402, 403 or 429, the gateway's account is out of credit
    ├── ProviderProtocolError         502, the answer is not of the agreed shape
    │   └── EventTooLongError         one server-sent event passes the size limit
    └── ProviderRejectedError         the provider's own 4xx, passed on
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class SentinelError(Exception):
    """Base of all of Sentinel's own errors."""


class ConfigurationError(SentinelError):
    """A setting is missing, misspelt or out of range."""


class AlertError(SentinelError):
    """An alert did not arrive; `retryable` says whether sending it again may help."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class UnknownEventError(SentinelError):
    """A Lambda event is no HTTP request and no warm-up, and nothing was done for its sender."""


class RequestError(SentinelError):
    """
    The caller must change something.

    `param` is the path of the field at fault, as OpenAI's errors name it (`messages[0].content`);
    `retry_after` seconds from now the same request may be served.
    """

    status: int = 400
    kind: ClassVar[str] = "invalid_request_error"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        param: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.status = self.status if status is None else status
        self.retry_after = retry_after


class InvalidRequestError(RequestError):
    """The body, a field or a header breaks a rule."""


class RequestTooLargeError(RequestError):
    """The body is larger than the operator's limit."""

    status = 413


class UnauthenticatedError(RequestError):
    """No key, or not one that opens anything."""

    status = 401
    kind = "authentication_error"


class BudgetSpentError(RequestError):
    """The key's dollars are spent."""

    status = 402
    kind = "insufficient_quota"


class RateLimitedError(RequestError):
    """Too many requests or tokens for this key."""

    status = 429
    kind = "rate_limit_error"


class NotAllowedError(RequestError):
    """The key is good, but not for this."""

    status = 403
    kind = "permission_error"


class ServiceUnavailableError(RequestError):
    """
    A part that the route needs does not answer; the same request may work later.

    `what` names the part (`keys`, `store`, `embedder`) and makes the code: `keys_unavailable`.
    """

    status = 503
    kind = "service_unavailable_error"

    def __init__(self, message: str, *, what: str, retry_after: float = 5.0) -> None:
        super().__init__(message, code=f"{what}_unavailable", retry_after=retry_after)
        self.what = what


class NotFoundError(RequestError):
    """No such route, model or entry."""

    status = 404


class NotCachedError(RequestError):
    """The caller wanted a stored answer or none."""

    status = 504
    kind = "cache_error"


class CacheError(SentinelError):
    """The cache could not help; the request goes on without it."""


class StoreError(CacheError):
    """The store is down, slow, full or answers rubbish."""


class RefusedError(StoreError):
    """Redis answered a command with an error; `code` is its first word, such as `READONLY` or `WRONGTYPE`."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused: {code}")
        self.code = code


class ForeignValueError(StoreError):
    """A key of ours holds a value that Sentinel does not write there."""


class CorruptEntryError(CacheError):
    """A stored value is not an entry of ours."""


class ForgedEntryError(CorruptEntryError):
    """A stored value claims to be an entry of ours, and was not written by us for the key it stands under."""


class EmbeddingError(CacheError):
    """The embedder did not load or did not run."""


class PromptTooLongError(EmbeddingError):
    """The embedder would read only the beginning of this prompt, so its vector would lie."""


class ProviderError(SentinelError):
    """
    The provider failed to answer.

    `retryable` says whether asking again may help and cannot harm, `may_fall_back` whether another provider may
    answer. `attempts` counts the calls that were made; `may_bill` says that the last one may be billed all the same.
    """

    status: int = 502
    code: str = "provider_error"
    retryable: ClassVar[bool] = False
    may_fall_back: ClassVar[bool] = False

    def __init__(
        self, message: str, *, provider: str, retry_after: float | None = None, may_bill: bool = False
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.retry_after = retry_after
        self.may_bill = may_bill
        self.attempts = 1

    @property
    def is_final(self) -> bool:
        """Whether the caller should not ask again: it cannot help, it may bill twice, or the gateway has done so."""
        return not self.retryable or self.may_bill or self.attempts > 1


class ProviderTimeoutError(ProviderError):
    """No answer within the deadline."""

    status = 504
    code = "provider_timeout"
    retryable = True
    may_fall_back = True


class ProviderUnavailableError(ProviderError):
    """Not reachable, cut off in mid-answer, or 5xx."""

    status = 503
    code = "provider_unavailable"
    retryable = True
    may_fall_back = True


class ProviderRateLimitedError(ProviderError):
    """429: too many requests or tokens for the gateway's account."""

    status = 429
    code = "rate_limit_exceeded"
    retryable = True
    may_fall_back = True


class ProviderKeyError(ProviderError):
    """401 or 403: the gateway's own key was refused; the caller's is not meant."""

    code = "provider_key_refused"


class ProviderLoopError(ProviderError):
    """508: the provider's address leads back to this gateway."""

    status = 508
    code = "gateway_loop"


class ProviderQuotaError(ProviderError):
    """The gateway's account has no credit left, which no waiting mends; `status` and `code` are the provider's."""

    code = "insufficient_quota"
    may_fall_back = True

    def __init__(self, message: str, *, provider: str, status: int, code: str | None = None) -> None:
        super().__init__(message, provider=provider)
        self.status = status
        self.code = code if code and not code.isdecimal() else self.code


class ProviderProtocolError(ProviderError):
    """An answer that is not JSON, or not of the agreed shape."""

    code = "provider_protocol_error"


class EventTooLongError(ProviderProtocolError):
    """One server-sent event is longer than the limit; the decoder that finds it does not know the provider."""

    def __init__(self, message: str = "an event is too long", *, provider: str = "") -> None:
        super().__init__(message, provider=provider)


class ProviderRejectedError(ProviderError):
    """
    A 4xx that concerns the caller's request, such as an unknown model.

    `error` holds the provider's own `message`, `type`, `param` and `code`, as far as it gave them.
    """

    code = "provider_rejected"

    def __init__(
        self, message: str, *, provider: str, status: int, error: Mapping[str, str | None] | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.status = status
        self.error: dict[str, str | None] = dict(error or {})
