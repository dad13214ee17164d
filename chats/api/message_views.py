"""Messages: ask, read, cancel."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.idempotency import idempotency_key
from chats.api.serializers import AssistantMessage, PrompterMessage
from chats.database import soon
from chats.groups import announce_message
from chats.models import Message
from chats.rate import PROMPTS, REPLIES
from chats.repository.asking import add_prompt, ask_reply
from chats.repository.ending import cancel
from chats.repository.lookup import chat_of, message_in_chat_of
from chats.wire import message_read


class PrompterMessages(APIView):
    """/chats/{chat_id}/prompter_message"""

    throttle_scope = PROMPTS

    def post(self, request: Request, chat_id: str) -> Response:
        """A prompt under a reply, or the first one of the chat."""
        chat = chat_of(request.user, chat_id)
        body = PrompterMessage.read(request.data)
        prompt = add_prompt(chat=chat, idempotency_key=idempotency_key(request), **body)
        return _created(prompt)


class AssistantMessages(APIView):
    """/chats/{chat_id}/assistant_message"""

    throttle_scope = REPLIES

    def post(self, request: Request, chat_id: str) -> Response:
        """A pending reply under a prompt; read it at its /events."""
        chat = chat_of(request.user, chat_id)
        body = AssistantMessage.read(request.data)
        reply = ask_reply(
            chat=chat,
            parent_id=body["parent_id"],
            request=AssistantMessage.work_request(body),
            idempotency_key=idempotency_key(request),
        )
        return _created(reply)


class MessageDetail(APIView):
    """/chats/{chat_id}/messages/{message_id}"""

    def get(self, request: Request, chat_id: str, message_id: str) -> Response:
        """The message as it is stored now."""
        message = message_in_chat_of(request.user, chat_id, message_id)
        return Response(message_read(message, message.reports.all()))


class Cancel(APIView):
    """/chats/{chat_id}/messages/{message_id}/cancel"""

    def post(self, request: Request, chat_id: str, message_id: str) -> Response:
        """Stop the reply, pending or running; the text shown so far stays. A finished one is answered as it is."""
        message = message_in_chat_of(request.user, chat_id, message_id)
        cancel(message.pk)
        message.refresh_from_db()
        return Response(message_read(message))


def _created(message: Message) -> Response:
    body = message_read(message)
    soon(announce_message, message.chat_id, body)
    return Response(body)
