"""The gate's verdict on two prompts, where the gate's modules look for it."""

from sentinel_core.cache.verdict import CONFIDENCE, Verdict

__all__ = ["CONFIDENCE", "Verdict"]
