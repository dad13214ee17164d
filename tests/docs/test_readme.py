"""The README is short, and what it tells in figures is what was measured."""

from tests.chaos.table import IN_SHORT, between_marks, in_short
from tests.docs.test_documents import ROOT

README = ROOT / "README.md"


def test_it_is_read_in_two_minutes():
    assert len(README.read_text(encoding="utf-8").split()) < 800


def test_its_table_is_that_of_the_page_about_reliability():
    told = between_marks(README)
    assert told == in_short(between_marks(ROOT / "docs" / "reliability.md"))
    assert all(f"| {fault} |" in told for fault in IN_SHORT)
