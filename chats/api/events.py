"""A reply's events as Server-Sent Events: GET /chats/{chat}/messages/{message}/events.

Plain Django, since DRF answers are not asynchronous: the same authentication classes are asked by hand. `id:` is the
cursor, so that a browser's EventSource and every client that sends Last-Event-ID go on where they were.
"""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.rendering import OrjsonRenderer
from chats.errors import BadRequest
from chats.models import Message
from chats.repository.lookup import chat_of, message_of
from chats.streaming.final import final_cursor
from chats.streaming.hub import current_hub
from inference import events
from inference.events import ReaderEvent
from inference.stream.cursor import BadCursor, Cursor

PING_S = 15.0
PING = b": ping\n\n"


class MessageEvents(APIView):
    """The gate: authenticates, finds the reply, and answers 204 where there is nothing to stream."""

    def get(self, request: Request, chat_id: str, message_id: str) -> Response:
        """200 with the reply and the reader's place for the stream, or 204."""
        message = message_of(chat_of(request.user, chat_id), message_id)
        cursor = _cursor(request)
        if message.is_finished and (cursor is None or cursor == final_cursor(message)):
            return Response(status=204)
        can_rewind = cursor is not None or request.query_params.get("restart") == "true"
        return Response({"message": message, "cursor": cursor, "can_rewind": can_rewind})


_gate = MessageEvents.as_view()


async def message_events(request: HttpRequest, chat_id: str, message_id: str) -> HttpResponseBase:
    """The stream of a reply: pending, token and restart events, and one final event."""
    answer: Any = await sync_to_async(_pass_gate)(request, chat_id, message_id)
    if isinstance(answer, HttpResponse):
        return answer
    message: Message = answer["message"]
    return StreamingHttpResponse(
        _stream(str(message.pk), answer["cursor"], can_rewind=answer["can_rewind"]),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


def _pass_gate(request: HttpRequest, chat_id: str, message_id: str) -> Any:
    """The gate's answer, rendered unless it opens; the database connection is given back before the stream."""
    response = _gate(request, chat_id=chat_id, message_id=message_id)
    connections.close_all()
    if response.status_code == 200 and isinstance(response.data, dict) and "message" in response.data:
        return response.data
    if request.method in ("HEAD", "OPTIONS") or not getattr(response, "is_rendered", True):
        response.accepted_renderer = OrjsonRenderer()
        response.accepted_media_type = "application/json"
        response.renderer_context = {}
        response.render()
    return response


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
