"""A thread as messages by role, for engines that apply the model's own template themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inference.prompts.neutralise import neutralise
from inference.prompts.thread import ThreadMessage

CONTROL = (
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "<start_of_turn>",
    "<end_of_turn>",
    "<bos>",
    "<eos>",
)
"""Control tokens not of the form ``<|name|>``: whose template it will be is not known here, so those of all."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message in the words of the chat completions API."""

    role: Literal["system", "user", "assistant"]
    content: str


def chat_messages(thread: Sequence[ThreadMessage], system_prompt: str | None) -> tuple[ChatMessage, ...]:
    """The system prompt, if there is one, then the thread; control tokens in any of them are broken."""
    system = (ChatMessage("system", neutralise(system_prompt, CONTROL)),) if system_prompt else ()
    return (
        *system,
        *(
            ChatMessage(
                "user" if message.role == "prompter" else "assistant",
                neutralise(message.content, CONTROL),
            )
            for message in thread
        ),
    )
