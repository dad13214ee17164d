"""The client in a script: prompts from --prompt or the input's lines, replies as plain text, an exit code."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from chats.text_client.answer import Left, answer
from chats.text_client.conversation import Conversation
from chats.text_client.errors import ClientError
from chats.text_client.keyboard import Stopped
from chats.text_client.screen import Screen

INTERRUPTED = 130


def prompts_of_lines(stream: BinaryIO) -> Iterator[str]:
    """Each line of the input that is not empty, as it comes; ClientError for a line that is not UTF-8."""
    for number, line in enumerate(stream, 1):
        if prompt := decoded(line, f"Line {number} of the input").rstrip("\r\n").strip():
            yield prompt


def decoded(raw: bytes, what: str) -> str:
    """The bytes as text. Raises ClientError that names what they are when they are not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ClientError(f"{what} is not UTF-8 (byte {error.start + 1} of it): convert it first.") from None


async def run_batch(conversation: Conversation, prompts: Iterable[str], screen: Screen) -> int:
    """Ask one prompt after the other in one chat; the exit code: 0, 1 (a reply failed) or 130 (Ctrl-C).

    The first failure ends it: what follows was meant to follow the reply that is missing. Raises ClientError.
    """
    for prompt in prompts:
        try:
            end = await answer(conversation, lambda: conversation.ask(prompt), screen)  # noqa: B023 - awaited at once
        except (Stopped, Left):
            return INTERRUPTED
        if end.state == "cancelled":
            return INTERRUPTED
        if end.state != "complete":
            return 1
    return 0
