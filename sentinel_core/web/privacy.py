"""Applies the operator's mode for personal data to requests."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from sentinel_core.cache import scope
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.personal_data import find, find_aside, mask

Mode: TypeAlias = Literal["allow", "skip", "mask"]


@dataclass(frozen=True, slots=True)
class Privacy:
    """
    The mode for prompts with personal data, and the secret of their digests.

    `allow` treats them as all others, `skip` leaves the cache out, `mask` compares them exactly only, by an HMAC of
    the raw text, and keeps the masked text.
    """

    mode: Mode = "allow"
    secret: bytes = field(default=b"", repr=False)

    async def applied(self, ask: CacheRequest, mode: Mode | None = None) -> CacheRequest:
        """Return the request as the mode wants it; `mode` is a policy's, None for the setting's."""
        mode = mode or self.mode
        if mode == "allow":
            return ask
        prompt = scope.prompt_of(ask.request)
        found = await find_aside(prompt)
        if not found:
            return ask
        if mode == "skip":
            return replace(ask, bypass=BypassReason.PERSONAL_DATA)
        sealed = hmac.new(self.secret, f"prompt:{prompt}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return replace(ask, masked=scope.Masked(mask(prompt, found), sealed))

    def shown(self, text: str) -> str:
        """Return a text as it may be logged."""
        return text if self.mode == "allow" else mask(text, find(text))
