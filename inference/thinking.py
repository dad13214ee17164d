"""Tells a reasoning model's thoughts from its reply while the text streams.

Such models begin a reply with ``<think>``, reason, and close it with ``</think>``; what follows is the reply. Only
the very beginning of a reply can open thoughts, so that a reply may talk about the tags. Models whose template opens
the thoughts already in the prompt (DeepSeek-R1, QwQ) begin inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

BEGINS = "<think>"
ENDS = "</think>"
TAGS = frozenset({BEGINS, ENDS})


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text and what it is."""

    kind: Literal["thought", "reply"]
    text: str


class _Where(Enum):
    BEFORE = auto()
    """Only white space yet, or the beginning of the opening tag."""
    THOUGHT_BEGINS = auto()
    """Behind the opening tag: white space is dropped."""
    THOUGHT = auto()
    REPLY_BEGINS = auto()
    """Behind the closing tag: white space is dropped."""
    REPLY = auto()


class ThoughtSplitter:
    """Splits a streamed text into thoughts and reply; how it was cut into pieces makes no difference.

    The tags and the white space next to their insides belong to neither part; all other text comes out once, in
    order. White space at the end of thoughts is held back until it is known not to stand before the closing tag.
    """

    def __init__(self, *, inside: bool = False) -> None:
        """inside: the thoughts were opened in the prompt."""
        self._where = _Where.THOUGHT_BEGINS if inside else _Where.BEFORE
        self._held = ""

    @property
    def held(self) -> str:
        """The end of the text taken in that is not told yet: what comes decides what it is."""
        return self._held

    def feed(self, text: str) -> list[Part]:
        """Take further text; return the parts that are certain now."""
        if self._where is _Where.REPLY:
            return [Part("reply", text)] if text else []
        self._held += text
        return [part for part in self._released() if part.text]

    def finish(self) -> list[Part]:
        """The text has ended: return what was held back. Thoughts that were never closed stay thoughts."""
        held, self._held = self._held, ""
        match self._where:
            case _Where.BEFORE | _Where.REPLY:
                return [Part("reply", held)] if held else []
            case _Where.THOUGHT:
                return [Part("thought", held.rstrip())] if held.rstrip() else []
            case _:
                return []

    def _released(self) -> Iterator[Part]:
        if self._where is _Where.BEFORE:
            stripped = self._held.lstrip()
            if len(stripped) < len(BEGINS) and BEGINS.startswith(stripped):
                return
            if stripped.startswith(BEGINS):
                self._held = stripped.removeprefix(BEGINS)
                self._where = _Where.THOUGHT_BEGINS
            else:
                self._where = _Where.REPLY
        if self._where is _Where.THOUGHT_BEGINS:
            self._held = self._held.lstrip()
            if not self._held:
                return
            self._where = _Where.THOUGHT
        if self._where is _Where.THOUGHT:
            thought, closed, rest = self._held.partition(ENDS)
            if closed:
                yield Part("thought", thought.rstrip())
                self._held = rest
                self._where = _Where.REPLY_BEGINS
            else:
                certain = self._held[: len(self._held) - _may_end(self._held)].rstrip()
                yield Part("thought", certain)
                self._held = self._held[len(certain) :]
        if self._where is _Where.REPLY_BEGINS:
            self._held = self._held.lstrip()
            if not self._held:
                return
            self._where = _Where.REPLY
        if self._where is _Where.REPLY:
            yield Part("reply", self._held)
            self._held = ""


def split_thoughts(text: str, *, inside: bool = False) -> tuple[str, str]:
    """The thoughts and the reply of a whole text; a next turn shows the model the latter only."""
    splitter = ThoughtSplitter(inside=inside)
    parts = [*splitter.feed(text), *splitter.finish()]
    thoughts = "".join(part.text for part in parts if part.kind == "thought")
    return thoughts, "".join(part.text for part in parts if part.kind == "reply")


def divide(text: str, *, inside: bool = False) -> tuple[str, str]:
    """The text cut where the reply begins, nothing added or dropped: what stands before it, tags and all; the reply."""
    reply = split_thoughts(text, inside=inside)[1]
    return text[: len(text) - len(reply)], reply


def _may_end(text: str) -> int:
    """How many characters at the end of ``text`` may begin the closing tag."""
    return next((length for length in range(len(ENDS) - 1, 0, -1) if text.endswith(ENDS[:length])), 0)
