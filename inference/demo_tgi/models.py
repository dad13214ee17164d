"""The two stand-in models: answers out of the documentation, and filler words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from inference.demo_tgi import lorem
from inference.demo_tgi.answers import DocumentationAnswers, documentation
from inference.demo_tgi.pieces import Piece
from inference.demo_tgi.prompt import Prompt

DEMO = "demo"
"""The name of the model that answers; every other name is filler."""


class Model(Protocol):
    """Something that goes on with a prompt."""

    def pieces(self, prompt: Prompt, seed: int | None) -> Iterator[Piece]:
        """The tokens that follow the prompt; they end where the model would say its end of text."""


class Filler:
    """Words without a meaning and without an end."""

    def pieces(self, prompt: Prompt, seed: int | None) -> Iterator[Piece]:
        """See ``lorem.reply_pieces``."""
        return lorem.reply_pieces(seed, prompt.user, said=len(prompt.continuation))


def make_model(name: str, docs: Path) -> Model:
    """The model of this name. Raises ``OSError`` when the documentation below ``docs`` cannot be read."""
    return DocumentationAnswers(documentation(docs)) if name == DEMO else Filler()
