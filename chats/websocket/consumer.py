"""One websocket: reads commands, sends the chat's events and the streams of its replies."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import override
from psycopg_pool import PoolTimeout

from chats.database import in_database
from chats.errors import BadRequest, Refused
from chats.groups import announce_message, chat_group
from chats.models import Chat, Message, Role
from chats.repository.lookup import chat_of
from chats.streaming.hub import current_hub
from chats.telemetry import tracing
from chats.telemetry.commands import one_command
from chats.websocket import actions
from chats.websocket.codes import INTERNAL_ERROR, NOT_FOUND
from chats.websocket.commands import parse, read_object
from chats.websocket.listening import ListeningConsumer
from chats.websocket.pace import Pace
from chats.wire import message_read
from inference import events
from inference.stream.cursor import BadCursor, Cursor

logger = logging.getLogger(__name__)

MAX_STREAMS = 32
"""Replies that one socket streams at a time."""


class ChatConsumer(ListeningConsumer):
    """A client in one chat. Replies asked for here stream at once; others are streamed on `resume`."""

    chat: Chat

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._pace = Pace()
        self._commands = 0

    async def find_group(self) -> str:
        self.chat = await in_database(chat_of, self.scope["user"], self.scope["url_route"]["kwargs"]["chat_id"])
        return chat_group(self.chat.pk)

    async def disconnect(self, code: int) -> None:
        self._end_streams()
        await asyncio.gather(*self._streams.values(), return_exceptions=True)
        await super().disconnect(code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One command. What is wrong with it is told in an `error` event; the socket stays open."""
        if self.group is None:
            return
        self._commands += 1
        with (
            one_command(self._commands, text_data),
            override(self.scope.get("language", settings.LANGUAGE_CODE)),
        ):
            await self._obey(text_data)

    async def _obey(self, text_data: str | None) -> None:
        ref: str | None = None
        try:
            data = read_object(text_data)
            ref = _ref(data)
            self._pace.step()
            kind, fields = parse(data)
            with tracing.serving(f"websocket {kind}", self.scope["headers"]):
                await getattr(self, f"_do_{kind}")(fields, ref)
        except Refused as error:
            code = getattr(error, "websocket_code", error.status)
            await self.send_event(events.command_error(error=error.message, code=code, ref=ref))
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            logger.warning("The database is away: %s", error)
            sentence = _("The database is away; nothing was stored. Try again in a moment.")
            await self.send_event(events.command_error(error=sentence, code=503, ref=ref))

    # --- commands ---

    async def _do_prompt(self, fields: dict[str, Any], ref: str | None) -> None:
        await self._ask(actions.prompt, fields, ref)

    async def _do_regenerate(self, fields: dict[str, Any], ref: str | None) -> None:
        await self._ask(actions.regenerate, fields, ref)

    async def _do_stop(self, fields: dict[str, Any], ref: str | None) -> None:
        await in_database(actions.stop, self.chat, fields)

    async def _do_resume(self, fields: dict[str, Any], ref: str | None) -> None:
        message = await in_database(actions.find, self.chat, fields)
        if message.role != Role.ASSISTANT:
            raise BadRequest(f"message_id {message.pk} is a prompt: only replies stream.", field="message_id")
        try:
            cursor = Cursor.parse(fields["cursor"]) if fields["cursor"] else None
        except BadCursor as error:
            raise BadRequest(str(error), field="cursor") from error
        self._stream(message, cursor)

    async def _ask(self, action: Callable[..., list[Message]], fields: dict[str, Any], ref: str | None) -> None:
        self._check_room(fields["drafts"])  # before anything is stored
        bodies = []
        for message in await in_database(action, self.chat, fields, key=ref):
            body = message_read(message)
            await self.send_event(events.message_created(body["id"], message=body, ref=ref))
            if message.role == Role.ASSISTANT:
                self._stream(message, None)
            bodies.append(body)
        await asyncio.gather(*(announce_message(self.chat.pk, body, origin=self.channel_name) for body in bodies))

    # --- streams ---

    def _stream(self, message: Message, cursor: Cursor | None) -> None:
        """Stream a reply; a stream of the same reply that runs already gives way to the new one."""
        message_id = str(message.pk)
        old = self._streams.pop(message_id, None)
        if old is not None:
            old.cancel()
        self._check_room()
        task = asyncio.create_task(self._forward(message_id, cursor, thinks=message.thinks))
        self._streams[message_id] = task

    def _check_room(self, further: int = 1) -> None:
        if len(self._streams) + further > MAX_STREAMS:
            raise BadRequest(_("%(most)s replies stream already: wait for one to end.") % {"most": MAX_STREAMS})

    async def _forward(self, message_id: str, cursor: Cursor | None, *, thinks: bool) -> None:
        try:
            async with current_hub().reader(message_id, cursor, can_rewind=True, thinks=thinks) as reader:
                async for event in reader:
                    await self.send_event(event)
        except Exception:  # a client that waits for ever is worse off than one that connects again
            logger.exception("The stream of message %s failed; its socket is closed", message_id)
            await self.close(INTERNAL_ERROR, "The stream failed; connect again.")
        finally:
            if self._streams.get(message_id) is asyncio.current_task():
                del self._streams[message_id]

    # --- what the chat's group says ---

    async def chat_event(self, message: dict[str, Any]) -> None:
        """An event of the chat made elsewhere."""
        if message.get("origin") != self.channel_name:
            await self.send_event(message["event"])

    async def chat_deleted(self, message: dict[str, Any]) -> None:
        """The chat is gone."""
        await self.close(NOT_FOUND, "The chat was deleted.")

    # --- the socket ---

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close, and say nothing after that: the client may take its time to answer, or never do."""
        self._end_streams()
        await super().close(code, reason)

    def _end_streams(self) -> None:
        for stream in self._streams.values():
            if stream is not asyncio.current_task():
                stream.cancel()


def _ref(data: dict[str, Any]) -> str | None:
    """The client's name for its command: it comes back with the answers, and makes a repeated command safe."""
    ref = data.get("ref")
    if ref is None:
        return None
    if not isinstance(ref, str) or not 1 <= len(ref) <= 255 or not ref.isprintable():
        raise BadRequest("ref must be 1 to 255 printable characters.", field="ref")
    return ref
