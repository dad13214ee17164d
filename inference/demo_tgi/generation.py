"""One reply being generated: tokens one after another until it ends, and why it ended."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from inference.demo_tgi.pieces import Piece

FinishReason = Literal["length", "eos_token", "stop_sequence"]


class Generation:
    """Takes tokens from a model and ends as TGI's ``StoppingCriteria`` does.

    After each token, in this order: as many tokens as allowed is ``length``, the end of text is ``eos_token`` (it
    counts as a token), a generated text that ends in a stop sequence is ``stop_sequence``. The stop sequence stays
    a part of the text, and one that ends within a token is not seen: that is how TGI does it (``utils/tokens.py``
    of its server), and clients have to live with it.
    """

    def __init__(self, pieces: Iterator[Piece], end: Piece, *, max_new_tokens: int, stop: tuple[str, ...] = ()) -> None:
        self.tokens = 0
        self.finish_reason: FinishReason | None = None
        self._pieces = pieces
        self._end = end
        self._max_new_tokens = max_new_tokens
        # TGI's pattern is the sequence and "$", which also holds before a newline at the end.
        self._stops = tuple({ending for text in stop for ending in (text, text + "\n")})
        self._longest = max(map(len, self._stops), default=0)
        self._tail = ""
        self._texts: list[str] = []

    @property
    def text(self) -> str:
        """What was generated so far."""
        return "".join(self._texts)

    def take(self, at_most: int) -> list[Piece]:
        """The next tokens. When ``finish_reason`` is set afterwards, the last of them is the last of all."""
        if self.finish_reason is not None:
            return []
        room = self._max_new_tokens - self.tokens
        pieces = list(islice(self._pieces, min(at_most, room)))
        if len(pieces) < min(at_most, room):
            pieces.append(self._end)
            self.finish_reason = "eos_token"
        text = "".join([piece.real for piece in pieces])
        if self._stops:
            seen = self._tail + text
            if any(stop in seen for stop in self._stops):
                pieces = self._until_a_stop(pieces)
                text = "".join([piece.real for piece in pieces])
            self._tail = seen[-self._longest :]
        self._texts.append(text)
        self.tokens += len(pieces)
        if self.tokens == self._max_new_tokens:
            self.finish_reason = "length"
        return pieces

    def _until_a_stop(self, pieces: list[Piece]) -> list[Piece]:
        output = self._tail
        for place, piece in enumerate(pieces):
            output += piece.real
            if piece.real and output.endswith(self._stops):
                self.finish_reason = "stop_sequence"
                return pieces[: place + 1]
        return pieces
