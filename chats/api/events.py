"""A reply's events as Server-Sent Events: GET /chats/{chat}/messages/{message}/events.

`id:` is the cursor, so that a browser's EventSource and every client that sends Last-Event-ID go on where they were.
"""

from collections.abc import AsyncIterator

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.errors import BadRequest
from chats.later import LaterResponse
from chats.repository.lookup import message_in_chat_of
from chats.streaming.final import final_cursor
from chats.streaming.hub import current_hub
from inference import events
from inference.events import ReaderEvent
from inference.stream.cursor import BadCursor, Cursor

PING_S = 15.0
PING = b": ping\n\n"


class MessageEvents(APIView):
    """/chats/{chat_id}/messages/{message_id}/events"""

    def get(self, request: Request, chat_id: str, message_id: str) -> HttpResponseBase:
        """The stream, or 204 for a finished reply that the client has seen or never asked to see again."""
        message = message_in_chat_of(request.user, chat_id, message_id)
        cursor = _cursor(request)
        if message.is_finished and (cursor is None or cursor == final_cursor(message)):
            return Response(status=204)
        can_rewind = cursor is not None or request.query_params.get("restart") == "true"
        key, thinks = str(message.pk), message.thinks

        async def stream() -> HttpResponseBase:
            return event_stream(_stream(key, cursor, can_rewind=can_rewind, thinks=thinks))

        return LaterResponse(stream)

    def head(self, request: Request, chat_id: str, message_id: str) -> Response:
        """The status that GET would have, and no stream."""
        return Response(status=self.get(request, chat_id, message_id).status_code)


def event_stream(frames: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """Frames as Server-Sent Events that no proxy holds back."""
    return StreamingHttpResponse(
        frames,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


async def _stream(message_id: str, cursor: Cursor | None, *, can_rewind: bool, thinks: bool) -> AsyncIterator[bytes]:
    async with current_hub().reader(message_id, cursor, can_rewind=can_rewind, thinks=thinks) as reader:
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
