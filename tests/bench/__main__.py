"""`python -m tests.bench [MEASURE ...]`: run the measures, print the table, keep it in .local/bench/."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench.figures import Figure, show, store
from tests.bench.flames import CannotLook, check_py_spy, watched
from tests.bench.machine import ROOT, machine
from tests.bench.measures import MEASURES


def main() -> None:
    """Run what the command line names, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"some of: {', '.join(MEASURES)} (default all)")
    parser.add_argument("--web", type=int, default=1, help="number of web processes (1)")
    parser.add_argument("--workers", type=int, default=1, help="number of worker processes that serve a model (1)")
    parser.add_argument("--flames", action="store_true", help="draw flame graphs of web process and worker (py-spy)")
    arguments = parser.parse_args()
    unknown = set(arguments.measures) - set(MEASURES)
    if unknown:
        parser.error(f"unknown measure {', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}")
    if arguments.flames:
        try:
            check_py_spy()
        except CannotLook as error:
            parser.error(str(error))
    console = Console(stderr=True)
    folder = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local") / "bench"
    flames = folder / "flames"
    figures: list[Figure] = []
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # as by Ctrl-C: what is measured is kept
    console.print("starting what is measured ...")
    try:
        with machine(folder, web=arguments.web, workers=arguments.workers) as running:
            for name in arguments.measures or MEASURES:
                console.print(f"measuring {name} ...")
                with ExitStack() as around:
                    pictures = around.enter_context(watched(running, name, flames)) if arguments.flames else []
                    figures += uvloop.run(MEASURES[name](running))
                for picture in pictures:
                    console.print(f"kept in {picture}")
    finally:  # what was measured before a measure failed is not lost with it
        show(figures)
        processes = f"web{arguments.web}-workers{arguments.workers}"
        path = folder / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}-{processes}.json"
        store(figures, path)
        console.print(f"kept in {path}")


if __name__ == "__main__":
    main()
