"""The Channels groups and what is published to them.

`message.<id>`: token and restart events of a running reply, and the hint that its row is final; every web process
that streams the message listens. `chat.<id>`: chat, message_created and feedback.
`user.<id>`: what happens to the list of somebody's chats. `session.<id>`: one worker process.
Publishing is best effort and bounded: readers heal what they miss (STREAM's gaps and idle look).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from chats.redis import async_redis
from inference import events
from inference.events import ChatsEvent, FeedbackEvent, ServerEvent
from inference.stream import Letter
from inference.stream.flights import Flights

logger = logging.getLogger(__name__)

PUBLISH_TIMEOUT_S = 1.0

_flights_of: WeakKeyDictionary[asyncio.AbstractEventLoop, Flights] = WeakKeyDictionary()


def message_group(message_id: UUID | str) -> str:
    """The group of one reply's stream."""
    return f"message.{message_id}"


def chat_group(chat_id: UUID | str) -> str:
    """The group of everybody who has the chat open."""
    return f"chat.{chat_id}"


def user_group(user_id: object) -> str:
    """The group of everybody who has this user's list of chats open."""
    return f"user.{user_id}"


def session_group(session_id: UUID | str) -> str:
    """The group of one worker process."""
    return f"session.{session_id}"


async def publish(group: str, message: dict[str, Any]) -> bool:
    """Send to the group; False, logged, when Redis does not take it within PUBLISH_TIMEOUT_S.

    What a loop publishes at about the same time goes to Redis together.
    """
    try:
        async with asyncio.timeout(PUBLISH_TIMEOUT_S):
            await _flights().send(("PUBLISH", *letter_to(group, message)))
    except Exception as error:  # redis' errors, OSError, TimeoutError: the readers' idle look heals it
        logger.warning("Not published to %s: %s: %s", group, type(error).__name__, error)
        return False
    return True


def _flights() -> Flights:
    """Those of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _flights_of:
        _flights_of[loop] = Flights(async_redis())
    return _flights_of[loop]


def stream_event(event: ServerEvent) -> dict[str, Any]:
    """A wire event as it travels to the web processes."""
    return {"type": "stream.event", "event": event}


def letter_to(group: str, message: dict[str, Any]) -> Letter:
    """What `publish` would publish to the group, for whoever talks to Redis himself."""
    layer = get_channel_layer()
    return layer._get_group_channel_name(group), layer.serialize(message)  # no public names: a test holds them to that


def letters_to(group: str) -> Callable[[ServerEvent], Letter]:
    """Makes a letter of each wire event, as `letter_to` does.

    Call it on the event loop that will publish: the layer is asked for the group's channel.
    """
    layer = get_channel_layer()
    channel: str = layer._get_group_channel_name(group)  # the layer has no public name for it; a test holds it to that

    def letter(event: ServerEvent) -> Letter:
        return channel, layer.serialize(stream_event(event))

    return letter


def finished_hint(message_id: UUID | str) -> dict[str, Any]:
    """Tells the readers to look at the row: it is final."""
    return {"type": "stream.finished", "message_id": str(message_id)}


def stop_request(message_id: UUID | str, attempt: int) -> dict[str, Any]:
    """Tells the worker that its attempt is over: close the engine's connection now. `attempt` is the ended one."""
    return {"type": "session.stop", "message_id": str(message_id), "attempt": attempt}


async def announce_end(message_id: UUID, session_id: UUID | None, attempt: int) -> None:
    """Tell the worker to stop (when there is one) and the readers that the row is final; PUBLISH_TIMEOUT_S for both."""
    told = [publish(message_group(message_id), finished_hint(message_id))]
    if session_id is not None:
        told.insert(0, publish(session_group(session_id), stop_request(message_id, attempt)))
    await asyncio.gather(*told)


async def announce_message(chat_id: UUID, message: Any, *, ref: str | None = None, origin: str | None = None) -> None:
    """Tell everybody who has the chat open of a new message; the consumer named `origin` knows it already."""
    event = events.message_created(message["id"], message=message, ref=ref)
    await publish(chat_group(chat_id), {"type": "chat.event", "event": event, "origin": origin})


def chats_event(event: ChatsEvent) -> dict[str, Any]:
    """An event of the list of chats as it travels to its sockets."""
    return {"type": "chats.event", "event": event}


async def announce_feedback(chat_id: UUID, event: FeedbackEvent) -> None:
    """Tell everybody who has the chat open what is said of one of its messages."""
    await publish(chat_group(chat_id), {"type": "chat.event", "event": event})


async def announce_chat(chat_id: UUID, user_id: object, *, opened: Any, listed: Any) -> None:
    """Tell everybody who has the chat open, or the list it stands in, what it is now, as each sees it."""
    await asyncio.gather(
        publish(chat_group(chat_id), {"type": "chat.event", "event": events.chat(opened)}),
        publish(user_group(user_id), chats_event(events.chat(listed))),
    )


async def announce_choice(
    chat_id: UUID, user_id: object, *, opened: Any, listed: Any, drafts: list[FeedbackEvent]
) -> None:
    """Tell of the chat's new active thread, then of its drafts: a reader follows while they are still a group."""
    await announce_chat(chat_id, user_id, opened=opened, listed=listed)
    for event in drafts:
        await announce_feedback(chat_id, event)


async def announce_deleted_chat(chat_id: UUID, user_id: object) -> None:
    """Tell everybody who has the chat open, or the list it stood in, that it is gone."""
    await asyncio.gather(
        publish(chat_group(chat_id), {"type": "chat.deleted"}),
        publish(user_group(user_id), chats_event(events.chat_deleted(str(chat_id)))),
    )
