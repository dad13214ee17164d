"""The long form of the chaos suite, `make chaos N=50`: every fault N times, at random moments, and a table.

Exit code 1 when anything was lost, doubled, begun again without a flush, or left unfinished.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.faults import OF_ONE_REPLY, OF_THE_STACK, OF_THE_STACK_AND_LONG
from tests.chaos.program import ROOT
from tests.chaos.scene import Fault, Outcome, play
from tests.chaos.stack import Stack, running_stack
from tests.chaos.table import in_short, table, write

DOCUMENT = ROOT / "docs" / "reliability.md"
README = ROOT / "README.md"


def main() -> int:
    """Run, print, and write the table where it belongs."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__, allow_abbrev=False)
    parser.add_argument("--runs", type=int, default=50, help="how often each fault strikes (%(default)s)")
    parser.add_argument("--only", default="", help="only faults with this text in their name")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no further round after so long")
    parser.add_argument("--write", action="store_true", help=f"write the table into {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--logs", type=Path, help="a folder for data and logs that is kept")
    given = parser.parse_args()
    if given.logs is None:
        with tempfile.TemporaryDirectory(prefix="oasst-chaos-") as folder:
            outcomes, failed = asyncio.run(_rounds(Path(folder), given.runs, given.only, given.minutes * 60))
    else:
        given.logs.mkdir(parents=True)
        outcomes, failed = asyncio.run(_rounds(given.logs, given.runs, given.only, given.minutes * 60))
    text = table(outcomes)
    _say(text)
    if given.write:
        write(f"{_circumstances(outcomes)}\n\n{text}", DOCUMENT)
        write(in_short(text), README)
    return 1 if failed else 0


async def _rounds(folder: Path, runs: int, only: str, seconds: float) -> tuple[list[Outcome], bool]:
    outcomes: list[Outcome] = []
    failed = False
    began = time.monotonic()
    _say("starting the stack")
    async with running_stack(folder) as stack:
        _say("striking; a round takes some minutes")
        for number in range(runs):
            if time.monotonic() - began > seconds:
                break
            for faults in (*((each,) for each in (*OF_THE_STACK, *OF_THE_STACK_AND_LONG)), OF_ONE_REPLY):
                chosen = [each for each in faults if only in each.name]
                for outcome in await _struck(stack, chosen):
                    outcomes.append(outcome)
                    failed |= bool(outcome.problems)
                    for problem in outcome.problems:
                        _say(f"round {number + 1}, {outcome.fault}: {problem}")
            if left := await asyncio.to_thread(stack.unfinished):
                failed = True
                _say(f"round {number + 1}: unfinished: {left}")
            _say(f"round {number + 1} of {runs} after {time.monotonic() - began:.0f} s")
    return outcomes, failed


async def _struck(stack: Stack, faults: list[Fault]) -> list[Outcome]:
    return await asyncio.gather(*(play(stack, each, anywhere=True) for each in faults))


def _circumstances(outcomes: list[Outcome]) -> str:
    replies = sum(len(each.verdicts) for each in outcomes)
    return (
        f"{len(outcomes)} runs with {replies} replies, each with a reader by websocket and one by server-sent events, "
        f"on a machine with {os.cpu_count()} processors. Written by `make chaos`."
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
