"""Links to snapshots of chats: made, listed and revoked by their owner, read by anybody who has the link."""

from typing import TypedDict

from django.urls import get_script_prefix, reverse
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.models import Share
from chats.repository.lookup import chat_of, message_of
from chats.repository.sharing import revoke, share, shared

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
"""No cache, no search engine and no other site shall learn of a link."""


class NewShare(ObjectSerializer):
    """POST /chats/{chat_id}/shares."""

    message_id = serializers.CharField(required=False, allow_null=True)


class Shares(APIView):
    """/chats/{chat_id}/shares"""

    def get(self, request: Request, chat_id: str) -> Response:
        """The chat's links, newest first."""
        chat = chat_of(request.user, chat_id)
        return Response([share_read(each) for each in chat.shares.order_by("-id")])

    def post(self, request: Request, chat_id: str) -> Response:
        """A new link to the thread that ends in `message_id`, by default to the active one."""
        chat = chat_of(request.user, chat_id)
        body = NewShare.read(request.data)
        wanted = body.get("message_id")
        tail = None if wanted is None else message_of(chat, wanted)
        return Response(share_read(share(chat, tail=tail)))


class ShareDetail(APIView):
    """/chats/{chat_id}/shares/{share_id}"""

    def delete(self, request: Request, chat_id: str, share_id: str) -> Response:
        """Revoke the link."""
        revoke(chat_of(request.user, chat_id), share_id)
        return Response()


class Shared(APIView):
    """/shares/{token}"""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request, token: str) -> Response:
        """The snapshot behind a link, without login: title, and the thread as it was when it was shared.

        A browser, which would rather have HTML, is led to the page that shows it.
        """
        found = shared(token)
        headers = PRIVATE | {"Vary": "Accept"}
        if request.headers.get("Accept", "").startswith("text/html"):
            return Response(status=302, headers=headers | {"Location": reverse("share", args=[token])})
        return Response({"created_at": found.created_at.isoformat(), **found.snapshot}, headers=headers)


class ShareRead(TypedDict):
    """A link to a snapshot, as its owner sees it."""

    id: str
    token: str
    path: str
    page_path: str
    created_at: str


def share_read(share: Share) -> ShareRead:
    """A link as its owner sees it: `page_path` for people, `path` for programs, both below this service's address."""
    return {
        "id": str(share.pk),
        "token": share.token,
        "path": f"{get_script_prefix()}api/shares/{share.token}",
        "page_path": reverse("share", args=[share.token]),
        "created_at": share.created_at.isoformat(),
    }
