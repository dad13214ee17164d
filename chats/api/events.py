"""A reply's events as Server-Sent Events: GET /chats/{chat}/messages/{message}/events.

Plain Django, since DRF answers are not asynchronous: the same authentication classes are asked by hand. `id:` is the
cursor, so that a browser's EventSource and every client that sends Last-Event-ID go on where they were.
"""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.errors import BadRequest
from chats.repository.lookup import chat_of, message_of
from chats.streaming.final import final_cursor
from chats.streaming.hub import current_hub
from inference import events
from inference.events import ReaderEvent
from inference.stream.cursor import BadCursor, Cursor

PING_S = 15.0
PING = b": ping\n\n"


class Admission(Response):
    """The gate's leave to stream this reply from the cursor on."""

    def __init__(self, message_id: str, cursor: Cursor | None, *, can_rewind: bool) -> None:
        super().__init__()
        self.message_id = message_id
        self.reader_cursor = cursor
        self.can_rewind = can_rewind


class AnyAccept(BaseContentNegotiation):
    """Every Accept header is served: EventSource asks for text/event-stream, and refusals are JSON all the same."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Gate(APIView):
    """Authenticates, finds the reply, and answers where there is nothing to stream."""

    content_negotiation_class = AnyAccept

    def get(self, request: Request, chat_id: str, message_id: str) -> Response:
        """An Admission, or 204 for a finished reply that the client has seen or never asked to see again."""
        message = message_of(chat_of(request.user, chat_id), message_id)
        cursor = _cursor(request)
        if message.is_finished and (cursor is None or cursor == final_cursor(message)):
            return Response(status=204)
        can_rewind = cursor is not None or request.query_params.get("restart") == "true"
        return Admission(str(message.pk), cursor, can_rewind=can_rewind)


_gate = Gate.as_view()


async def message_events(request: HttpRequest, chat_id: str, message_id: str) -> HttpResponseBase:
    """The stream of a reply: pending, token and restart events, and one final event."""
    answer = await sync_to_async(_pass_gate)(request, chat_id, message_id)
    if not isinstance(answer, Admission):
        return answer
    return StreamingHttpResponse(
        _stream(answer.message_id, answer.reader_cursor, can_rewind=answer.can_rewind),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


def _pass_gate(request: HttpRequest, chat_id: str, message_id: str) -> HttpResponseBase:
    """The gate's answer; the database connection is given back, a stream may last for hours."""
    try:
        return _gate(request, chat_id=chat_id, message_id=message_id)
    finally:
        connections.close_all()


async def _stream(message_id: str, cursor: Cursor | None, *, can_rewind: bool) -> AsyncIterator[bytes]:
    async with current_hub().reader(message_id, cursor, can_rewind=can_rewind) as reader:
        while not reader.ended:
            event = await reader.next(PING_S)
            yield PING if event is None else _frame(event)


def _frame(event: ReaderEvent) -> bytes:
    line = events.encode(event)
    cursor = event.get("cursor")
    return f"id: {cursor}\ndata: {line}\n\n".encode() if cursor else f"data: {line}\n\n".encode()


def _cursor(request: Request) -> Cursor | None:
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except BadCursor as error:
        raise BadRequest(f"Last-Event-ID: {error}", field="Last-Event-ID") from error
