"""How a thread becomes the text that a model reads: one format per family of models."""

from inference.prompts.chat import ChatMessage, chat_messages
from inference.prompts.formats import ENGINES_OWN, FORMATS, get_format
from inference.prompts.instructions import system_text
from inference.prompts.neutralise import neutralise
from inference.prompts.thread import ThreadMessage
from inference.prompts.turns import PromptFormat, Turn, TurnFormat

__all__ = [
    "ENGINES_OWN",
    "FORMATS",
    "ChatMessage",
    "PromptFormat",
    "ThreadMessage",
    "Turn",
    "TurnFormat",
    "chat_messages",
    "get_format",
    "neutralise",
    "system_text",
]
