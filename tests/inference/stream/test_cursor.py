"""Cursors: what we give comes back as it was, everything else is refused by name."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.stream.cursor import BadCursor, Cursor


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**15 - 1))
def test_a_cursor_comes_back_as_it_was(epoch, position):
    assert Cursor.parse(str(Cursor(epoch, position))) == Cursor(epoch, position)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "1.",
        ".1",
        "-1.0",
        "1.-1",
        "1.0 ",
        " 1.0",
        "1.0\n",
        "01.0",
        "1.00",
        "1.2.3",
        "a.b",
        "1e3.0",
        "٣.٣",
        None,
        f"{10**9}.0",
        f"1.{10**15}",
        "1." + "9" * 1000,
    ],
)
def test_what_is_no_cursor_is_refused_with_its_value(value):
    with pytest.raises(BadCursor, match="is not of the form <epoch>"):
        Cursor.parse(value)


def test_a_huge_value_is_not_repeated_whole_in_the_error():
    with pytest.raises(BadCursor) as caught:
        Cursor.parse("9" * 100_000)
    assert len(str(caught.value)) < 200


@given(st.text())
def test_no_text_breaks_the_parser(value):
    with contextlib.suppress(BadCursor):
        assert str(Cursor.parse(value)) == value
