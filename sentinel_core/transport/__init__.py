"""A lean HTTP/1.1 transport for httpx clients."""

from sentinel_core.transport.pool import LeanTransport

__all__ = ["LeanTransport"]
