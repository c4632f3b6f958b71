"""`sentinel top`: a live view of a running server, in the terminal."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError

CLEAR = "\x1b[H\x1b[2J"
_HITS = ("exact_hits", "semantic_hits", "stale_answers")
_TIMEOUT = 10.0
_NARROWEST, _SHORTEST = 40, 10


def top(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Show figures until interrupted, or once; raises ConfigurationError if the server does not answer."""
    asked = _parser().parse_args(arguments)
    settings = Settings.from_environ(environ)
    key = None if settings.admin_key is None else settings.admin_key.get_secret_value()
    url = asked.url or f"http://{settings.host}:{settings.port}{settings.base_path}"
    headers = {} if key is None else {"x-api-key": key}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT) as client:
            return _shown(client, asked)
    except httpx.HTTPError as error:
        raise ConfigurationError(f"{url} does not answer: {type(error).__name__}; name it with --url") from error
    except KeyboardInterrupt:
        return 0


def _shown(client: httpx.Client, asked: argparse.Namespace) -> int:
    while True:
        series = _get(client, "/v1/admin/series?step=minute&last=60")
        requests = _get(client, "/v1/admin/requests?limit=200")["requests"]
        size = shutil.get_terminal_size()
        text = "\n".join(lines(series, requests, width=size.columns, height=size.lines - 1))
        sys.stdout.write(f"{text}\n" if asked.once else f"{CLEAR}{text}\n")
        sys.stdout.flush()
        if asked.once:
            return 0
        time.sleep(asked.seconds)


def _get(client: httpx.Client, path: str) -> Any:
    response = client.get(path)
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise ConfigurationError("the server asks for its admin key: set SENTINEL_ADMIN_KEY")
    response.raise_for_status()
    return response.json()


def lines(series: Mapping[str, Any], requests: Sequence[Mapping[str, Any]], *, width: int, height: int) -> list[str]:
    """Return the screen: figures of the last hour, latencies, then the latest requests."""
    total, wrong = series["total"], series["wrong_hits"]
    hits = sum(total[name] for name in _HITS)
    head = [
        f"Sentinel, last hour: {total['requests']} requests, {_percent(hits, total['requests'])} hits "
        f"({_percent(total['exact_hits'], total['requests'])} exact, "
        f"{_percent(total['semantic_hits'], total['requests'])} semantic), {total['errors']} errors",
        f"Spent ${total['cost_usd']:.4f}, avoided ${total['saved_usd']:.4f}; wrong hits: "
        + (f"{wrong['wrong']} of {wrong['judged']} judged" if wrong["judged"] else "none judged"),
        "",
        *(
            f"{name:<14}{each['count']:>8}   p50 {_ms(each['p50']):>9}   p95 {_ms(each['p95']):>9}"
            for name, each in total["latency_ms"].items()
        ),
        "",
        f"{'time':<9}{'outcome':<14}{'ms':>9}  {'reason':<22}{'prompt or route'}",
    ]
    rows = [*head, *(_row(each) for each in requests)]
    return [row[: max(width, _NARROWEST)] for row in rows[: max(height, _SHORTEST)]]


def _row(each: Mapping[str, Any]) -> str:
    when = datetime.fromtimestamp(each["at"]).astimezone().strftime("%H:%M:%S")
    text = _plain(each["prompt"] or each["route"])
    return f"{when:<9}{each['outcome']:<14}{each['latency_ms']:>9.1f}  {_plain(each['reason'] or '-'):<22}{text}"


def _plain(text: str) -> str:
    """Return a text without characters that a terminal acts on."""
    return "".join(character if character.isprintable() else " " for character in text)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel top",
        description="Show what a running server does, live. The key is SENTINEL_ADMIN_KEY; none is needed on an open"
        " server of this machine.",
    )
    parser.add_argument("--url", help="address of the server; by default SENTINEL_HOST and SENTINEL_PORT")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds between two looks (default 2)")
    parser.add_argument("--once", action="store_true", help="print once, and end")
    return parser
