"""What the figures of an estimate mean: for its table, its report, its JSON and the guide."""

from __future__ import annotations

from collections.abc import Mapping

NO_NAME = "(the log names none)"

MEANINGS = {
    "requests": "Requests in the log that ask a model.",
    "hit_rate_percent": "Share of requests that the cache would have answered.",
    "hit_rate_percent_95": "Its 95 % interval where a sample of a long log was compared by meaning, else the rate.",
    "exact_percent": "Share of requests answered because the same words were asked before.",
    "by_meaning_percent": "Share of requests answered because other words of the same meaning were asked before.",
    "possible_percent": "Most that could be answered: also counts near prompts that the gate refused as not the same.",
    "sampled_rows": "Rows compared by meaning that stand for several; 0 where all were compared.",
    "budgets": "Hit rate of the first rows if more or fewer hits may be wrong, by SENTINEL_MAX_WRONG.",
    "usd": "Price of all answers: the log's own, else by known prices of known or estimated tokens.",
    "saved_usd": "Price of the answers that the cache would have given.",
    "own_cost_usd": "Cost of the cache itself on AWS Lambda with Upstash.",
    "net_saved_usd": "What is saved after that cost.",
    "unpriced_requests": "Requests whose price is not known; they count as free, so the saving is a lower bound.",
    "seconds": "Time that callers waited for answers; null where the log has no times.",
    "saved_seconds": "Waiting time that the cache would have spared.",
    "shares_percent": "Shares of requests that the cache treats with care, and of those with a figure missing.",
    "outcomes": "Decisions that the cache would have taken, counted.",
    "routes": "The same figures by route or application, as far as the log names them.",
    "models": "The same figures by model.",
    "scope": "Why equal prompts share no answer: the parts of the request that differ, by misses.",
    "riskiest_pairs": "Hits by meaning that the gate is least sure of, with the chance that each is wrong (`risk`).",
    "wrong_hits": "Bound on wrong hits that your verdicts on the riskiest pairs give; null without verdicts.",
    "settings": "Settings to start with, each with its reason.",
    "rows": "Rows that were read, refused with their reasons, and rows of other kinds.",
    "notes": "How the figures are counted.",
    "meanings": "This list.",
}
"""By the keys of the JSON."""

SHARES = {
    "volatile": "about today, now or the latest: an answer is kept for minutes only",
    "personal": "personal (my order, my balance): never shared between users",
    "novelty": "wants something new (a joke, another idea): not answered from the cache",
    "failed_calls": "failed at the provider: leaves no answer to keep",
    "estimated_tokens": "without token counts: tokens are estimated from the texts",
    "answers_not_logged": "without its answer in the log: any answer is taken as good to keep",
}
"""By the keys of `shares_percent`."""

OUTCOMES = {
    "hit by the same words": "answered: the same words were asked before",
    "hit by meaning": "answered: the same was asked in other words",
    "miss": "not asked before, or nothing near enough",
    "miss: refused by the gate": "something near was asked, but not the same",
    "miss: expired": "asked before, but the answer had expired",
    "miss: prompt-too-long": "too long to compare by meaning, and not asked in the same words",
    "miss: exact-only": "only the same words may answer it, and they were not asked",
    "miss: not-text": "holds pictures or files, and was not asked before",
    "bypass: temperature": "temperature above SENTINEL_MAX_TEMPERATURE: every answer is to differ",
    "bypass: several-choices": "asks for several answers at once",
    "bypass: logprobs": "asks for probabilities of tokens",
    "bypass: not-a-user-turn": "ends with no user's message",
    "bypass: personal": SHARES["personal"],
    "bypass: novelty": SHARES["novelty"],
    "miss: novelty": SHARES["novelty"],
}
"""By the keys of `outcomes`; others are named as they are."""


def named(counts: Mapping[str, object], meanings: Mapping[str, str]) -> dict[str, object]:
    """Return values under the words a newcomer knows, in place of their keys."""
    return {meanings.get(name, name): value for name, value in counts.items()}
