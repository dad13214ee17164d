"""What the runs came to, as a table for people: on the terminal, in docs/reliability.md, in short in the README."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import quantiles

from tests.chaos.scene import Outcome

BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"
IN_SHORT = (
    "worker: SIGKILL",
    "web: SIGKILL",
    "Valkey: FLUSHALL",
    "Valkey: dead for 8 s",
    "PostgreSQL: restarted",
    "engine: SIGKILL, back after 1 s",
    "several at a time",
)
"""The faults that the README tells."""
COLUMNS_IN_SHORT = ("fault", "replies", "lost", "doubled", "pause p95")
COLUMNS = ("fault", "runs", "replies", "lost", "doubled", "restarts", "pause p50", "pause p95")


def table(outcomes: Iterable[Outcome]) -> str:
    """One line per fault, in the order of their first run, as Markdown.

    lost: readers without exactly the right text and one final event. doubled: bytes shown twice. Pauses: the longest
    silence of a run's readers from the moment of the fault on, the fault's own duration included.
    """
    runs: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        runs[outcome.fault].append(outcome)
    lines = [_line(COLUMNS), _line(["---"] + ["--:"] * (len(COLUMNS) - 1))]
    for fault, each in runs.items():
        verdicts = [verdict for outcome in each for verdict in outcome.verdicts]
        pauses = sorted(outcome.pause_s for outcome in each)
        cuts = quantiles(pauses, n=20, method="inclusive") if len(pauses) > 1 else pauses * 19
        numbers = [
            len(each),
            len(verdicts),
            sum(verdict.lost for verdict in verdicts),
            sum(verdict.doubled for verdict in verdicts),
            sum(verdict.restarts for verdict in verdicts),
        ]
        lines.append(_line([fault, *map(str, numbers), f"{cuts[9]:.1f} s", f"{cuts[18]:.1f} s"]))
    return "\n".join(lines)


def in_short(whole: str) -> str:
    """The lines of a whole table that the README tells."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in whole.splitlines() if line[:1] == "|"]
    cells = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}
    told = [_line(cells[fault][column] for column in COLUMNS_IN_SHORT) for fault in IN_SHORT if fault in cells]
    return "\n".join([_line(COLUMNS_IN_SHORT), _line(["---"] + ["--:"] * (len(COLUMNS_IN_SHORT) - 1)), *told])


def between_marks(document: Path) -> str:
    """What the document has between its two markers."""
    return document.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def write(text: str, document: Path) -> None:
    """Put the text between the document's two markers. Raises ValueError when they are not there."""
    before, found, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"{document} has no lines {BEGIN} and {END}: put them where the table belongs")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
