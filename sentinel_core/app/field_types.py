"""Types of single settings: the values they accept, and how pasted ones are mended."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from sentinel_core.app.list_settings import models_by_deployment, pools_by_tenant, split, static_keys
from sentinel_core.providers.endpoint import mended_base_url
from sentinel_core.tenants.api_key import ApiKey

_HOST_NAME = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


def http_address(value: str) -> str:
    """Return the address without slashes at its end; raises ValueError saying the rule."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    return value.rstrip("/")


def _words(value: object) -> object:
    return tuple(split(value, ",")) if isinstance(value, str) else value


def _host_names(values: tuple[str, ...]) -> tuple[str, ...]:
    lowered = tuple(host.lower() for host in values)
    if not all(_HOST_NAME.fullmatch(host) for host in lowered):
        raise ValueError("must be host names or addresses with commas between, without ports")
    return lowered


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return them in lower case, as browsers send them."""
    lowered = tuple(origin.lower() for origin in values)
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in lowered):
        raise ValueError("must be origins such as https://app.example.com with commas between, or *")
    return lowered


def _static_keys(value: object) -> object:
    return static_keys(value) if isinstance(value, str) else value


def _pools(value: object) -> object:
    return pools_by_tenant(value) if isinstance(value, str) else value


def _deployments(value: object) -> object:
    return models_by_deployment(value) if isinstance(value, str) else value


Seconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
HttpAddress = Annotated[str, AfterValidator(http_address)]
BaseUrl = Annotated[str, AfterValidator(mended_base_url)]
Cosine = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
HostNames = Annotated[Words, AfterValidator(_host_names)]
Origins = Annotated[Words, AfterValidator(_origins)]
StaticKeys = Annotated[list[ApiKey], BeforeValidator(_static_keys)]
Pools = Annotated[dict[str, str], BeforeValidator(_pools)]
Deployments = Annotated[dict[str, str], BeforeValidator(_deployments)]
