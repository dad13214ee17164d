"""Chats in and out as files."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.rate import PROMPTS
from chats.repository.lookup import chat_of
from chats.repository.transfer import export_json, export_markdown, import_chat
from chats.wire import chat_list_read

KINDS = ("json", "markdown")


class ExportQuery(ObjectSerializer):
    """The query of GET /chats/{chat_id}/export."""

    format = serializers.ChoiceField(choices=KINDS, default="json")


class Export(APIView):
    """/chats/{chat_id}/export"""

    def get(self, request: Request, chat_id: str) -> HttpResponseBase:
        """The chat as a file: `json` with all branches, which can be imported; `markdown` of the active thread."""
        chat = chat_of(request.user, chat_id)
        query = ExportQuery.read(request.query_params)
        if query["format"] == "json":
            name = f"chat-{chat.pk}.json"
            return Response(export_json(chat), headers={"Content-Disposition": f'attachment; filename="{name}"'})
        return HttpResponse(
            export_markdown(chat),
            content_type="text/markdown; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="chat-{chat.pk}.md"'},
        )


class Import(APIView):
    """/chats/import"""

    throttle_scope = PROMPTS

    def post(self, request: Request) -> Response:
        """A new chat out of an exported JSON file."""
        return Response(chat_list_read(import_chat(user=request.user, data=request.data)))
