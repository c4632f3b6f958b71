"""One Lambda execution environment: its answer to each kind of event, and its work around a snapshot."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from sentinel_core.app import lambda_streaming as streaming
from sentinel_core.app.lambda_deadline import (
    FREE_SECONDS,
    JUDGE_SECONDS,
    MARGIN_SECONDS,
    STREAMED,
    TELL_MARGIN_SECONDS,
    Deadline,
    Parts,
)
from sentinel_core.app.lambda_event_kinds import Event, is_http, is_warm_up
from sentinel_core.app.lambda_http import HttpEvents
from sentinel_core.errors import ConfigurationError, UnknownEventError
from sentinel_core.support import patterns
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.cloudwatch import COLD_START, SERVICE, STORE_ERROR, WARM_UP, EmfRecorder
from sentinel_core.telemetry.logs import told
from sentinel_core.telemetry.records import Answered

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sentinel_core.app.lambda_streaming import OpeningResponse
    from sentinel_core.app.settings import Settings

T = TypeVar("T")

TELL_SECONDS = 2.0
SECRET_SECONDS = 300.0


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
        clock: Clock,
    ) -> None:
        self._build = build
        self._metrics = metrics
        self._renew = renew
        self._now = clock.now
        self._loop = asyncio.new_event_loop()
        # Mangum takes the current loop for every invocation, so connections made here serve requests.
        asyncio.set_event_loop(self._loop)
        self._fresh = True
        self._open(settings)
        self.state = self._wait(self._parts.warm())
        self._http.rehearse("/v1/query")

    def handle(self, event: Any, context: Any) -> Event:
        """
        Answer an HTTP event of API Gateway or a Function URL, or a warm-up.

        Raises UnknownEventError for any other event: Lambda then reports a failure, so that a queue or a topic sends
        the message again or to its dead-letter queue, and an authorizer's caller is refused.
        """
        self._begin(context)
        if is_warm_up(event):
            return self._warm_up(context)
        if not is_http(event):
            raise refusal(event)
        self._renew_settings()
        return self._http.answer(event, context)

    def stream(self, event: Event, context: Any, opening: OpeningResponse) -> None:
        """
        Answer an HTTP event in parts, then work in the background until none is left or the time is over.

        `opening` is opened with the status and the headers, once, and always closed.
        Lambda does not say that a caller has left, so the answer is finished and stored in any case.
        """
        self._begin(context)
        self._renew_settings()
        ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
        request = self._http.request(event, context)
        if isinstance(request, dict):
            self._wait(streaming.send_whole(request, opening))
            return
        scope, body = request
        failure = self._wait(streaming.answer(self._app, {**scope, STREAMED: True}, body, opening))
        if failure is not None:
            _log.error("invocation.crashed", exc_info=failure)
        self._wait(self._parts.drain(within=ends - time.monotonic() - TELL_MARGIN_SECONDS))

    def wait(self, job: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop of the requests."""
        return self._wait(job)

    def hook(self) -> None:
        """Register for snapshots, if the runtime takes them."""
        try:
            import snapshot_restore_py as snapshots  # type: ignore[import-untyped]
        except ImportError:
            return
        snapshots.register_before_snapshot(self.before_snapshot)
        snapshots.register_after_restore(self.after_restore)

    def prepare(self) -> None:
        """Do now, where starting is no caller's wait, what else waits for the first request that needs it."""
        self._http.rehearse("/")  # names all routes, so it imports them
        patterns.warm()

    def before_snapshot(self) -> None:
        """Prepare all, and give connections back: those of a snapshot would be dead, and shared, in every copy."""
        self.prepare()
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

    def _begin(self, context: Any) -> None:
        _log.append_keys(function_request_id=context.aws_request_id, cold_start=self._fresh)
        if self._fresh:
            self._fresh = False
            self._metrics.count(COLD_START, self.state)

    def _open(self, settings: Settings) -> None:
        _log.setLevel(settings.log_level.upper())
        built = self._build(settings)
        self._settings, self._read_at = settings, self._now()
        self._parts = built.parts
        self._app = Deadline(built.app, built.parts)
        self._http = HttpEvents(self._app)

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

    def _warm_up(self, context: Any) -> Event:
        ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
        self._renew_settings()
        self.state = self._wait(self._parts.warm())
        self._metrics.count(WARM_UP, self.state)
        if self.state.get("store") != "ok":
            self._metrics.count(STORE_ERROR)
        self._wait(self._parts.tell(within=TELL_SECONDS))
        self._wait(self._parts.free(within=FREE_SECONDS))
        left = min(JUDGE_SECONDS, ends - time.monotonic() - MARGIN_SECONDS)
        judged = self._wait(self._parts.judge(within=left))
        _log.info("warmed", extra={"fields": {"state": self.state, "judged": judged}})
        return {"warm": dict(self.state)}

    def _wait(self, job: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(job)


def refusal(event: object) -> UnknownEventError:
    """Log the keys of an unknown event, never its values, and return the error to raise."""
    keys = sorted(map(str, event))[:20] if isinstance(event, dict) else type(event).__name__
    _log.error("event.unknown", extra={"fields": {"keys": keys}})
    return UnknownEventError("neither an HTTP request of API Gateway or a Function URL, nor a warm-up")
