"""A lean HTTP/1.1 transport for httpx clients."""

from sentinel_core.support.http.message import RefusedResponseError, read_limited
from sentinel_core.support.http.pool import LeanTransport

__all__ = ["LeanTransport", "RefusedResponseError", "read_limited"]
