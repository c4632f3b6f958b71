"""Who may call: the parts of authentication."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentinel_core.web.request_shares import RequestShares

if TYPE_CHECKING:
    from sentinel_core.tenants.admin_key import AdminKeyFile
    from sentinel_core.tenants.api_key import ApiKey
    from sentinel_core.tenants.key_directory import Directory
    from sentinel_core.tenants.key_watch import KeyWatch
    from sentinel_core.web.client_address import Network
    from sentinel_core.web.local_access import LocalAccess
    from sentinel_core.web.wrong_keys import WrongKeys

FirstKey = Callable[["ApiKey"], Awaitable[str | None]]
"""Stores the first key of an open server, which closes it; returns the admin key made with it, None if one is set."""


@dataclass(frozen=True, slots=True)
class Access:
    """
    Who may call.

    Without a `directory` the server is open: until `watch` finds a key, and to the callers that `local` allows; to
    every caller without them. `admin` is the SHA-256 of the admin key that is set; `made_admin` is the one that the
    first key made on an open server brought with it, by `first_key`. Proxies in `trusted` networks name callers.
    `admin_routes` is whether there are any, or the one port that has them.
    """

    directory: Directory | None = None
    admin: str | None = None
    watch: KeyWatch | None = None
    local: LocalAccess | None = None
    trusted: Sequence[Network] = ()
    wrong_keys: WrongKeys | None = None
    admin_routes: bool | int = True
    made_admin: AdminKeyFile | None = None
    first_key: FirstKey | None = None
    shares: RequestShares = field(default_factory=lambda: RequestShares(1_536))

    @property
    def admin_digest(self) -> str | None:
        """The SHA-256 of the admin key in force; None if there is none."""
        return self.admin if self.admin is not None or self.made_admin is None else self.made_admin.digest()

    @property
    def current(self) -> Directory | None:
        """The directory as far as is known without asking the key store."""
        return self.watch.found if self.directory is None and self.watch is not None else self.directory

    def owner_of(self, tenant: str) -> str:
        """Return the namespace under which the books of all instances keep a tenant's counters."""
        directory = self.current
        return tenant if directory is None else directory.own_namespace(tenant)
