"""`sentinel policy …`: checks a policy file, and tries it on a log of answers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentinel_core.app.policy_file import described, read, text_of
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.tenants.policy import Effects, Facts, Policy

_HITS = {"hit_exact", "hit_semantic"}


def policy(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `policy` with these arguments; raises ConfigurationError for a wrong file."""
    asked = _parser().parse_args(arguments)
    rules = read(text_of(Path(asked.file)))
    if asked.act == "check":
        for row in described(rules):
            print(json.dumps(row))  # noqa: T201  a command speaks to its user
        print(f"{len(rules)} rules, all valid")  # noqa: T201
        return 0
    settings = Settings.from_environ(environ)
    base = Effects(mode=settings.mode, threshold=settings.similarity_threshold, ttl_seconds=settings.ttl_seconds)
    for line in tried(Policy(rules, base), _answers(Path(asked.log))):
        print(line)  # noqa: T201
    return 0


def tried(policy: Policy, answers: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each logged hit that the policy would not serve, then the sums and the time they reach back."""
    hits = changed = 0
    times: list[str] = []
    for answer in answers:
        times.append(str(answer.get("time", "")))
        if answer.get("outcome") not in _HITS:
            continue
        hits += 1
        resolved = policy.resolve(_facts(answer))
        if (reason := _refusal(resolved.effects, answer)) is not None:
            changed += 1
            source = resolved.sources.get(reason, "the settings")
            yield f"{answer.get('request_id', '-')}  {answer['outcome']} → not served: {reason} ({source})"
    reach = f", from {min(times)} to {max(times)}" if times else ""
    yield f"{changed} of {hits} hits would change; the log has {len(times)} answers{reach}"
    yield "Misses that would become hits are not in a log: ask /v1/cache/explain with the new policy."


def _refusal(effects: Effects, answer: Mapping[str, Any]) -> str | None:
    """Return the effect by which a logged hit would not be served, or None."""
    is_semantic = answer["outcome"] == "hit_semantic"
    if effects.mode in ("off", "shadow") or (effects.mode == "exact" and is_semantic):
        return "mode"
    similarity = answer.get("similarity")
    if is_semantic and effects.threshold is not None and similarity is not None and similarity < effects.threshold:
        return "threshold"
    return None


def _facts(answer: Mapping[str, Any]) -> Facts:
    provider, model = str(answer.get("provider", "")), str(answer.get("model", ""))
    models = (f"{provider}/{model}", model)
    return Facts((), str(answer.get("tenant", "")), (), models, str(answer.get("route", "")))


def _answers(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the answers of a log in JSON Lines; lines of other events are passed over."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    event = json.loads(line)
                except ValueError:
                    raise ConfigurationError(f"{path}: line {number}: is not JSON") from None
                if isinstance(event, dict) and "outcome" in event:
                    yield event
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sentinel policy", description="Check a policy, and try it on a log.")
    commands = parser.add_subparsers(required=True, metavar="check|try", dest="act")
    check = commands.add_parser("check", help="check a policy and print its rules")
    check.add_argument("file", help="the policy, in YAML")
    trial = commands.add_parser("try", help="show which hits of a log the policy would not serve")
    trial.add_argument("file", help="the policy, in YAML")
    trial.add_argument("--log", required=True, metavar="FILE", help="the server's log in JSON Lines")
    return parser
