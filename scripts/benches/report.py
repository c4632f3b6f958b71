"""Figures to tables: percentiles, ratios of rounds, Markdown, a JSON file and a plot."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "bench"

Cell = str | int | float | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Summary:
    """Milliseconds of one series."""

    p50: float
    p95: float
    p99: float
    count: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the rounds' ratios, and their range: a wide one is noise, not a finding."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; `share` is 0 to 1."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1e6) * len(ordered) // 1_000_000) - 1))]


def summarise(seconds: Sequence[float]) -> Summary:
    """Describe durations in milliseconds."""
    p50, p95, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
    return Summary(p50, p95, p99, len(seconds))


def ratio(measured: Sequence[float], beside: Sequence[float]) -> Ratio:
    """Compare round by round, so that what slowed a round down slows both sides."""
    return spread([a / b for a, b in zip(measured, beside, strict=True)])


def spread(values: Sequence[float]) -> Ratio:
    """Describe one figure of several rounds."""
    return Ratio(statistics.median(values), min(values), max(values))


def markdown(rows: Sequence[Row]) -> str:
    """Write rows of the same columns as a table."""
    columns = list(rows[0])
    lines = [columns, ["---"] * len(columns), *([_cell(row[column]) for column in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(command: str, tables: Mapping[str, Sequence[Row]]) -> None:
    """Print the tables, and write them with the machine they were measured on to `build/bench/COMMAND.json`."""
    for title, rows in tables.items():
        if rows:
            print(f"\n### {title}\n\n{markdown(rows)}")
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{command}.json"
    path.write_text(json.dumps({"machine": machine(), "tables": tables}, indent=1) + "\n")
    print(f"\n{path}")


def plot(
    name: str,
    title: str,
    axes: tuple[str, str],
    series: Mapping[str, Sequence[tuple[float, float]]],
    *,
    scale: str = "log",
) -> None:
    """Draw one line per series into `build/bench/NAME.png`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, drawn = plt.subplots(figsize=(8, 5))
    for label, points in series.items():
        drawn.plot(*zip(*points, strict=True), marker="o", label=label)
    drawn.set(title=title, xlabel=axes[0], ylabel=axes[1], xscale=scale, yscale=scale)
    drawn.legend()
    drawn.grid(visible=True, which="both", alpha=0.3)
    figure.savefig(OUT / f"{name}.png", dpi=120, bbox_inches="tight")
    plt.close(figure)


def machine() -> dict[str, Cell]:
    """Say where and of what this was measured."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "time": time.strftime("%Y-%m-%d %H:%M"),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "-" if value is None else str(value)
