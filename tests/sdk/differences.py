"""How an application notices a habit of upstream servers, though it asks through Sentinel; the guide says the same."""

from __future__ import annotations

DIFFERENCES: dict[str, frozenset[str]] = {
    "A refused key (401) comes as 502 `provider_key_refused`, for it is the gateway's.": frozenset({"error-401"}),
    "A 5xx, a 408, a cut connection and an error with status 200 come as 503 `provider_unavailable`.": frozenset(
        {"error-500", "error-page", "cut-at-once", "cut-in-the-middle", "error-with-200", "error-408", "error-529"}
        | {"error-520-page", "error-event-first"}
    ),
    "A 429 has the code `rate_limit_exceeded`, whatever the provider calls it.": frozenset(
        {"error-429-after-ms", "error-429-after-a-date", "error-429-after-soon"}
    ),
    "An error event in mid-stream has Sentinel's code.": frozenset(
        {"error-event", "cut-in-the-middle", "error-with-choices", "error-words-in-the-stream"}
    ),
    "An error that names no code has the code `provider_rejected`; one in a list keeps its own.": frozenset(
        {"error-422", "error-as-text", "error-in-a-list", "error-405", "error-404-page", "error-400-empty"}
        | {"error-400-words", "error-400-json-string", "error-400-errors-list"}
    ),
    "A redirect is not followed, for a key belongs to one address: 502 `provider_protocol_error`.": frozenset(
        ["redirect"]
    ),
    "A stream that closes before its end raises an error; direct it looks whole.": frozenset(
        {"closed-in-the-middle", "error-named-event"}
    ),
    "An answer that is no JSON, no message, or none, comes as 502 `provider_protocol_error`.": frozenset(
        {"nothing", "not-json", "not-a-number", "ndjson", "page-with-200", "content-a-number"}
    ),
    "Nothing that comes after the end of an answer takes it back.": frozenset(
        {"late-error-after-the-end", "cut-after-the-end"}
    ),
    "An event that holds no object, and `[DONE]` in other spellings, is skipped; direct it is an error.": frozenset(
        {"empty-data", "retry-alone", "id-alone", "event-name-alone", "many-spaces", "tab-after-colon", "data-null"}
        | {"data-number", "data-string", "data-list", "done-with-blanks", "done-in-small-letters", "done-as-json"}
    ),
    "A byte order mark is skipped; direct it costs an event.": frozenset({"mark-then-data", "mark-in-pieces"}),
    "A plain answer in place of a stream is streamed; direct it is an empty stream.": frozenset(
        {"plain-in-place-of-a-stream"}
    ),
    "Half of a surrogate pair comes as U+FFFD.": frozenset({"half-a-character"}),
    "A count of tokens that can be none, and a `finish_reason` that is no text, are left out.": frozenset(
        {"usage-below-zero", "usage-huge", "usage-a-list", "usage-empty", "reason-number"}
    ),
    "Two tool calls under one index come under two on a hit.": frozenset({"calls-under-one-index"}),
    "A hit has the first choice only, where a provider gives more than it was asked for.": frozenset({"two-choices"}),
}
"""What an application notices, and with which habits; the guide's page on upstreams says the same."""
