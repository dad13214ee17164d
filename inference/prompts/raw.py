"""The raw format: the newest prompt is the whole text for the model, template and all (OpenAI's /v1/completions)."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.prompts.thread import ThreadMessage

RAW = "raw"
"""The format's name: chosen by a request, not by a model of the catalogue."""


@dataclass(frozen=True, slots=True)
class RawFormat:
    """Adds nothing and takes nothing away: who sends raw text writes the template's tokens on purpose."""

    name: str = RAW
    stop_sequences: tuple[str, ...] = ()

    def render(self, thread: Sequence[ThreadMessage], system_prompt: str | None, continuation: str = "") -> str:
        """The newest message and the reply so far. Raises ``ValueError`` for an empty thread."""
        if not thread:
            raise ValueError("a raw prompt needs a message that holds it")
        return thread[-1].content + continuation
