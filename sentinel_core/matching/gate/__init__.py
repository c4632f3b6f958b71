"""The check after cosine that refuses near prompts which do not share an answer, and says why."""

from sentinel_core.matching.gate.gate import Candidate, Gate
from sentinel_core.matching.gate.rules.registry import RULES
from sentinel_core.matching.gate.verdict import CONFIDENCE, Verdict

__all__ = ["CONFIDENCE", "RULES", "Candidate", "Gate", "Verdict"]
