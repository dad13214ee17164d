"""What a user's replies have used, and what is left of the day's budget."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.repository.usage import budget, days_of, next_midnight


class UsageQuery(ObjectSerializer):
    """The query of GET /usage."""

    days = serializers.IntegerField(min_value=1, max_value=366, default=30)


class UsageView(APIView):
    """/usage"""

    def get(self, request: Request) -> Response:
        """Tokens of today against the budget, and what each model used on each of the last days (UTC), newest first."""
        query = UsageQuery.read(request.query_params)
        return Response(
            {
                "today": budget(request.user),
                "resets_at": next_midnight().isoformat(),
                "days": [
                    {
                        "day": row.day.isoformat(),
                        "model_config_name": row.model_config_name,
                        "replies": row.replies,
                        "prompt_tokens": row.prompt_tokens,
                        "generated_tokens": row.generated_tokens,
                    }
                    for row in days_of(request.user, query["days"])
                ],
            }
        )
