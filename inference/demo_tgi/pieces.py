"""A token as it goes over the wire, its JSON made once and kept."""

from functools import lru_cache

import orjson

from inference.demo_tgi import tokens


class Piece:
    """One generated token.

    text: what the token event says.
    real: what the token adds to the generated text. Differs from ``text`` for the end of text (it adds nothing)
        and for characters that are split over tokens.
    middle: the bytes of its event between the index and the end of the JSON object's ``token``.
    event: the rest of an event that is not the last one, to be written behind ``data:{"index":N``.
    """

    __slots__ = ("event", "id", "logprob", "middle", "real", "special", "text")

    def __init__(self, text: str, *, real: str | None = None, id: int | None = None, special: bool = False):
        self.text = text
        self.real = text if real is None else real
        self.id = tokens.token_id(text) if id is None else id
        self.logprob = -round(0.05 + self.id % 89 / 50, 4)
        self.special = special
        self.middle = b',"token":' + orjson.dumps(self.json())
        self.event = self.middle + b',"generated_text":null,"details":null}\n\n'

    def json(self) -> dict[str, object]:
        """TGI's ``Token``."""
        return {"id": self.id, "text": self.text, "logprob": self.logprob, "special": self.special}


@lru_cache(maxsize=8192)
def piece_of(text: str) -> Piece:
    """The piece of this text; the same object for the same text, as long as it is in use."""
    return Piece(text)


@lru_cache(maxsize=16)
def end_of_text(text: str) -> Piece:
    """The special token with which a model ends its reply; it is no part of the generated text."""
    return Piece(text, real="", id=tokens.END_ID, special=True)
