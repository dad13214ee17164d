"""`python -m tests.bench [MEASURE ...]`: run the measures, print the table, keep it in .local/bench/."""

import argparse
import asyncio
import os
import time
from pathlib import Path

from rich.console import Console

from tests.bench.figures import Figure, show, store
from tests.bench.machine import ROOT, machine
from tests.bench.measures import MEASURES


def main() -> None:
    """Run what the command line names, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"some of: {', '.join(MEASURES)} (default all)")
    parser.add_argument("--web", type=int, default=1, help="number of web processes (1)")
    arguments = parser.parse_args()
    unknown = set(arguments.measures) - set(MEASURES)
    if unknown:
        parser.error(f"unknown measure {', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}")
    console = Console(stderr=True)
    folder = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local") / "bench"
    figures: list[Figure] = []
    try:
        with machine(folder, web=arguments.web) as running:
            for name in arguments.measures or MEASURES:
                console.print(f"measuring {name} ...")
                figures += asyncio.run(MEASURES[name](running))
    finally:  # what was measured before a measure failed is not lost with it
        show(figures)
        path = folder / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}-web{arguments.web}.json"
        store(figures, path)
        console.print(f"kept in {path}")


if __name__ == "__main__":
    main()
