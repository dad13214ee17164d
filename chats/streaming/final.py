"""The end of a reply as its readers are told it: the row is the truth."""

from uuid import UUID

from chats.models import Message, State
from chats.rows import RowBy
from chats.wire import message_read
from inference import events
from inference.stream.cursor import Cursor
from inference.stream.reader_state import FinalMessage

_message = RowBy(Message, "id")

_REASONS = {
    State.ABORTED_BY_WORKER: "The reply was aborted.",
    State.TIMEOUT: "No worker took the reply up in time.",
}


def final_message(message: Message) -> FinalMessage:
    """The final text and event of a finished reply: `message`, or `error` for one that failed."""
    message_id = str(message.pk)
    cursor = str(final_cursor(message))
    body = message_read(message)
    if message.state in _REASONS:
        reason = message.error or _REASONS[State(message.state)]
        event = events.failed(message_id, error=reason, message=body, cursor=cursor)
        return FinalMessage(message.text, event, epoch=message.epoch)
    return FinalMessage(message.text, events.message(message_id, message=body, cursor=cursor), epoch=message.epoch)


def final_cursor(message: Message) -> Cursor:
    """Where a reader stands who has seen the whole reply."""
    return Cursor(message.epoch, len(message.text.encode()))


def load_final(message_id: str) -> FinalMessage | None:
    """The reply's end, None while it is unfinished. Of a deleted reply: an error event that ends the reader."""
    message = _message.get(UUID(message_id))
    if message is None:
        return deleted(message_id)
    return final_message(message) if message.is_finished else None


def deleted(message_id: str) -> FinalMessage:
    """What the readers of a deleted reply are told: nothing of what they saw is taken back."""
    return FinalMessage(None, events.reader_error(message_id, error="The message was deleted."))
