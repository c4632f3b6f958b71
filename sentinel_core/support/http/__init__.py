"""A lean HTTP/1.1 transport for httpx clients."""

from sentinel_core.support.http.pool import LeanTransport

__all__ = ["LeanTransport"]
