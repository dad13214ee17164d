"""How many tokens the shown text has taken, while some of it is still held back."""

from collections import deque

from inference.engines import TextChunk


class TokenTally:
    """Counts a chunk's tokens as spent once all of its text is shown.

    What is held back (it may begin a stop sequence) is generated again when the engine breaks off there, so its
    tokens are not spent yet. A chunk without text is a part of a character: it counts with the chunk that ends it.
    """

    def __init__(self) -> None:
        self._held: deque[tuple[int, int]] = deque()  # (characters up to the chunk's end, its tokens)
        self._seen = 0
        self._shown = 0
        self._partial = 0
        self.spent = 0
        """Tokens told as spent so far."""

    def take(self, chunk: TextChunk, shown: int) -> int:
        """A chunk came and `shown` characters, of it and of earlier ones, were released: tokens spent by that."""
        if len(chunk.text) == shown and not self._held and not self._partial and not _ends_in_a_part(chunk):
            self._seen += shown
            self._shown += shown
            self.spent += chunk.tokens
            return chunk.tokens
        if chunk.pieces:
            for characters in chunk.pieces:
                self._hold(characters, 1)
        else:
            self._hold(len(chunk.text), chunk.tokens)
        self._shown += shown
        spent = 0
        while self._held and self._held[0][0] <= self._shown:
            spent += self._held.popleft()[1]
        self.spent += spent
        return spent

    def _hold(self, characters: int, tokens: int) -> None:
        self._partial += tokens
        if characters:
            self._seen += characters
            self._held.append((self._seen, self._partial))
            self._partial = 0

    def rest(self) -> int:
        """Nothing more comes: the tokens of what was not shown, the stop sequence's and the end token's too."""
        rest = self._partial + sum(tokens for _, tokens in self._held)
        self._held.clear()
        self._partial = 0
        self.spent += rest
        return rest


def _ends_in_a_part(chunk: TextChunk) -> bool:
    """Whether its last token is without text: a part of a character, most likely."""
    return not chunk.pieces[-1] if chunk.pieces else not chunk.text
