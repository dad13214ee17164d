"""Keeps stop sequences out of what is shown: text is released only once it cannot be the beginning of one."""

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

KEPT_AUTOMATONS: Final = 64
"""A worker serves one model, so nearly all its replies have the same stops; requests may bring some of their own."""


class StopFilter:
    """Releases text up to the first stop sequence; no part of a stop sequence is ever released.

    The first stop sequence is the one that is complete first; among several that end at the same character,
    the longest. What is released in total does not depend on how the text was cut into pieces.

    Time is linear in the text. Filters of the same stops share their automaton.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        """``stops`` may be none at all; raises ``ValueError`` for an empty text among them."""
        self._automaton = _automaton(tuple(stops))
        self._node = 0
        self._held = ""
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Has a stop sequence been met? Nothing is released after it."""
        return self._stopped

    def feed(self, text: str) -> str:
        """Take further text; return what may be shown now (perhaps nothing)."""
        if self._stopped:
            return ""
        automaton = self._automaton
        if self._node == 0 and (automaton.may_begin is None or not automaton.may_begin.search(text)):
            return text
        pending = self._held + text
        edges, fail, matched = automaton.edges, automaton.fail, automaton.matched
        node = self._node
        for at, character in enumerate(text, start=len(self._held) + 1):
            while node and character not in edges[node]:
                node = fail[node]
            node = edges[node].get(character, 0)
            if matched[node]:
                self._stopped = True
                self._held = ""
                return pending[: at - matched[node]]
        self._node = node
        released = len(pending) - automaton.depth[node]
        self._held = pending[released:]
        return pending[:released]

    def flush(self) -> str:
        """The text has ended without a stop: return what was held back."""
        held, self._held, self._node = self._held, "", 0
        return held


class _Automaton:
    """An Aho-Corasick automaton (A. Aho, M. Corasick, CACM 18(6), 1975) of the stops; never changed once it is made.

    The depth of a node is the length of the longest beginning of a stop that the text ends in, just what has to be
    held back.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        if "" in stops:
            raise ValueError("a stop sequence is empty; each needs at least one character")
        self.edges: list[dict[str, int]] = [{}]
        self.depth = [0]
        self.matched = [0]
        for stop in stops:
            self._add(stop)
        self.fail = self._failure_links()
        self.may_begin = re.compile(f"[{re.escape(''.join({stop[0] for stop in stops}))}]") if stops else None

    def _add(self, stop: str) -> None:
        node = 0
        for character in stop:
            if character not in self.edges[node]:
                self.edges[node][character] = len(self.edges)
                self.edges.append({})
                self.depth.append(self.depth[node] + 1)
                self.matched.append(0)
            node = self.edges[node][character]
        self.matched[node] = len(stop)

    def _failure_links(self) -> list[int]:
        """Per node the longest shorter beginning of a stop that its text ends in; also completes
        ``matched``.
        """
        fail = [0] * len(self.edges)
        waiting = deque(self.edges[0].values())
        while waiting:
            node = waiting.popleft()
            for character, child in self.edges[node].items():
                at = fail[node]
                while at and character not in self.edges[at]:
                    at = fail[at]
                fail[child] = self.edges[at].get(character, 0)
                self.matched[child] = self.matched[child] or self.matched[fail[child]]
                waiting.append(child)
        return fail


_automaton = lru_cache(maxsize=KEPT_AUTOMATONS)(_Automaton)
