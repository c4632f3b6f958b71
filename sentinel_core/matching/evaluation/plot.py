"""Recall against wrong hits, one line for each source, cosine alone dashed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.evaluation.report import Point, Section


def plot(found: Iterable[Section], path: Path) -> None:
    """Write in the format of the file's ending (png, svg, pdf); raises ConfigurationError without matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigurationError("--plot needs matplotlib") from error
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.add_subplot()
    colours = mpl.colormaps["tab20"]
    for place, section in enumerate(section for section in found if ":" not in section.name):
        colour = colours(place % colours.N)
        axes.plot(*_line(section.gated_curve), color=colour, marker=".", label=section.name)
        axes.plot(*_line(section.alone_curve), color=colour, linestyle="--", alpha=0.5)
    axes.set(xlabel="wrong per hit", ylabel="recall", title="With the gate (solid) and by cosine alone (dashed)")
    axes.legend(fontsize="x-small", ncols=2)
    figure.savefig(path)


def _line(curve: Sequence[Point]) -> tuple[list[float], list[float]]:
    served = [point.tally for point in curve if point.tally.hits and point.tally.recall is not None]
    return [counted.wrong_per_hit or 0.0 for counted in served], [counted.recall or 0.0 for counted in served]
