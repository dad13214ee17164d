"""Counting what replies used, and what of a user's daily budget is left."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from chats.models import Usage

ADD_TO_USAGE = """
INSERT INTO chats_usage (user_id, day, model_config_name, replies, prompt_tokens, generated_tokens)
SELECT chat.user_id, (now() AT TIME ZONE 'UTC')::date, ended.model_config_name, 1,
       COALESCE(ended.prompt_tokens, 0), COALESCE(ended.generated_tokens, 0)
FROM {ended} ended JOIN chats_chat chat ON chat.id = ended.chat_id
ON CONFLICT (user_id, day, model_config_name) DO UPDATE SET
    replies = chats_usage.replies + 1,
    prompt_tokens = chats_usage.prompt_tokens + excluded.prompt_tokens,
    generated_tokens = chats_usage.generated_tokens + excluded.generated_tokens
"""
"""Adds `ended`, which is a reply's row or nothing, to its user's usage; the number of rows says which it was."""

_ADD = ADD_TO_USAGE.format(ended="(SELECT * FROM chats_message WHERE id = %s)")


class BudgetRead(TypedDict):
    """Generated tokens of today (UTC); limit and left are null where there is no limit."""

    limit: int | None
    used: int
    left: int | None


def count_reply(message_id: Any) -> None:
    """Add a reply that has just ended to its user's usage: one statement, in the ending's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [message_id])


def tokens_used_today(user: Any) -> int:
    """Tokens generated for the user since midnight UTC."""
    return Usage.objects.filter(user=user, day=_today()).aggregate(used=Sum("generated_tokens"))["used"] or 0


def next_midnight() -> datetime:
    """When the daily budgets begin anew (UTC)."""
    return datetime.combine(_today() + timedelta(days=1), time.min, tzinfo=UTC)


def seconds_to_midnight() -> int:
    """Until the daily budgets begin anew."""
    return max(1, int((next_midnight() - timezone.now()).total_seconds()))


def days_of(user: Any, days: int) -> list[Usage]:
    """What each model used on each of so many days until today (UTC), newest first."""
    first = _today() - timedelta(days=days - 1)
    return list(Usage.objects.filter(user=user, day__gte=first).order_by("-day", "model_config_name"))


def budget(user: Any) -> BudgetRead:
    """What is left of the user's tokens of today."""
    used, limit = tokens_used_today(user), settings.USER_DAILY_TOKENS
    return {"limit": limit or None, "used": used, "left": max(0, limit - used) if limit else None}


def _today() -> date:
    """Days begin at midnight UTC."""
    return timezone.now().astimezone(UTC).date()
