"""What one chunk of an OpenAI-compatible stream says, on either endpoint and in the servers' dialects."""

from dataclasses import dataclass
from typing import Any

from inference.engines.base import FinishReason

THINK_BEGINS = "<think>\n"
THINK_ENDS = "\n</think>\n\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """``reasoning``: text that the server has recognised as thoughts; it comes apart from the reply's text."""

    text: str = ""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Thoughts:
    """Writes thoughts that came apart into the text, between the tags that models themselves use for them."""

    def __init__(self) -> None:
        self._open = False

    def text_of(self, chunk: Chunk) -> str:
        """The text of a chunk with its thoughts, which come before it."""
        if not chunk.reasoning and not (self._open and chunk.text):
            return chunk.text
        text = chunk.reasoning if self._open or not chunk.reasoning else THINK_BEGINS + chunk.reasoning
        self._open = True
        return text + self.end() + chunk.text if chunk.text else text

    def end(self) -> str:
        """What closes thoughts that are still open."""
        closing, self._open = (THINK_ENDS if self._open else ""), False
        return closing


def read_chunk(chunk: Any) -> Chunk:
    """Read a chunk as the official client gives it, which checks nothing; ``ValueError`` when it is no chunk."""
    choices = getattr(chunk, "choices", None)
    if not isinstance(choices, list):
        raise ValueError(f"no chunk of a stream: {chunk!r:.200}")
    usage = getattr(chunk, "usage", None)
    counts = (_count(usage, "prompt_tokens"), _count(usage, "completion_tokens"))
    if not choices:
        return Chunk("", "", None, *counts)
    choice = choices[0]
    delta = getattr(choice, "delta", None)
    text = getattr(choice, "text", None) if delta is None else getattr(delta, "content", None)
    reasoning = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    for each in (text, reasoning):
        if each is not None and not isinstance(each, str):
            raise ValueError(f"a chunk whose text is no text: {each!r:.200}")
    return Chunk(_encodable(text), _encodable(reasoning), _finish_reason(choice), *counts)


def _finish_reason(choice: Any) -> FinishReason | None:
    """OpenAI's "stop" means the model's own end or a stop sequence; vLLM and SGLang tell which.

    Raises ``ValueError`` when the server itself gave the reply up.
    """
    match getattr(choice, "finish_reason", None):
        case None:
            return None
        case "length":
            return "length"
        case "abort" | "error" as reason:
            raise ValueError(f"the server gave the reply up: {reason}")
        case _:
            stop = getattr(choice, "stop_reason", None) or getattr(choice, "matched_stop", None)
            return "stop_sequence" if isinstance(stop, str) else "eos_token"


def _count(usage: Any, name: str) -> int | None:
    count = getattr(usage, name, None)
    return count if isinstance(count, int) else None


def _encodable(text: str | None) -> str:
    """Half of a surrogate pair, which JSON can say and UTF-8 cannot, becomes U+FFFD."""
    if not text:
        return ""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
