"""The pictures of the documentation show what is there."""

import re
from pathlib import Path

import pytest

from chats.models import State
from tests.docs.diagrams import IMAGES, drawn, edges_of_dot, edges_of_svg, imports_between_rooms

REDRAW = "draw it anew: .venv/bin/python -m tests.docs.diagrams (it needs graphviz)"
DRAWN = sorted(path.stem for path in IMAGES.glob("*.dot"))


def test_the_graph_of_the_packages_is_that_of_the_imports():
    assert edges_of_svg("packages") == drawn(imports_between_rooms()), REDRAW


def test_an_arrow_that_follows_from_two_others_is_left_out():
    chain = {("a.x", "b.x"), ("b.x", "c.x")}
    assert drawn(chain | {("a.x", "c.x"), ("a.x", "b"), ("a", "b.x")}) == chain


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_was_drawn_from_its_words(name):
    assert edges_of_svg(name) == edges_of_dot(name), REDRAW


def test_the_states_are_those_of_a_reply():
    named = {state for edge in edges_of_svg("states") for state in edge} - {"asked"}
    assert named == set(State.values) - {State.MANUAL}


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*.svg")), ids=lambda path: path.name)
def test_no_picture_asks_another_host_for_anything(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"""(?:href|src)=["'](?!#)|url\(|@import|<script""", text)
