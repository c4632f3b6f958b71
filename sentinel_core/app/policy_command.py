"""`sentinel policy …`: checks a policy file, and tries it on a log of answers or on what a server remembers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    trial = Policy(rules, base)
    for line in _tried_on_rings(trial, asked, settings) if asked.log is None else _tried_on_log(trial, asked.log):
        print(line)  # noqa: T201
    return 0


def _tried_on_log(policy: Policy, file: str) -> Iterator[str]:
    yield from tried(policy, _logged(file))
    yield "Misses that would become hits are not in a log: ask /v1/cache/explain with the new policy."


def _tried_on_rings(policy: Policy, asked: argparse.Namespace, settings: Settings) -> Iterator[str]:
    """Yield the changes of a running server's latest requests and near-misses."""
    from sentinel_core.app.policy_rings import rings

    admin = None if settings.admin_key is None else settings.admin_key.get_secret_value()
    requests, near_misses = rings(asked.url, asked.key or admin)
    yield from tried(policy, requests, "the server's memory")
    yield from nearer(policy, near_misses)
    yield "Not tried: rules by tag and by a key's name, and on near-misses those by model or route, which are not kept."


def nearer(policy: Policy, near_misses: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each near-miss whose similarity the policy's threshold lets pass, then the sums."""
    changed = 0
    for near in near_misses:
        resolved = policy.resolve(_facts(near))
        if _would_compare(resolved.effects, near):
            changed += 1
            source = resolved.sources.get("threshold", "the settings")
            yield f"{near['entry_id']}  miss at {near['similarity']:.3f} → compared by the gate ({source})"
    times = [str(near["time"]) for near in near_misses]
    yield f"{changed} of {len(near_misses)} near-misses would be compared by the gate{_reach(times)}"


def _would_compare(effects: Effects, near: Mapping[str, Any]) -> bool:
    is_of_threshold = near["refused_by"] == "threshold" and effects.threshold is not None
    return is_of_threshold and effects.mode == "semantic" and bool(near["similarity"] >= effects.threshold)


def _reach(times: Sequence[str]) -> str:
    return f", from {min(times)} to {max(times)}" if times else ""


def tried(policy: Policy, answers: Iterable[Mapping[str, Any]], where: str = "the log") -> Iterator[str]:
    """Yield a line for each past hit that the policy would not serve, then the sums and the time they reach back."""
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
    yield f"{changed} of {hits} hits would change; {where} has {len(times)} answers{_reach(times)}"


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
    return Facts(
        (str(answer.get("key") or ""),), str(answer.get("tenant") or ""), (), models, str(answer.get("route", ""))
    )


def _logged(file: str) -> Iterator[Mapping[str, Any]]:
    """Yield the answers of a log in JSON Lines; lines of other events are passed over."""
    path = Path(file)
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
    trial = commands.add_parser("try", help="show which past hits the policy would not serve")
    trial.add_argument("file", help="the policy, in YAML")
    source = trial.add_mutually_exclusive_group(required=True)
    source.add_argument("--log", metavar="FILE", help="the server's log in JSON Lines")
    source.add_argument("--url", help="address of a running server, whose latest requests and near-misses are read")
    trial.add_argument("--key", help="admin key of that server; by default SENTINEL_ADMIN_KEY")
    return parser
