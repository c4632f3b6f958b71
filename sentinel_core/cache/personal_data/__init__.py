"""Finds and masks personal data in texts: cards, accounts, addresses, telephone numbers, national ids, credentials."""

from sentinel_core.cache.personal_data.detection import Kind, find, mask

__all__ = ["Kind", "find", "mask"]
