"""Figures, and the table that shows them beside what they are to reach and their control of the same run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `control`: what the same run measured without us, where there is such a thing."""

    measure: str
    value: float
    unit: str
    target: str = ""
    control: str = ""
    peers: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table("measure", "measured", "reach", "control, same run", "peers")
    for figure in figures:
        table.add_row(figure.measure, f"{figure.value:,.4g} {figure.unit}", figure.target, figure.control, figure.peers)
    Console(width=160).print(table)


def store(figures: Sequence[Figure], path: Path) -> None:
    """Write them as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2), encoding="utf-8")
