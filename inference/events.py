"""The events on the wire: every object that a server sends to a reader, defined here and nowhere else.

The worker, the websocket, SSE, the text client and the browser's reducer all speak from this module;
`tests/contract/events.json` holds samples of each, read by pytest and by `node --test`. A client ignores
an event whose `event_type` it does not know.

What ends a reply: `message` (complete, cancelled), and `error` whose `message` is not null (aborted by a
worker, timeout). An `error` with a null `message` answers a command, or says that this reader cannot go on.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, NotRequired, TypedDict, cast, get_args

import orjson

EventType = Literal[
    "pending",
    "token",
    "restart",
    "message",
    "error",
    "chat",
    "message_created",
    "feedback",
    "chat_deleted",
    "chats_changed",
]
EVENT_TYPES: Final[tuple[str, ...]] = get_args(EventType)

MessageRead = Mapping[str, Any]
"""A message as REST shows it; chats/wire.py owns its fields."""
ChatListRead = Mapping[str, Any]
"""A chat as the list of chats shows it; chats/wire.py owns its fields."""


class PendingEvent(TypedDict):
    """The reply waits for a worker."""

    event_type: Literal["pending"]
    message_id: str
    queue_position: int  # 0: next
    queue_size: int
    workers: int  # live sessions that serve this model; 0: nobody does
    estimate_s: float | None  # seconds until it begins; null: not known


class TokenEvent(TypedDict):
    """More of the reply's text."""

    event_type: Literal["token"]
    message_id: str
    cursor: str  # "<epoch>.<end>": to be stored and given back as it is
    offset: int  # bytes of UTF-8 before this text
    end: int  # bytes of UTF-8 up to the end of this text
    text: str  # whole characters
    thoughts: NotRequired[str]  # a reasoning model's: they come before `text`; offsets then count the tags too


class RestartEvent(TypedDict):
    """The reply begins again from empty: what was shown is void."""

    event_type: Literal["restart"]
    message_id: str
    cursor: str


class MessageEvent(TypedDict):
    """The reply is final; its content is exactly what was shown."""

    event_type: Literal["message"]
    message_id: str
    message: MessageRead
    cursor: str


class ErrorEvent(TypedDict):
    """The reply failed (`message` not null); or a command did, or this reader cannot go on (null)."""

    event_type: Literal["error"]
    error: str
    message: MessageRead | None
    message_id: NotRequired[str]
    cursor: NotRequired[str]  # with a message
    ref: NotRequired[str | None]  # websocket: the command that this answers
    code: NotRequired[int]  # websocket: as HTTP's status codes


class ChatEvent(TypedDict):
    """Websocket: the chat was made, or it changed (title, hidden, active thread)."""

    event_type: Literal["chat"]
    chat: ChatListRead


class MessageCreatedEvent(TypedDict):
    """Websocket: a message was made in this chat, here or elsewhere."""

    event_type: Literal["message_created"]
    message_id: str
    message: MessageRead
    ref: str | None  # of the command that made it, on the socket that sent it; else null


class FeedbackEvent(TypedDict):
    """Websocket: what is said of a message changed: its vote, its reports, the choice between drafts."""

    event_type: Literal["feedback"]
    message_id: str
    score: int  # -1, 0 or 1
    reports: list[Mapping[str, Any]]
    draft_group: str | None  # of drafts that are still to be chosen between; null: chosen, or asked for alone


class ChatDeletedEvent(TypedDict):
    """Websocket of the list: a chat is gone."""

    event_type: Literal["chat_deleted"]
    chat_id: str


class ChatsChangedEvent(TypedDict):
    """Websocket of the list: so many chats changed at once that the list is to be read anew."""

    event_type: Literal["chats_changed"]


StreamEvent = TokenEvent | RestartEvent
FinalEvent = MessageEvent | ErrorEvent
ReaderEvent = PendingEvent | TokenEvent | RestartEvent | MessageEvent | ErrorEvent
ChatsEvent = ChatEvent | ChatDeletedEvent | ChatsChangedEvent
ServerEvent = ReaderEvent | ChatsEvent | MessageCreatedEvent | FeedbackEvent


def pending(
    message_id: str, *, queue_position: int, queue_size: int, workers: int, estimate_s: float | None
) -> PendingEvent:
    return {
        "event_type": "pending",
        "message_id": message_id,
        "queue_position": queue_position,
        "queue_size": queue_size,
        "workers": workers,
        "estimate_s": estimate_s,
    }


def token(message_id: str, *, cursor: str, offset: int, end: int, text: str) -> TokenEvent:
    """offset, end: bytes of UTF-8; `end - offset` is the length of `text` in bytes."""
    return {
        "event_type": "token",
        "message_id": message_id,
        "cursor": cursor,
        "offset": offset,
        "end": end,
        "text": text,
    }


def thinking_token(message_id: str, *, cursor: str, offset: int, end: int, text: str, thoughts: str) -> TokenEvent:
    """A token of a reasoning model. offset, end: bytes of the stream's text, in which the thoughts stand in tags."""
    return {**token(message_id, cursor=cursor, offset=offset, end=end, text=text), "thoughts": thoughts}


def restart(message_id: str, *, cursor: str) -> RestartEvent:
    return {"event_type": "restart", "message_id": message_id, "cursor": cursor}


def message(message_id: str, *, message: MessageRead, cursor: str) -> MessageEvent:
    return {"event_type": "message", "message_id": message_id, "message": message, "cursor": cursor}


def failed(message_id: str, *, error: str, message: MessageRead, cursor: str) -> ErrorEvent:
    """The final event of a reply that was aborted by its worker or timed out."""
    return {
        "event_type": "error",
        "message_id": message_id,
        "error": error,
        "message": message,
        "cursor": cursor,
    }


def reader_error(message_id: str, *, error: str) -> ErrorEvent:
    """This reader ends here; the reply itself may go on."""
    return {"event_type": "error", "message_id": message_id, "error": error, "message": None}


def command_error(*, error: str, code: int, ref: str | None) -> ErrorEvent:
    """Websocket: the command `ref` was refused. code: as HTTP's status codes."""
    return {"event_type": "error", "error": error, "message": None, "ref": ref, "code": code}


def chat(chat: ChatListRead) -> ChatEvent:
    return {"event_type": "chat", "chat": chat}


def message_created(message_id: str, *, message: MessageRead, ref: str | None) -> MessageCreatedEvent:
    return {"event_type": "message_created", "message_id": message_id, "message": message, "ref": ref}


def feedback(
    message_id: str, *, score: int, reports: list[Mapping[str, Any]], draft_group: str | None
) -> FeedbackEvent:
    return {
        "event_type": "feedback",
        "message_id": message_id,
        "score": score,
        "reports": reports,
        "draft_group": draft_group,
    }


def chat_deleted(chat_id: str) -> ChatDeletedEvent:
    return {"event_type": "chat_deleted", "chat_id": chat_id}


def chats_changed() -> ChatsChangedEvent:
    return {"event_type": "chats_changed"}


def encode(event: ServerEvent) -> str:
    """The event as one line of JSON (no line break inside: fit for an SSE `data:` line).

    UUIDs and datetimes inside a MessageRead become strings (ISO 8601).
    Raises orjson.JSONEncodeError (a TypeError) for what JSON cannot hold, such as a lone surrogate.
    """
    return orjson.dumps(event).decode()


def decode(line: str | bytes) -> ServerEvent:
    """The event in one line of JSON. Its type may be one that this version does not know.

    Raises ValueError when it is no JSON object with an `event_type`.
    """
    event = orjson.loads(line)
    if not isinstance(event, dict) or not isinstance(event.get("event_type"), str):
        shown = line[:80] if isinstance(line, str) else line[:80].decode(errors="replace")
        raise ValueError(f"not an event: {shown!r}; an event is a JSON object with an event_type")
    return cast(ServerEvent, event)
