"""One Lambda execution environment: its answer to each kind of event, and its work around a snapshot."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from mangum import Mangum

from sentinel_core.app.lambda_events import Event, is_http, is_warm_up, stage_path
from sentinel_core.errors import ConfigurationError, UnknownEventError
from sentinel_core.telemetry.cloudwatch import COLD_START, SERVICE, STORE_ERROR, WARM_UP, EmfRecorder
from sentinel_core.telemetry.logs import told
from sentinel_core.telemetry.records import Answered
from sentinel_core.web.context import context_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sentinel_core.app.settings import Settings

T = TypeVar("T")

MARGIN_SECONDS = 1.5
"""Kept back from the function's time, to store the answer and to hand it over."""

TELL_MARGIN_SECONDS = 0.5
"""Seconds kept back for handing the answer over, if alerts are sent before it."""

FREE_SECONDS = 5.0
"""Of a warm-up, for the bytes of purged entries."""

TELL_SECONDS = 2.0
SECRET_SECONDS = 300.0
_LARGEST_ANSWER = 6 * 1024 * 1024
_LONGEST_ESCAPE = 6
"""Bytes that JSON may need for a character."""

_TOO_LARGE = "the answer is larger than the 6 MB that Lambda hands over; ask for fewer in one request"


class _Formatter(LambdaPowertoolsFormatter):
    """Our events carry their facts in `fields`; in the line they stand beside the event."""

    def serialize(self, log: Any) -> str:
        fields = log.pop("fields", {})
        return super().serialize({**log, **fields})


# Powertools configures the standard library's logger of the service's name, which is the one all of Sentinel uses.
_log = Logger(service=SERVICE, logger_formatter=_Formatter(location=None, taskName=None))


class LogRecorder:
    """A Recorder that writes through Powertools, for the request id and the cold-start flag."""

    def record(self, answered: Answered) -> None:
        _log.info("answer.sent", extra={"fields": told(answered)})


class Deadline:
    """
    Sets the deadline of this invocation for the application, on the clock of `time.monotonic`.

    Alerts are sent before the answer leaves, within the remaining time, because nothing runs after it.
    """

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends = time.monotonic() + scope["aws.context"].get_remaining_time_in_millis() / 1000
        context_of(scope).deadline = ends - MARGIN_SECONDS
        scope["root_path"] = stage_path(scope["aws.event"])
        await self._app(scope, receive, send)
        await self._parts.tell(within=ends - time.monotonic() - TELL_MARGIN_SECONDS)


_REHEARSAL: Event = {
    "version": "2.0",
    "rawPath": "/rehearsal",
    "rawQueryString": "",
    "headers": {"host": "localhost"},
    "requestContext": {"http": {"method": "GET", "path": "/rehearsal", "sourceIp": "127.0.0.1"}},
}


class _Rehearsing:
    """A context with time enough."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


class Parts(Protocol):
    """The parts behind the application."""

    async def warm(self) -> Mapping[str, str]:
        """Load and reach everything, and say how each part is doing; never raises."""

    async def tell(self, *, within: float) -> None:
        """Send the alerts that are due, for so many seconds at the most; never raises."""

    async def free(self, *, within: float) -> None:
        """Free the bytes of purged entries, for about so many seconds; never raises."""

    async def disconnect(self) -> None:
        """Give connections back; the next use opens new ones. Never raises."""


class Built(Protocol):
    @property
    def app(self) -> ASGIApp: ...
    @property
    def parts(self) -> Parts: ...


class Function:
    """
    Built, loaded and connected when constructed.

    `renew` reads the settings again, where they may change while this environment lives; it may raise
    ConfigurationError.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        build: Callable[[Settings], Built],
        metrics: EmfRecorder,
        renew: Callable[[], Settings] | None,
        now: Callable[[], float],
    ) -> None:
        self._build = build
        self._metrics = metrics
        self._renew = renew
        self._now = now
        self._loop = asyncio.new_event_loop()
        # Mangum takes the current loop for every invocation, so connections made here serve requests.
        asyncio.set_event_loop(self._loop)
        self._fresh = True
        self._open(settings)
        self.state = self._wait(self._parts.warm())
        self._rehearse()

    def handle(self, event: Any, context: Any) -> Event:
        """
        Answer an HTTP event of API Gateway or a Function URL, or a warm-up.

        Raises UnknownEventError for any other event: Lambda then reports a failure, so that a queue or a topic sends
        the message again or to its dead-letter queue, and an authorizer's caller is refused.
        """
        _log.append_keys(function_request_id=context.aws_request_id, cold_start=self._fresh)
        if self._fresh:
            self._fresh = False
            self._metrics.count(COLD_START, self.state)
        if is_warm_up(event):
            return self._warm_up()
        if not is_http(event):
            raise refusal(event)
        self._renew_settings()
        return self._answer(event, context)

    def hook(self) -> None:
        """Register for snapshots, if the runtime takes them."""
        try:
            import snapshot_restore_py as snapshots  # type: ignore[import-untyped]
        except ImportError:
            return
        snapshots.register_before_snapshot(self.before_snapshot)
        snapshots.register_after_restore(self.after_restore)

    def before_snapshot(self) -> None:
        """Give connections back: those of a snapshot would be dead, and shared, in every copy of it."""
        self._wait(self._parts.disconnect())

    def after_restore(self) -> None:
        """Be an environment of one's own again: randomness, secrets and connections."""
        random.seed()
        self._fresh = True
        self._read_at = 0.0
        self._renew_settings()
        self.state = self._wait(self._parts.warm())

    def close(self) -> None:
        """Give back connections and the event loop."""
        self._wait(self._parts.disconnect())
        self._loop.close()

    def _open(self, settings: Settings) -> None:
        _log.setLevel(settings.log_level.upper())
        built = self._build(settings)
        self._settings, self._read_at = settings, self._now()
        self._parts = built.parts
        self._adapter: Any = Mangum(Deadline(built.app, built.parts), lifespan="off")

    def _rehearse(self) -> None:
        """Ask for a page that is not there: FastAPI prepares a route when a request first passes it by."""
        self._adapter(_REHEARSAL, _Rehearsing())

    def _renew_settings(self) -> None:
        """Follow a rotated secret within `SECRET_SECONDS`; one that cannot be read now leaves the last in force."""
        if self._renew is None or self._now() - self._read_at < SECRET_SECONDS:
            return
        self._read_at = self._now()
        try:
            settings = self._renew()
            if settings != self._settings:
                former = self._parts
                self._wait(former.tell(within=TELL_SECONDS))
                self._open(settings)
                self._wait(former.disconnect())
                _log.info("settings.renewed")
        except ConfigurationError as error:
            _log.warning("settings.not_renewed", extra={"fields": {"reason": str(error)}})

    def _warm_up(self) -> Event:
        self._renew_settings()
        self.state = self._wait(self._parts.warm())
        self._metrics.count(WARM_UP, self.state)
        if self.state.get("store") != "ok":
            self._metrics.count(STORE_ERROR)
        self._wait(self._parts.tell(within=TELL_SECONDS))
        self._wait(self._parts.free(within=FREE_SECONDS))
        _log.info("warmed", extra={"fields": {"state": self.state}})
        return {"warm": dict(self.state)}

    def _answer(self, event: Event, context: Any) -> Event:
        try:
            answer: Event = self._adapter(event, context)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            # Mangum takes the event apart before the application sees it, and the application answers for itself.
            _log.warning("event.malformed", extra={"fields": {"error": type(error).__name__}})
            return _error(400, "the event is malformed", "malformed_event")
        except Exception:  # noqa: BLE001  the last resort: what is answered must be JSON
            _log.exception("invocation.crashed")
            return _error(500, "internal error", "internal_error")
        return answer if _fits(answer) else _error(413, _TOO_LARGE, "answer_too_large")

    def _wait(self, job: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(job)


def _fits(answer: Event) -> bool:
    """Whether Lambda can hand it over; most answers are too small to be measured."""
    if len(answer["body"]) < _LARGEST_ANSWER // _LONGEST_ESCAPE:
        return True
    return len(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")) <= _LARGEST_ANSWER


def refusal(event: object) -> UnknownEventError:
    """Log the keys of an unknown event, never its values, and return the error to raise."""
    keys = sorted(map(str, event))[:20] if isinstance(event, dict) else type(event).__name__
    _log.error("event.unknown", extra={"fields": {"keys": keys}})
    return UnknownEventError("neither an HTTP request of API Gateway or a Function URL, nor a warm-up")


def _error(status: int, message: str, code: str) -> Event:
    kind = "internal_error" if code == "internal_error" else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body), "isBase64Encoded": False}
