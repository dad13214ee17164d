"""Full-text search over one's own chats."""

from html import escape
from typing import TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.content import check_text
from chats.repository.search import Found, search

MAX_QUERY_LENGTH = 200
MAX_OFFSET = 1000


class ExcerptPiece(TypedDict):
    """A piece of a passage; `hit`: it is what was searched for."""

    text: str
    hit: bool


class SearchResult(TypedDict):
    """A message that was found. `excerpt_html` is escaped; its only tags are <mark>."""

    chat_id: str
    chat_title: str | None
    message_id: str
    role: str
    created_at: str
    rank: float
    excerpt: list[ExcerptPiece]
    excerpt_html: str


class SearchPage(TypedDict):
    """Messages that were found, the best first."""

    results: list[SearchResult]
    next_offset: int | None


class SearchQuery(ObjectSerializer):
    """The query of GET /chats/search."""

    q = serializers.CharField(max_length=MAX_QUERY_LENGTH)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=20)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, default=0)
    include_hidden = serializers.BooleanField(default=False)


class Search(APIView):
    """/chats/search"""

    def get(self, request: Request) -> Response:
        """Messages with these words, the best first. `next_offset` is null at the end."""
        data = SearchQuery.read(request.query_params)
        text = check_text(data["q"], field="q", max_length=MAX_QUERY_LENGTH)
        limit, offset = data["limit"], data["offset"]
        found = search(request.user, text, limit=limit + 1, offset=offset, include_hidden=data["include_hidden"])
        more = len(found) > limit and offset + limit <= MAX_OFFSET
        page: SearchPage = {
            "results": [result(each) for each in found[:limit]],
            "next_offset": offset + limit if more else None,
        }
        return Response(page)


def result(found: Found) -> SearchResult:
    """One message found."""
    return {
        "chat_id": str(found.message.chat_id),
        "chat_title": found.message.chat.title,
        "message_id": str(found.message.pk),
        "role": found.message.role,
        "created_at": found.message.created_at.isoformat(),
        "rank": found.rank,
        "excerpt": [{"text": piece.text, "hit": piece.hit} for piece in found.excerpt],
        "excerpt_html": "".join(
            f"<mark>{escape(piece.text)}</mark>" if piece.hit else escape(piece.text) for piece in found.excerpt
        ),
    }
