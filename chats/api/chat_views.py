"""Chats: list, create, read, update, hide, delete."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.announcing import tell_chat_changed, tell_chats_changed
from chats.api.idempotency import idempotency_key
from chats.api.pages import chat_page
from chats.api.serializers import ChatListQuery, ChatUpdate, NewChat
from chats.content import check_text
from chats.models import Chat
from chats.repository.asking import TITLE_LENGTH, start_chat
from chats.repository.ending import delete_chat
from chats.repository.lookup import chat_of, message_of
from chats.repository.preferring import check_instructions
from chats.wire import chat_list_read, chat_read


class Chats(APIView):
    """/chats"""

    def get(self, request: Request) -> Response:
        """A page of one's own chats, newest first."""
        query = ChatListQuery.read(request.query_params)
        page = chat_page(request.user, **query)
        return Response({"chats": [chat_list_read(chat) for chat in page.chats], "next": page.next, "prev": page.prev})

    def post(self, request: Request) -> Response:
        """A new, empty chat, by one's preferences where the body does not say otherwise."""
        body = NewChat.read(request.data)
        given = {name: value for name, value in body.items() if value is not None}
        check_instructions(given)
        return Response(
            chat_list_read(start_chat(user=request.user, idempotency_key=idempotency_key(request), **given))
        )


class ChatDetail(APIView):
    """/chats/{chat_id}"""

    def get(self, request: Request, chat_id: str) -> Response:
        """The chat with its messages."""
        return Response(chat_read(chat_of(request.user, chat_id)))

    def put(self, request: Request, chat_id: str) -> Response:
        """Change what the body names; leave the rest."""
        chat = chat_of(request.user, chat_id)
        body = ChatUpdate.read(request.data)
        _update(chat, dict(body))
        tell_chat_changed(chat)
        return Response()

    def delete(self, request: Request, chat_id: str) -> Response:
        """Delete the chat and all in it; what runs in it is stopped."""
        delete_chat(chat_of(request.user, chat_id))
        return Response()


class HideAll(APIView):
    """/chats/hide_all"""

    def put(self, request: Request) -> Response:
        """Hide all of one's chats."""
        if Chat.objects.owned_by(request.user).filter(hidden=False).update(hidden=True):
            tell_chats_changed(request.user)
        return Response()


def _update(chat: Chat, data: dict[str, Any]) -> None:
    """Store what the body names, and no other column: replies asked for meanwhile change the chat too."""
    changes = {name: value for name, value in data.items() if value is not None}
    if (tail := changes.pop("active_thread_tail_message_id", None)) is not None:
        changes["active_thread_tail"] = message_of(chat, tail)
    if "title" in changes:
        check_text(changes["title"], field="title", max_length=TITLE_LENGTH)
    check_instructions(changes)
    for name, value in changes.items():
        setattr(chat, name, value)
    chat.save(update_fields=[*changes, "modified_at"])
