"""One message of a thread, as the prompt formats see it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message between the root of the chat and the prompt that is to be answered."""

    role: Literal["prompter", "assistant"]
    content: str
