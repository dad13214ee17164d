"""What people say of replies: votes, reports, and which of several drafts was the best."""

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.announcing import tell_feedback
from chats.api.serializers import ObjectSerializer, TextField
from chats.content import check_text
from chats.errors import BadRequest
from chats.models import Message, Report, ReportType, Role
from chats.repository.drafts import prefer
from chats.repository.lookup import chat_of, message_in_chat_of, message_of

SCORES = (-1, 0, 1)


class Vote(ObjectSerializer):
    """POST votes."""

    score = serializers.IntegerField()


class ReportBody(ObjectSerializer):
    """POST reports."""

    report_type = serializers.ChoiceField(choices=ReportType.choices)
    reason = TextField()


class Eval(ObjectSerializer):
    """POST message_evals."""

    inferior_message_ids = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=20)


class Votes(APIView):
    """/chats/{chat_id}/messages/{message_id}/votes"""

    def post(self, request: Request, chat_id: str, message_id: str) -> Response:
        """Good (1), bad (-1), or neither (0); the last vote counts."""
        message = _reply_of(request, chat_id, message_id)
        body = Vote.read(request.data)
        score = body["score"]
        if score not in SCORES:
            raise BadRequest(f"score is {score}: give -1, 0 or 1.", field="score")
        Message.objects.filter(pk=message.pk).update(score=score)
        tell_feedback(message)
        return Response()


class Reports(APIView):
    """/chats/{chat_id}/messages/{message_id}/reports"""

    def post(self, request: Request, chat_id: str, message_id: str) -> Response:
        """Report a message to the people who run this service."""
        message = message_in_chat_of(request.user, chat_id, message_id)
        data = ReportBody.read(request.data)
        check_text(data["reason"], field="reason", max_length=settings.MESSAGE_MAX_LENGTH, may_be_empty=True)
        Report.objects.create(message=message, **data)
        tell_feedback(message)
        return Response()


class MessageEvals(APIView):
    """/chats/{chat_id}/messages/{message_id}/message_evals"""

    def post(self, request: Request, chat_id: str, message_id: str) -> Response:
        """This reply is better than those siblings of it; it becomes the one that the chat goes on from."""
        chat = chat_of(request.user, chat_id)
        selected = message_of(chat, message_id)
        body = Eval.read(request.data)
        prefer(chat=chat, selected=selected, inferior_ids=body["inferior_message_ids"])
        return Response()


def _reply_of(request: Request, chat_id: str, message_id: str) -> Message:
    message = message_in_chat_of(request.user, chat_id, message_id)
    if message.role != Role.ASSISTANT:
        raise BadRequest(f"Message {message.pk} is a prompt: only replies are voted on.", field="message_id")
    return message
