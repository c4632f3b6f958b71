"""Replays labelled pairs of chats as live sessions, one after the other, and counts the last answers they share."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from scripts.devtools.http.replies import Call, Reply, answer
from scripts.devtools.http.serving import asking, serving
from scripts.devtools.http.upstream import Upstream

MOST_TRAPS = 0.03
"""Share of pairs with relevant differences that may share their last answer."""

Turns = Sequence[Mapping[str, Any]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compat chats", description=__doc__)
    parser.add_argument("pairs", type=Path, help='JSON Lines, perhaps packed: {"a": [messages], "b": …, "same": 0}')
    parser.add_argument("--scope", default="full", help="SENTINEL_CHAT_SCOPE: %(default)s")
    arguments = parser.parse_args(argv)
    script = _Script()
    with (
        Upstream.running() as upstream,
        serving(
            **asking(upstream.url),
            SENTINEL_CHAT_SCOPE=arguments.scope,
            SENTINEL_LOG_LEVEL="error",
        ) as server,
    ):
        upstream.models["m"] = script.reply
        server.wait_for_embedder()
        shared = [
            (bool(pair["same"]), _is_shared(server.http, script, number, pair))
            for number, pair in enumerate(_pairs(arguments.pairs))
        ]
    return _report(Counter(shared))


class _Script:
    """The upstream's part: it says what the assistant says in the chat that is held now, and `last` at its end."""

    def __init__(self) -> None:
        self.turns: Turns = ()
        self.last = ""

    def reply(self, call: Call) -> Reply:
        place = len(call.body["messages"]) - 1  # without the system prompt
        return answer(str(self.turns[place]["content"]) if place < len(self.turns) else self.last)


def _pairs(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the pairs whose users say something different before their last turn: others are one chat when live."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            pair: dict[str, Any] = json.loads(line)
            if _said(pair["a"]) != _said(pair["b"]):
                yield pair


def _said(turns: Turns) -> list[Any]:
    return [turn["content"] for turn in turns[:-1] if turn["role"] == "user"]


def _is_shared(http: httpx.Client, script: _Script, number: int, pair: Mapping[str, Any]) -> bool:
    """Hold both chats, and return whether the second one's last answer is the first one's."""
    last = [_hold(http, script, f"{number}{name}", number, pair[name]) for name in "ab"]
    return last[0] == last[1]


def _hold(http: httpx.Client, script: _Script, name: str, number: int, turns: Turns) -> str:
    script.turns, script.last = turns, f"The answer of {name}."
    messages: list[dict[str, Any]] = [{"role": "system", "content": f"You are assistant {number}."}]
    for turn in turns:
        if turn["role"] == "user":
            messages.append({"role": "user", "content": turn["content"]})
            given = http.post("/v1/chat/completions", json={"model": "m", "messages": messages})
            given.raise_for_status()
            messages.append({"role": "assistant", "content": given.json()["choices"][0]["message"]["content"]})
    return str(messages[-1]["content"])


def _report(shared: Mapping[tuple[bool, bool], int]) -> int:
    shares = {}
    for is_same, kind in ((True, "same"), (False, "different")):
        total = sum(shared.get((is_same, is_shared), 0) for is_shared in (True, False))
        shares[is_same] = shared.get((is_same, True), 0) / total if total else 0.0
        print(
            f"{kind:10}{shared.get((is_same, True), 0):5} of {total:4} share their last answer {shares[is_same]:7.1%}"
        )
    return 0 if shares[False] <= MOST_TRAPS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
