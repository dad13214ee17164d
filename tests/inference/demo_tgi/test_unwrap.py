"""Unwrapping of paragraphs."""

from inference.demo_tgi.docs_search.unwrap import unwrap


def test_a_wrapped_paragraph_becomes_one_line() -> None:
    assert unwrap("One\ntwo\nthree.\n\nNext\npart.") == "One two three.\n\nNext part."


def test_a_wrapped_list_item_becomes_one_line_and_items_stay_apart() -> None:
    assert unwrap("- one\n  and more\n- two\n1. three\n   too") == "- one and more\n- two\n1. three too"


def test_code_stays_as_it_is() -> None:
    code = "Say:\n```\na\nb\n```\nafter\nthat"
    assert unwrap(code) == "Say:\n```\na\nb\n```\nafter that"


def test_tables_headings_and_hard_breaks_stay_as_they_are() -> None:
    text = "# Title\nText\nhere\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nhard  \nbreak"
    assert unwrap(text) == "# Title\nText here\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nhard  \nbreak"
