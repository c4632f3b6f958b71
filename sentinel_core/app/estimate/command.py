"""`sentinel estimate LOG…`: the savings of the cache on a log of requests, without labels."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from sentinel_core.app.estimate import pages, results, running, verdicts
from sentinel_core.app.estimate.calls import Call
from sentinel_core.app.estimate.kept_judgements import KeptJudgements
from sentinel_core.app.estimate.rows import rows
from sentinel_core.app.estimate.running import Calls, Estimate, Refused
from sentinel_core.app.estimate.tally import Pair
from sentinel_core.app.estimate.vectors import KeptVectors
from sentinel_core.app.settings import Settings
from sentinel_core.cache.personal_data import find, mask
from sentinel_core.cache.ports import Embedder
from sentinel_core.errors import ConfigurationError, EmbeddingError
from sentinel_core.support.rows import problem_of

PASSED, BAD_INPUT = 0, 2
STDIN = "-"
_SHOWN_REASONS = 20
_EVERY_SECONDS = 2.0


def estimate(arguments: Sequence[str], environ: Mapping[str, str], embedder: Embedder | None = None) -> int:
    """Run the command; return 2 where a row could not be read; raise ConfigurationError where no row could."""
    options = _parser().parse_args(arguments)
    settings = Settings.from_environ({**environ, "SENTINEL_MODE": "semantic"})
    if options.max_wrong is not None:
        settings = settings.model_copy(update={"max_wrong": options.max_wrong})
    refused = Refused()
    try:
        kept_at = _kept_at(options.work, options.logs)
        with (
            closing(KeptVectors(embedder or _packaged_embedder(), kept_at.with_suffix(".vectors"))) as vectors,
            closing(KeptJudgements(kept_at.with_suffix(".judgements"))) as judgements,
        ):
            found = asyncio.run(_run(options, settings, vectors, judgements, refused))
            _say_refused(refused)
            if not found.rows:
                raise ConfigurationError("no row holds a request")
            _report(options, settings, found)
            vectors.remove()
            judgements.remove()
    except OSError as error:
        raise ConfigurationError(problem_of(error)) from error
    except EmbeddingError as error:
        raise ConfigurationError(str(error)) from error
    return BAD_INPUT if refused.count else PASSED


async def _run(
    options: argparse.Namespace, settings: Settings, vectors: KeptVectors, judgements: KeptJudgements, refused: Refused
) -> Estimate:
    progress = _Progress(options.logs, quiet=options.quiet)
    calls = _calls(options.logs, refused, progress)
    return await running.run(
        (replace(call, time=None) if options.ignore_times else call for call in calls),
        settings,
        vectors,
        refused,
        progress.show,
        has_budgets=options.budgets,
        judgements=judgements,
    )


def _calls(logs: Sequence[str], refused: Refused, progress: _Progress) -> Iterator[Call]:
    calls = Calls(refused)
    for name in logs:
        if name == STDIN:
            yield from calls.read("stdin", rows(sys.stdin.buffer))
            continue
        with Path(name).open("rb") as raw:
            progress.opened(raw)
            yield from calls.read(name, rows(raw))


class _Progress:
    """Rows so far and the time left, by the bytes that are read."""

    def __init__(self, logs: Sequence[str], *, quiet: bool) -> None:
        self._quiet = quiet
        self._started = self._shown = time.monotonic()
        self._total = 0 if STDIN in logs else sum(Path(name).stat().st_size for name in logs)
        self._before = 0
        self._raw: BinaryIO | None = None

    def opened(self, raw: BinaryIO) -> None:
        """Note the log that is read from now on."""
        if self._raw is not None:
            self._before += Path(self._raw.name).stat().st_size
        self._raw = raw

    def show(self, count: int) -> None:
        """Show the number of rows, at most every two seconds."""
        now = time.monotonic()
        if self._quiet or now - self._shown < _EVERY_SECONDS:
            return
        self._shown = now
        _say(f"{count:,} rows{self._left(now - self._started)}")

    def _left(self, seconds: float) -> str:
        if not self._total or self._raw is None or self._raw.closed:
            return ""
        share = min(1.0, (self._before + self._raw.tell()) / self._total)
        return f", {share:.0%} read, about {seconds / share - seconds:.0f} s left" if share else ""


def _report(options: argparse.Namespace, settings: Settings, found: Estimate) -> None:
    tally = found.tally
    pairs = [_masked(each, options.mask) for each in sorted(tally.pairs, reverse=True)]
    given = verdicts.load(_verdicts(options) if options.judge else options.verdicts)
    if options.judge:
        given = verdicts.ask(pairs, given, _verdicts(options), input, _print)
    bound = verdicts.bound(pairs, given, semantic=tally.semantic, hits=tally.hits)
    result = results.as_json(found, settings, pairs, given, bound)
    _print(results.table(result))
    if options.json is not None:
        _write(options.json, json.dumps(result, indent=2) + "\n")
    if options.html is not None:
        _write(options.html, pages.html(result))
    if options.pairs is not None:
        pages.write_pairs(options.pairs, result["riskiest_pairs"])


def _verdicts(options: argparse.Namespace) -> Path:
    found: Path = options.verdicts or Path("verdicts.json")
    return found


def _masked(pair: Pair, mode: str) -> Pair:
    if mode == "none":
        return pair
    hide: Callable[[str], str] = _hidden if mode == "all" else lambda text: mask(text, find(text))
    return replace(pair, asked=hide(pair.asked), stored=hide(pair.stored), answer=hide(pair.answer))


def _hidden(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"[{len(text)} characters, {digest}]"


def _kept_at(folder: Path, logs: Sequence[str]) -> Path:
    """Return the path of this run's files, without the end of their names; the same if it is run again."""
    name = hashlib.sha256(json.dumps([str(Path(each).resolve()) for each in logs]).encode()).hexdigest()[:16]
    return folder / f"estimate-{name}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")


def _say_refused(refused: Refused) -> None:
    for name, bad in refused.rows[:_SHOWN_REASONS]:
        _say(f"{name}:{bad.row}: {bad.reason}")
    if refused.count > _SHOWN_REASONS:
        _say(f"{refused.count - _SHOWN_REASONS:,} more rows were refused; --json lists the first thousand")


def _packaged_embedder() -> Embedder:
    from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder

    return OnnxEmbedder()


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  a command speaks to its user


def _print(line: Any) -> None:
    sys.stdout.write(
        f"{line}\n".encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8")
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel estimate",
        description="Replay a log of requests through the gateway's own decision and say what the cache would save. "
        "Nothing leaves this machine.",
        epilog="Formats, found by content: OpenAI requests with or without responses (JSON Lines), spend logs of "
        "LiteLLM, exports of Helicone and Langfuse, plain prompts, CSV; each also .gz. A killed run goes on.",
    )
    parser.add_argument("logs", nargs="+", metavar="LOG", help="file of requests, - for stdin")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report to pass on")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="write the riskiest pairs as CSV")
    parser.add_argument(
        "--mask", choices=("none", "personal", "all"), default="none", help="what reports hide of texts"
    )
    parser.add_argument("--judge", action="store_true", help="judge the riskiest pairs now, in this terminal")
    parser.add_argument("--verdicts", type=Path, metavar="FILE", help="verdicts as JSON, read and written")
    parser.add_argument("--max-wrong", type=_share, metavar="SHARE", help="SENTINEL_MAX_WRONG")
    parser.add_argument("--ignore-times", action="store_true", help="replay as if all were asked at once: none expires")
    parser.add_argument("--no-budgets", dest="budgets", action="store_false", help="leave out other budgets: faster")
    parser.add_argument("--work", type=Path, default=Path(".sentinel"), metavar="FOLDER", help="for unfinished runs")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return value
