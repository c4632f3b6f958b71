"""Questions for yes or no that are asked with a negation or asked again at their end, as the plain question."""

from __future__ import annotations

import re

_NEGATED_START = re.compile(
    r"^(?:(?:but|so|and|hi|hello|hey),? )?(?:(is|are|was|were|does|did|has|have)n't "
    r"(?!work|open|load|start|arriv|show|let\b|get|go|turn|connect|respond|available)(?=\w+ \w+)"
    r"|(do|ca|could|should|would|wo)n't "
    r"(?=(?:i|you|we|they|he|she|it|the|a|an|my|your|our|this|that|these|there|one|anyone|people)\b))"
)
"""A verb without a subject behind it, as in `isn't working, why?`, tells of a failure and asks something else."""

_ASKED_AGAIN = re.compile(
    r" ?, (?:(?:is|are|was|were|do|does|did|ca|could|should|would|wo|has|have)n't"
    r" (?:it|they|you|i|we|he|she|there|that|this|one)|right|correct|yes|yeah|no|true|eh|huh|am i right"
    r"|is that (?:right|correct|true))\?$"
)
_WHOLE_VERBS = {"ca": "can", "wo": "will"}


def positive(plain: str) -> str:
    """Return lower-case `isn't it free?` as `is it free?`, and `it is free, isn't it?` as `it is free?`."""
    if not plain.endswith("?") or ("," not in plain and "n't" not in plain):
        return plain
    return _ASKED_AGAIN.sub("?", _NEGATED_START.sub(_said, plain))


def _said(match: re.Match[str]) -> str:
    verb = match[1] or match[2]
    return f"{_WHOLE_VERBS.get(verb, verb)} "
