"""Finds and masks personal data in texts: cards, accounts, addresses, telephone numbers, national ids, credentials."""

from sentinel_core.cache.personal_data.detection import Found, Kind, apart, find, find_aside, mask

__all__ = ["Found", "Kind", "apart", "find", "find_aside", "mask"]
