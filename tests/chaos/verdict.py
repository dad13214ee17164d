"""Whether one reply came through a fault whole: what the issue asks of every run."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.record import Record


@dataclass(frozen=True)
class Verdict:
    """What became of one reply."""

    lost: int
    """Readers that did not end with exactly the right text, or did not end."""
    doubled: int
    """Bytes shown twice, over all readers."""
    restarts: int
    problems: tuple[str, ...]


def judge(
    expected: str, content: str | None, state: str, records: Sequence[Record], *, cancelled: bool, flushed: bool
) -> Verdict:
    """cancelled: it may have been stopped before its end, and `expected` is then what it had.
    flushed: the stream was thrown away on purpose, so that readers may be told to begin again.
    """
    problems: list[str] = []
    if state != "complete" and not (cancelled and state == "cancelled"):
        problems.append(f"the message is {state}")
    if content != expected:
        problems.append(f"the content is {_difference(content, expected)}")
    lost = 0
    for record in records:
        wrong = [f"{record.kind}: {problem}" for problem in record.problems]
        if len(record.finals) != 1:
            wrong.append(f"{record.kind}: {len(record.finals)} final events")
        elif (final := record.finals[0]).get("message") is None or final["message"]["content"] != expected:
            wrong.append(f"{record.kind}: the final event is {str(final)[:200]}")
        if record.text != expected.encode():
            wrong.append(f"{record.kind}: was shown {_difference(record.text.decode(errors='replace'), expected)}")
        if record.holes:
            wrong.append(f"{record.kind}: {record.holes} holes")
        lost += bool(wrong)
        problems += wrong
        if not flushed and (record.doubled or record.restarts):
            problems.append(f"{record.kind}: {record.doubled} bytes twice, {record.restarts} restarts")
    return Verdict(
        lost=lost,
        doubled=sum(each.doubled for each in records),
        restarts=sum(each.restarts for each in records),
        problems=tuple(problems),
    )


def _difference(told: str | None, expected: str) -> str:
    if told is None:
        return "nothing at all"
    if expected.startswith(told):
        return f"its first {len(told)} of {len(expected)} characters"
    if told == expected:
        return "right"
    at = next((place for place, (a, b) in enumerate(zip(told, expected, strict=False)) if a != b), len(expected))
    return f"wrong from character {at} on: ...{told[max(0, at - 20) : at + 20]!r}, not {expected[at : at + 20]!r}"
