"""Pages of repeated exact hits: all that is the same each time one entry answers one remembered request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pydantic_core import PydanticSerializationError
from starlette.requests import Request
from starlette.responses import Response

from sentinel_core.cache.tool_calls import answer_characters
from sentinel_core.chat.messages import Usage
from sentinel_core.gateway.straight import Again
from sentinel_core.web.context import RawHeaders
from sentinel_core.web.json_route import JsonAnswer
from sentinel_core.web.presenting import LARGE, AnswerView, fixed_headers

if TYPE_CHECKING:
    from sentinel_core.cache.entry import Entry
    from sentinel_core.cache.plan import Plan
    from sentinel_core.telemetry.alike import Alike
    from sentinel_core.web.repeats import Repeat
    from sentinel_core.web.service import Service

Mark: TypeAlias = tuple[float | None, str, str, str, Usage | None]
"""Of an entry, all that a page shows and what is counted of it, but prompt, message and age."""


class Body(Protocol):
    """Writes the bodies of a route's answers."""

    def format(self, view: AnswerView) -> bytes:
        """Return the body as a format; raises PydanticSerializationError for text that has no place in UTF-8."""

    def filled(self, format_: bytes, again: Again, latency_ms: float) -> bytes:
        """Return the body with prompt and message of the entry."""


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page for entries of one `mark`, in answers of one `plan`, which another day changes.

    `headers` and `body` lack the values that differ each time. Prompt and message stay the entry's: two thousand pages
    hold no texts.
    """

    plan: Plan
    mark: Mark
    alike: Alike
    headers: RawHeaders
    body: bytes


def answered(again: Again, repeat: Repeat, body: Body, request: Request, service: Service) -> Response | None:
    """Record a repeated exact hit and write it by its page; None for one without a page."""
    entry, page = again.entry, repeat.page
    if page is None or page.plan is not again.reusing.plan or page.mark != _mark(entry):
        page = repeat.page = _page(again, repeat, body, request, service)
    if page is None or answer_characters(entry.completion) > LARGE:
        return None
    recording = service.recording
    latency_ms = recording.elapsed_ms(request)
    recording.again(request, page.alike, latency_ms=latency_ms, store_ms=again.store_ms)
    content = body.filled(page.body, again, latency_ms)
    timing = b"store;dur=%.3f, total;dur=%.3f" % (again.store_ms, latency_ms)
    return JsonAnswer(content, [(b"server-timing", timing), *page.headers, (b"age", b"%d" % again.age)])


def _page(again: Again, repeat: Repeat, body: Body, request: Request, service: Service) -> Page | None:
    """Return the page of an answer; None where each of its answers has to be worked out."""
    plan = again.reusing.plan
    is_counted_apart = plan.ask.arm is not None or service.recording.log_prompts
    if is_counted_apart or "tool_calls" in again.entry.completion.message:
        return None
    view = AnswerView(again.answer())
    try:
        written = body.format(view)
    except PydanticSerializationError:
        return None
    alike = service.recording.alike(request, repeat.chat, view)
    return Page(plan, _mark(again.entry), alike, fixed_headers(view), written)


def _mark(entry: Entry) -> Mark:
    completion = entry.completion
    usage, reason = completion.usage, completion.finish_reason
    return entry.cost_usd, completion.provider, completion.model, reason, usage
