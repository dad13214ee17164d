"""Colours, columns and control characters: what is drawn is the text, the whole text and nothing but the text."""

import io
import re
from itertools import pairwise

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chats.text_client.cells import column_after, visible
from chats.text_client.markdown import MarkdownPainter
from chats.text_client.screen import StatusLine

MARKDOWN = st.text(alphabet="ab *`#~\n-", max_size=60)
WIDTH = 20


def without_escapes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def styles(painted: str) -> list[tuple[str, bool, str]]:
    """Each character with its weight and colour, as a terminal shows it."""
    screen = pyte.Screen(200, 100)
    pyte.Stream(screen).feed(painted.replace("\n", "\r\n"))
    cells = [screen.buffer[y][x] for y in range(100) for x in range(200)]
    return [(cell.data, cell.bold, cell.fg) for cell in cells if cell.data != " "]


@given(MARKDOWN)
def test_painting_changes_no_character(text):
    assert without_escapes(MarkdownPainter(enabled=True).feed(text)) == text


@given(MARKDOWN, st.lists(st.integers(0, 60), max_size=6))
def test_painting_does_not_depend_on_how_the_text_is_cut(text, cuts):
    painter = MarkdownPainter(enabled=True)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    pieces = "".join(painter.feed(text[a:b]) for a, b in pairwise(edges))
    assert styles(pieces) == styles(MarkdownPainter(enabled=True).feed(text))


def test_a_fence_ends_at_its_own_mark_only():
    painted = MarkdownPainter(enabled=True).feed("~~~\n# no heading ```\n~~~\n# heading")
    shown = styles(painted)
    assert ("n", False, "cyan") in shown
    assert shown[-1] == ("g", True, "blue")


def test_stars_within_code_and_a_lone_hash_are_left_alone():
    shown = styles(MarkdownPainter(enabled=True).feed("`a**b` c\n#tag d"))
    assert ("c", False, "default") in shown
    assert ("d", False, "default") in shown


@given(st.lists(st.text(alphabet="ab\t\nü", max_size=30), max_size=4))
def test_the_column_is_where_a_terminal_has_its_cursor(pieces):
    screen = pyte.Screen(WIDTH, 200)
    stream = pyte.Stream(screen)
    column = 0
    for piece in pieces:
        stream.feed(piece.replace("\n", "\r\n"))
        column = column_after(piece, column, WIDTH)
        if "\t" not in "".join(pieces):  # emulators differ on a tab at the edge
            assert column == screen.cursor.x


def test_a_wide_character_takes_two_columns_and_wraps_whole():
    assert column_after("界", 0, WIDTH) == 2
    assert column_after("界", WIDTH - 2, WIDTH) == WIDTH
    assert column_after("界", WIDTH - 1, WIDTH) == 2


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, *range(0x80, 0xA0)])
def test_no_control_character_but_line_end_and_tab_reaches_the_terminal(code):
    shown = visible(f"a{chr(code)}b")
    assert all(character in "\n\t" or character.isprintable() or character == "\ufffd" for character in shown)


def test_ordinary_text_stays_as_it_is():
    assert visible("Grüße 🦀\n\tx") == "Grüße 🦀\n\tx"


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_passing_line_leaves_the_word_of_stopping_alone():
    out = Tty()
    status = StatusLine(out)
    status.keep("Stopping")
    status.show("Stopping")
    shown = out.getvalue()
    status.pass_by("Waiting for the next words")
    status.pass_by("")
    assert out.getvalue() == shown
    status.show("")
    status.pass_by("Waiting for the next words")
    assert out.getvalue().endswith("Waiting for the next words\x1b[0m")
