"""Addresses and keys of providers as people paste them: mended, or refused by name."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import httpx

from sentinel_core import __version__
from sentinel_core.errors import ConfigurationError
from sentinel_core.providers.catalogue import ANTHROPIC, OPENAI, RESPONSES, ProviderSpec

PATH = "/chat/completions"
PATHS = {OPENAI: PATH, ANTHROPIC: "/messages", RESPONSES: "/responses"}
"""Where requests are posted, by API."""
RESPONSES_HOSTS = ("api.openai.com", ".openai.azure.com")
"""Servers that are known to speak the Responses API as a whole."""
VERSION = "2023-06-01"
"""Of Anthropic's API (docs.anthropic.com/en/api/versioning)."""
MIN_SECRET = 6
"""Characters: a shorter secret is a word of its own in too many messages."""

_QUOTES = "\"'`“”‘’"
_AROUND = "<>,;"
"""What surrounds an address in mails, lists and scripts."""

_PLACEHOLDERS = "{}<>$\\"
_OTHER_ROUTE = re.compile(r"(?<=/v\d)/(?:models|completions|embeddings)$")
"""Other routes of OpenAI's API, behind its version."""


def mended(text: str) -> str:
    """Take away blanks, line ends and quotes around a pasted value."""
    return text.strip().strip(_QUOTES).strip()


def mended_base_url(text: str) -> str:
    """
    Return the base URL that a pasted address means.

    A whole endpoint is cut to its base, a fragment is dropped, a query is kept. Raises ValueError saying the rule.
    """
    pasted = mended(mended(text).strip(_AROUND))
    if not pasted.isprintable() or " " in pasted:
        raise ValueError("must be an address without blanks or line ends")
    if any(sign in pasted.rpartition("@")[2] for sign in _PLACEHOLDERS):
        raise ValueError("must be an address without placeholders or backslashes")
    if not _is_http(pasted):
        raise ValueError("must be an address that starts with http:// or https://, with a host")
    url = httpx.URL(pasted)
    path = url.path.rstrip("/")
    for end in PATHS.values():
        path = path.removesuffix(end).rstrip("/")
    path = _OTHER_ROUTE.sub("", path)
    return str(url.copy_with(path=path or "/", fragment=None)).rstrip("/")


def _is_http(text: str) -> bool:
    try:
        url, port = httpx.URL(text), urlsplit(text).port
    except (httpx.InvalidURL, ValueError):
        return False
    return url.scheme in ("http", "https") and bool(url.host) and ".." not in url.host and port != 0


def chat_url(spec: ProviderSpec) -> httpx.URL:
    """Return the URL to post chats to; raises ConfigurationError for an address that is none."""
    try:
        url = httpx.URL(mended_base_url(spec.base_url))
    except ValueError as error:
        raise ConfigurationError(f"{spec.base_url_variable}: {error}") from error
    return url.copy_with(path=_base_path(spec, url) + PATHS[spec.api])


def responses_url(chat: httpx.URL) -> httpx.URL:
    """Return the URL to post responses to, where that for chats is known."""
    return chat.copy_with(path=chat.path.removesuffix(PATH) + PATHS[RESPONSES])


def knows_responses(spec: ProviderSpec) -> bool:
    """Whether the server of a provider is known to speak the Responses API."""
    try:
        host = httpx.URL(mended_base_url(spec.base_url)).host
    except ValueError:
        return False
    return spec.api == OPENAI and host.endswith(RESPONSES_HOSTS)


def _base_path(spec: ProviderSpec, url: httpx.URL) -> str:
    """Return the path before the routes; Anthropic's clients leave `/v1` out of an address."""
    path = url.path.rstrip("/")
    is_short = spec.api == ANTHROPIC and not path.endswith("/v1")
    return f"{path}/v1" if is_short else path


def request_headers(spec: ProviderSpec, key: str | None, url: httpx.URL) -> dict[str, str]:
    """Return the headers of every call; raises ConfigurationError for a key that no header can carry."""
    headers = {
        "content-type": "application/json",
        "accept-encoding": "identity",  # answers are small, and packed events would arrive late
        "user-agent": f"sentinel/{__version__}",
    }
    if spec.api == ANTHROPIC:
        headers["anthropic-version"] = VERSION
    if url.userinfo:
        return {**headers, "authorization": f"Basic {basic(url)}"}
    key = None if key is None else mended(key)
    if key is None:
        return headers
    if not key.isascii() or not key.isprintable() or not key:
        raise ConfigurationError(f"the key of {spec.name} holds characters that no header can carry")
    return {**headers, **({"x-api-key": key} if spec.api == ANTHROPIC else {"authorization": f"Bearer {key}"})}


def secrets(url: httpx.URL, key: str | None, others: Sequence[str]) -> tuple[str, ...]:
    """Return the texts to strike from foreign text: the secrets and their usual encodings, the longest first."""
    own = [*others, *([] if key is None else [mended(key)])]
    own += [basic(url), url.password] if url.userinfo else []
    spelled = {form for secret in own for form in (secret, quote(secret, safe=""))}
    return tuple(sorted((form for form in spelled if len(form) >= MIN_SECRET), key=len, reverse=True))


def basic(url: httpx.URL) -> str:
    """Return the credentials of HTTP basic authentication in the address (RFC 7617)."""
    return b64encode(f"{url.username}:{url.password}".encode()).decode()
