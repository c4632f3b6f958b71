"""Refusals over the raw text: differences that `comparable` folds away, and letters too few to move a vector."""

from sentinel_core.matching.raw_rules.registry import RAW_RULES, raw_difference

__all__ = ["RAW_RULES", "raw_difference"]
