"""Sets aside the text that two prompts share, and compares the rest with the same cosine and gate."""

from sentinel_core.matching.residual.comparison import Comparison, compare
from sentinel_core.matching.residual.judging import Compared, compare_all, compared, judge, leaves_rests, verdict_on

__all__ = ["Compared", "Comparison", "compare", "compare_all", "compared", "judge", "leaves_rests", "verdict_on"]
