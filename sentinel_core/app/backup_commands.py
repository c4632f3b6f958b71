"""`sentinel backup` and `restore`: all answers and judged pairs of a namespace, over a server's admin routes."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from sentinel_core.app import backup_file
from sentinel_core.app.backup_file import Draft, Row
from sentinel_core.app.server_client import Server, checked, parser_of, reason, say
from sentinel_core.cache.pairs import half, parts
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.rows import BadRow

PAGE = 500
BATCH = 200
_SHOWN = 100
_EVERY_SECONDS = 2.0
_SPLIT = frozenset({400, 413, 422})
_TOO_MUCH = frozenset({413, 500, 502})
"""What platforms answer for a page that is too large: Lambda's answers have 6 MB at most."""

_BAD = 2


def backup(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Write a namespace's answers and judged pairs to a file; a killed run goes on."""
    parser = parser_of("backup", "Write all answers of a namespace to a file. A killed run goes on.", file=True)
    parser.add_argument("--sealed", action="store_true", help="seal, and encrypt with SENTINEL_ENCRYPTION_KEYS")
    options = parser.parse_args(arguments)
    draft, progress = Draft(options.file), _Progress()
    try:
        with Server(options, environ) as server:
            limit = PAGE
            while draft.cursor is not None:
                params = {"cursor": draft.cursor, "limit": limit, "sealed": options.sealed}
                response = server.ask("GET", "/v1/admin/backup", tenant=options.tenant, params=params)
                if response.status_code in _TOO_MUCH and limit > 1:
                    limit = max(1, limit // 5)
                    continue
                page = checked(response).json()
                draft.start(page["header"])
                draft.add(page["rows"], page["next_cursor"])
                progress.show(draft.count)
        draft.finish()
    except OSError as error:
        raise ConfigurationError(f"{options.file}: {error.strerror}") from error
    finally:
        draft.close()
    say(f"{draft.count} answers and pairs in {options.file}")
    return 0


def restore(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Put the answers of a file back; a run that was killed may be repeated. Return 2 where rows were refused."""
    parser = parser_of("restore", "Put the answers of a backup back. A killed run may be repeated.", file=True)
    parser.add_argument("--embed", action="store_true", help="let the server compute the vectors: for another embedder")
    options = parser.parse_args(arguments)
    found = backup_file.read(options.file)
    header = next(found)
    if isinstance(header, BadRow):
        raise ConfigurationError(f"{options.file}:{header.row}: {header.reason}")
    with Server(options, environ) as server:
        restoring = _Restoring(server, options, header[1])
        batch: list[tuple[int, Row]] = []
        for row in found:
            if isinstance(row, BadRow):
                restoring.refuse(row)
                continue
            is_turn = bool(batch) and row[1].get("kind") == "pair" != batch[-1][1].get("kind")
            if len(batch) == BATCH or is_turn:  # a batch of pairs: only then are erased answers known
                restoring.send(batch)
                batch = []
            batch.append(row)
        restoring.send(batch)
    say(restoring.summary())
    return _BAD if restoring.refused else 0


class _Restoring:
    """Sends batches, and counts what the server makes of them."""

    def __init__(self, server: Server, options: Any, header: Row) -> None:
        self._server = server
        self._options = options
        self._header = header
        self._progress = _Progress()
        self._counts = {"changed": 0, "same": 0, "erased": 0}
        self._erased: set[tuple[Any, str]] = set()
        self.refused = 0

    def refuse(self, row: BadRow) -> None:
        """Count a refused row, and name the first hundred."""
        self.refused += 1
        if self.refused <= _SHOWN:
            say(f"{self._options.file}:{row.row}: {row.reason}", sys.stderr)

    def send(self, batch: Sequence[tuple[int, Row]]) -> None:
        """Restore a batch; halves of it where the server refuses the whole."""
        batch = [each for each in batch if not self._is_erased(each[1])]
        if not batch:
            return
        body = {"header": self._header, "rows": [row for _, row in batch], "embed": self._options.embed}
        if self._options.tenant is not None:
            body["tenant"] = self._options.tenant
        response = self._server.ask("POST", "/v1/admin/backup/restore", json=body)
        if response.status_code in _SPLIT:
            self._split(batch, response)
            return
        result = checked(response).json()
        for name in self._counts:
            self._counts[name] += result[name]
        for number in result["erased_rows"]:
            row = batch[number][1]
            self._erased.add((row["scope"], half(row["digest"])))
        for each in result["refused"]:
            self.refuse(BadRow(batch[each["row"]][0], each["reason"]))
        self._progress.show(sum(self._counts.values()))

    def summary(self) -> str:
        """Return the last line of the command."""
        counts = self._counts
        erased = f", {counts['erased']} stay erased" if counts["erased"] else ""
        done = f"{counts['changed']} answers and pairs are restored, {counts['same']} were there"
        return f"{done}{erased}, {self.refused} rows are refused"

    def _is_erased(self, row: Row) -> bool:
        """Whether this is a pair of an erased answer; count it. A backup has answers before pairs."""
        if row.get("kind") != "pair" or not self._erased:
            return False
        is_erased = any((row.get("scope"), each) in self._erased for each in parts(str(row.get("id"))))
        self._counts["erased"] += is_erased
        return is_erased

    def _split(self, batch: Sequence[tuple[int, Row]], response: httpx.Response) -> None:
        if len(batch) == 1:
            self.refuse(BadRow(batch[0][0], reason(response)))
            return
        middle = len(batch) // 2
        self.send(batch[:middle])
        self.send(batch[middle:])


class _Progress:
    """Answers so far, every two seconds."""

    def __init__(self) -> None:
        self._shown = time.monotonic()

    def show(self, count: int) -> None:
        now = time.monotonic()
        if now - self._shown >= _EVERY_SECONDS:
            self._shown = now
            say(f"{count:,} answers", sys.stderr)


COMMANDS = {"backup": backup, "restore": restore}
