"""Finds and masks personal data in texts: cards, accounts, addresses, telephone numbers, national ids, credentials."""

from sentinel_core.cache.personal_data.detection import Found, Kind, find, find_aside, mask

__all__ = ["Found", "Kind", "find", "find_aside", "mask"]
