"""Thoughts and reply told apart, against a naive oracle."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.thinking import Part, ThoughtSplitter, split_thoughts


def oracle(text: str, *, inside: bool) -> tuple[str, str]:
    """The thoughts and the reply of a whole text."""
    begun = re.match(r"\s*<think>", text)
    if not (begun or inside):
        return "", text
    thoughts, _, reply = text[begun.end() if begun and not inside else 0 :].lstrip().partition("</think>")
    return thoughts.rstrip(), reply.lstrip()


def pieces(text: str, cuts: Sequence[int]) -> list[str]:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


texts = st.lists(
    st.sampled_from(["<think>", "</think>", "<think", "</", "think>", "<", ">", " ", "\n", "a", "b c", "é"]),
    max_size=12,
).map("".join)


@given(text=texts, cuts=st.lists(st.integers(0, 100), max_size=12), inside=st.booleans())
def test_however_the_text_arrives_the_parts_are_the_same(text: str, cuts: list[int], inside: bool):
    splitter = ThoughtSplitter(inside=inside)
    parts: list[Part] = []
    for piece in pieces(text, cuts):
        parts += splitter.feed(piece)
    parts += splitter.finish()
    told = {kind: "".join(part.text for part in parts if part.kind == kind) for kind in ("thought", "reply")}
    assert (told["thought"], told["reply"]) == oracle(text, inside=inside) == split_thoughts(text, inside=inside)
    assert [part.kind for part in parts] == sorted((part.kind for part in parts), reverse=True)
    assert all(part.text for part in parts)


def test_thoughts_stream_as_they_come():
    splitter = ThoughtSplitter()
    assert splitter.feed("<thi") == []
    assert splitter.feed("nk>\nHm") == [Part("thought", "Hm")]
    assert splitter.feed(", yes.\n</") == [Part("thought", ", yes.")]
    assert splitter.feed("think>\n\nYes") == [Part("reply", "Yes")]
    assert splitter.feed(", <think> is a tag.") == [Part("reply", ", <think> is a tag.")]
    assert splitter.finish() == []


@pytest.mark.parametrize(
    ("text", "thoughts", "reply"),
    [
        ("Just a reply.", "", "Just a reply."),
        ("About <think> tags.", "", "About <think> tags."),
        ("<think>\n\n</think>\n\nAt once.", "", "At once."),
        ("<think>Cut off", "Cut off", ""),
        ("<think", "", "<think"),
        ("  ", "", "  "),
    ],
)
def test_whole_texts(text: str, thoughts: str, reply: str):
    assert split_thoughts(text) == (thoughts, reply)
