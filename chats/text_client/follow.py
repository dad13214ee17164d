"""Reading one reply to its end, over as many connections as it takes."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from chats.text_client.api import Api
from chats.text_client.errors import Refused, ReplyFailed, Unreachable
from chats.text_client.patience import Patience
from chats.text_client.reply import Disconnected, Ended, Gap, ReplyEvent, ReplyText, Restarted, Text, Thinking, Waiting
from chats.text_client.sse import Received
from inference.events import MessageRead, ServerEvent

FINAL_STATES = frozenset({"complete", "cancelled", "aborted_by_worker", "timeout"})


async def follow(api: Api, chat_id: str, message_id: str) -> AsyncGenerator[ReplyEvent, None]:
    """The reply's events up to and with Ended; every byte of its text exactly once, in order, unless Restarted.

    A lost connection is told (Disconnected) and taken up again from the last cursor, for the api's patience. Raises
    Unreachable when that is over, Refused when the server will not have it, ReplyFailed when it tells of an error
    without a message.
    """
    reading = _Reading()
    patience = Patience(api.patience_s)
    while True:
        failure: Unreachable | Refused = Unreachable(f"{api.url} ended the stream before the reply was over.")
        try:
            async with api.events(chat_id, message_id, reading.cursor) as events:
                if events is None:
                    message = await api.message(chat_id, message_id)
                    if message.get("state") in FINAL_STATES:
                        for event in reading.end(message, message.get("error")):
                            yield event
                        return
                    failure = Unreachable(f"{api.url} called the stream of an unfinished reply over.")
                else:
                    async for received in events:
                        for event in reading.read(received):
                            yield event
                        patience.succeeded()
                        if reading.over:
                            return
        except Gap:
            failure = Unreachable("A part of the reply was lost on the way.")
        except Unreachable as error:
            failure = error
        except Refused as error:
            if not error.passing:
                raise
            failure = error
        wait_s = patience.next_wait_s(failure.retry_after_s if isinstance(failure, Refused) else 0.0)
        if wait_s is None:
            raise failure
        yield Disconnected(failure)
        await asyncio.sleep(wait_s)


class _Reading:
    """One rule per server event; the cursor moves only past events that were taken."""

    def __init__(self) -> None:
        self._text = ReplyText()
        self.cursor: str | None = None
        self.over = False

    def read(self, received: Received) -> Iterator[ReplyEvent]:
        """What the screen is told of this event; unknown events are passed over."""
        try:
            yield from self._rule(received.event)
        except (KeyError, TypeError, ValueError) as error:
            raise ReplyFailed(
                f"The server sent a {received.event['event_type']} event that this client cannot read ({error!r})."
            ) from error
        if received.cursor:
            self.cursor = received.cursor

    def _rule(self, event: ServerEvent) -> Iterator[ReplyEvent]:
        if event["event_type"] == "pending":
            # Open-Assistant's own server tells neither workers nor an estimate.
            yield Waiting(event["queue_position"], event["queue_size"], event.get("workers"), event.get("estimate_s"))
        elif event["event_type"] == "token":
            before = self._text.position
            if text := self._text.token(event):
                yield Text(text)
            elif self._text.position > before:
                yield Thinking()
        elif event["event_type"] == "restart":
            if self._text.restart():
                yield Restarted()
        elif event["event_type"] == "message":
            yield from self.end(event["message"], None)
        elif event["event_type"] == "error":
            if event["message"] is None:
                raise ReplyFailed(event["error"])
            yield from self.end(event["message"], event["error"])

    def end(self, message: MessageRead, error: str | None) -> Iterator[ReplyEvent]:
        """Whatever the stored content has beyond the shown text, then Ended.

        A reply that failed before anything was stored has no content: what was shown then stays.
        """
        content = message.get("content")
        rest = "" if content is None else self._text.rest_of(content)
        if rest is None:
            self._text.restart()
            yield Restarted()
            rest = self._text.rest_of(str(content))
        if rest:
            yield Text(rest)
        self.over = True
        yield Ended(message, error)
