"""Drives a server over many keep-alive connections: wrk where it is installed, else our own processes."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from scripts.benches import client
from scripts.benches.report import percentile
from scripts.benches.servers import Running

_LUA = """
local bodies, at, headers = {}, 0, {%s}
for line in io.lines("%s") do bodies[#bodies + 1] = wrk.format("POST", "%s", headers, line) end
function request() at = at %% #bodies + 1; return bodies[at] end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%%d,"seconds":%%f,"p50":%%f,"p95":%%f,"p99":%%f,"errors":%%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run; latencies in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    errors: int

    @property
    def per_second(self) -> float:
        """Right answers only."""
        return (self.requests - self.errors) / self.seconds


def generator() -> str:
    """Name what drives the load."""
    return "wrk" if shutil.which("wrk") else f"{_PROCESSES} processes of asyncio"


def drive(
    server: Running,
    path: str,
    bodies: Sequence[object],
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Load:
    """Post the bodies in a circle, as fast as they are answered; answers other than 200 are errors."""
    lines = [json.dumps(body) for body in bodies]
    # wrk knows its Host only after a script has run; strict servers refuse a request without.
    sent = {"host": "127.0.0.1", "content-type": "application/json", **(headers or {})}
    by = _wrk if shutil.which("wrk") else _own
    return by(server.port, path, lines, sent, connections, seconds)


def _wrk(
    port: int, path: str, lines: Sequence[str], headers: Mapping[str, str], connections: int, seconds: float
) -> Load:
    table = ", ".join(f"[{json.dumps(name)}]={json.dumps(value)}" for name, value in headers.items())
    with tempfile.TemporaryDirectory() as directory:
        bodies, script = Path(directory, "bodies.txt"), Path(directory, "wrk.lua")
        bodies.write_text("\n".join(lines) + "\n")
        script.write_text(_LUA % (table, bodies, path))
        flags = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(script)]
        done = subprocess.run(["wrk", *flags, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    return Load(**json.loads(done.stdout.splitlines()[-1]))


_PROCESSES = 2


def _own(
    port: int, path: str, lines: Sequence[str], headers: Mapping[str, str], connections: int, seconds: float
) -> Load:
    requests = [client.post(path, line.encode(), headers) for line in lines]
    count = min(_PROCESSES, connections)
    shares = [connections // count + (number < connections % count) for number in range(count)]
    jobs = [(port, requests[number::count] or requests, share, seconds) for number, share in enumerate(shares)]
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        results = pool.starmap(_drive, jobs)
    taken = [one for latencies, _ in results for one in latencies]
    p50, p95, p99 = (percentile(taken, share) * 1000 for share in (0.5, 0.95, 0.99))
    return Load(len(taken), seconds, p50, p95, p99, sum(errors for _, errors in results))


def _drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> tuple[list[float], int]:
    return uvloop.run(_drive_all(port, requests, connections, seconds))


async def _drive_all(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> tuple[list[float], int]:
    until = time.perf_counter() + seconds
    tasks = (_circle(port, [*requests[at:], *requests[:at]], until) for at in range(connections))
    results = await asyncio.gather(*tasks)
    return [one for latencies, _ in results for one in latencies], sum(errors for _, errors in results)


async def _circle(port: int, requests: Sequence[bytes], until: float) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies, errors, at = [], 0, 0
    while (begun := time.perf_counter()) < until:
        writer.write(requests[at % len(requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        latencies.append(time.perf_counter() - begun)
        errors += head[9:12] != b"200"
        at += 1
    writer.close()
    return latencies, errors
