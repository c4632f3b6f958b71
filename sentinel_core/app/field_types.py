"""Types of single settings: what a value must be, and how a pasted one is mended."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from sentinel_core.providers.endpoint import mended_base_url


def http_address(value: str) -> str:
    """Return the address without slashes at its end; raises ValueError saying the rule."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    return value.rstrip("/")


Seconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
HttpAddress = Annotated[str, AfterValidator(http_address)]
BaseUrl = Annotated[str, AfterValidator(mended_base_url)]
Cosine = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
