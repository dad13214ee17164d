"""docs/operations.md: every fault of the chaos suite has its entry in the runbook, every process its command."""

import re
from pathlib import Path

from tests.chaos.faults import OF_ONE_REPLY, OF_THE_STACK, OF_THE_STACK_AND_LONG

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## (What to do when [^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def struck(entry: str) -> list[str]:
    """The faults that an entry names."""
    _, _, named = entry.partition("Struck by the chaos suite as:")
    return re.findall(r"`([^`]+)`", " ".join(named.split()))


def test_every_fault_of_the_chaos_suite_has_exactly_one_entry_and_no_other_is_named():
    faults = sorted(fault.name for fault in (*OF_THE_STACK, *OF_THE_STACK_AND_LONG, *OF_ONE_REPLY))
    assert sorted(name for entry in ENTRIES.values() for name in struck(entry)) == faults


def test_every_entry_says_how_it_is_seen_and_what_to_do():
    for heading, entry in ENTRIES.items():
        if "Nothing." not in entry:
            assert "*Seen as*:" in entry, heading
            assert "*Do*:" in entry, heading
