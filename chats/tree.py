"""The tree of a chat's messages, walked as people read it."""

from collections import defaultdict
from collections.abc import Iterator

from chats.models import Chat, Message


def message_tree(chat: Chat) -> Iterator[tuple[int, Message]]:
    """Each message of the chat with its depth (0: a first prompt), a branch's messages before the next branch's.

    One query; no recursion, so that a thread of thousands of messages is no problem.
    """
    children: dict[object, list[Message]] = defaultdict(list)
    for message in chat.messages.order_by("id"):
        children[message.parent_id].append(message)
    stack = [(0, message) for message in reversed(children[None])]
    while stack:
        depth, message = stack.pop()
        yield depth, message
        stack.extend((depth + 1, child) for child in reversed(children[message.pk]))
