"""A prompt format made of turns: what stands before and after a message of each role."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from inference.prompts.neutralise import neutralise
from inference.prompts.thread import ThreadMessage


class PromptFormat(Protocol):
    """Writes a thread as the text that one family of models was trained on."""

    @property
    def name(self) -> str:
        """The name by which the catalogue refers to it."""

    @property
    def stop_sequences(self) -> tuple[str, ...]:
        """Texts that end a reply, because they begin or end a turn."""

    def render(self, thread: Sequence[ThreadMessage], system_prompt: str | None, continuation: str = "") -> str:
        """The prompt, open for the assistant's reply.

        continuation: what of the reply is there already; it ends the prompt. The text holds no begin-of-text
        token: engines add that themselves. Raises ``ValueError`` when the thread is empty or does not end in
        a prompter message.
        """


@dataclass(frozen=True, slots=True)
class Turn:
    """What surrounds a message."""

    before: str
    after: str

    def around(self, content: str) -> str:
        """The message as a turn of its own."""
        return f"{self.before}{content}{self.after}"


@dataclass(frozen=True, slots=True)
class TurnFormat:
    """A prompt format in which each message stands between two fixed texts.

    system: None when the family has no system turn; the system prompt then stands in a prompter message,
        a blank line before its own text.
    system_joins: which prompter message that is.
    opening: what the reply follows, when that is not simply ``assistant.before``.
    control: control tokens not of the form ``<|name|>``, which messages must not contain unbroken.
    trim: the family's template strips white space around messages.
    """

    name: str
    prompter: Turn
    assistant: Turn
    system: Turn | None
    stop_sequences: tuple[str, ...]
    system_joins: Literal["first", "newest"] = "first"
    opening: str | None = None
    control: tuple[str, ...] = ()
    trim: bool = False

    def render(self, thread: Sequence[ThreadMessage], system_prompt: str | None, continuation: str = "") -> str:
        """See ``PromptFormat.render``."""
        if not thread or thread[-1].role != "prompter":
            raise ValueError("a thread must end in the prompter message that is to be answered")
        texts = [self._clean(message.content) for message in thread]
        parts = []
        if system_prompt:
            system = self._clean(system_prompt)
            if self.system is not None:
                parts.append(self.system.around(system))
            else:
                at = self._host_of_the_system_prompt(thread)
                texts[at] = f"{system}\n\n{texts[at]}"
        for message, text in zip(thread, texts, strict=True):
            turn = self.prompter if message.role == "prompter" else self.assistant
            parts.append(turn.around(text))
        parts.append(self.assistant.before if self.opening is None else self.opening)
        parts.append(neutralise(continuation, self.control))
        return "".join(parts)

    def _clean(self, content: str) -> str:
        text = neutralise(content, self.control)
        return text.strip() if self.trim else text

    def _host_of_the_system_prompt(self, thread: Sequence[ThreadMessage]) -> int:
        if self.system_joins == "newest":
            return len(thread) - 1
        return next(at for at, message in enumerate(thread) if message.role == "prompter")
