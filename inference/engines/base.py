"""What an engine is to this system: something over HTTP that goes on writing a prompt, token by token."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from inference.parameters import SamplingParameters
from inference.prompts import ChatMessage

FinishReason = Literal["length", "eos_token", "stop_sequence"]


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One text to go on from.

    max_new_tokens: what may still be spent, whatever ``sampling`` says.
    messages: the prompt by role, for engines that apply the model's own template; they do not read ``prompt``.
    thoughts: an engine that recognises thoughts and tells them apart puts them before the reply, between tags; False:
        it leaves them out.
    """

    prompt: str
    sampling: SamplingParameters
    do_sample: bool
    seed: int
    max_new_tokens: int
    stop: tuple[str, ...] = ()
    messages: tuple[ChatMessage, ...] = ()
    thoughts: bool = True


@dataclass(frozen=True, slots=True)
class TextChunk:
    """Further text of the reply: whole code points, perhaps none; ``tokens``: how many tokens it took.

    What an engine has sent in one go is one chunk: a token that comes alone costs as much to hand on as fifty together.
    pieces: the characters of each of its tokens, where it has several and the engine tells.
    """

    text: str
    tokens: int
    pieces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply has ended; None where the engine does not tell. ``final_text``: the whole of it."""

    reason: FinishReason
    generated_tokens: int | None = None
    input_tokens: int | None = None
    final_text: str | None = None


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What a running engine says of itself; None where it does not tell. Lengths in tokens."""

    model_id: str
    max_input_tokens: int | None = None
    max_total_tokens: int | None = None


class Engine(Protocol):
    """A running engine. An instance belongs to one event loop; any number of calls may run at a time."""

    @property
    def can_continue(self) -> bool:
        """Does the prompt reach the model as it is, so that a cut-off reply can be gone on with?"""

    def generate(self, request: EngineRequest) -> AsyncGenerator[TextChunk | Finished, None]:
        """Stream a reply: chunks, then exactly one ``Finished``; or an ``EngineError``.

        Closing the generator (``aclose``, or cancelling the task that reads it) closes the connection at
        once, which is what stops the work on the GPU. A stop sequence may be part of the text; ``StopFilter``
        keeps it from being shown.
        """

    async def count_tokens(self, text: str) -> int:
        """The tokens of ``text`` as a prompt; raises ``EngineError``."""

    async def health(self) -> bool:
        """Does the engine take work? Never raises for an engine that does not answer."""

    async def info(self) -> EngineInfo:
        """What the engine says of itself; raises ``EngineError``."""

    async def aclose(self) -> None:
        """Close all connections."""
