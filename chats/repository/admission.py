"""Who may join a queue: the limits on queues and users, and what an operator has paused."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from chats.errors import TooMany, Unavailable
from chats.models import INSTRUCTIONS, Chat, Message
from chats.models.service import WHOLE_SERVICE
from chats.repository.lookup import gone
from chats.repository.usage import seconds_to_midnight, tokens_used_today

FULL_RETRY_S = 10
MOST_COUNTED = 1000
"""Of one person's waiting replies no more are counted, so that asking takes no longer the more there are."""


_LOOK = """
SELECT
    (SELECT reason FROM chats_pause WHERE compat_hash = %(service)s),
    (
        SELECT count(*)
        FROM (SELECT FROM chats_message WHERE state = 'pending' AND asked_by_id = %(user)s LIMIT %(most)s) own
    ),
    system_prompt, user_profile, user_response_instructions
FROM chats_chat WHERE id = %(chat)s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reply is asked for amid, at this moment.

    maintenance: why the whole service is paused, None when it is not. waiting: the replies that the user has waiting,
    of which MOST_COUNTED are counted, or as many as the user may have. instructions: the chat's own, by the names of
    INSTRUCTIONS.
    """

    maintenance: str | None
    waiting: int
    instructions: dict[str, str]


def standing_of(chat: Chat) -> Standing:
    """How things stand for a reply in this chat, by one query. Raises NotFound when the chat was deleted meanwhile."""
    most = max(MOST_COUNTED, settings.MAX_PENDING_PER_USER)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"service": WHOLE_SERVICE, "user": chat.user_id, "most": most, "chat": chat.pk})
        row = cursor.fetchone()
    if row is None:
        raise gone(chat.pk)
    return Standing(row[0], row[1], dict(zip(INSTRUCTIONS, row[2:], strict=True)))


def admit(standing: Standing, user: Any, *, compat_hash: str, model_config_name: str) -> None:
    """Let a reply of the user join its model's queue.

    Raises Unavailable (503) while the service is in maintenance or the queue is full, TooMany (429) for a user with
    too much waiting or an empty budget. A paused model's queue still takes replies: they wait.

    The limits are looked at, not locked: of requests at one instant all may pass that each alone would, no more than
    there are DATABASE_THREADS in all web processes. They are there against floods, which that is none.
    """
    maintenance, waiting = standing.maintenance, standing.waiting
    if maintenance is not None:
        reason = maintenance or _("try again later")
        raise Unavailable(_("The service is in maintenance: %(reason)s.") % {"reason": reason}, retry_after_s=60)
    if settings.MAX_PENDING_PER_USER and waiting >= settings.MAX_PENDING_PER_USER:
        raise TooMany(
            _("You have %(waiting)s replies waiting; at most %(most)s may wait: cancel one, or wait for one to begin.")
            % {"waiting": waiting, "most": settings.MAX_PENDING_PER_USER},
            retry_after_s=FULL_RETRY_S,
        )
    limit = settings.WORK_QUEUE_MAX_SIZE
    if limit and Message.objects.waiting(compat_hash).order_by()[: limit + 1].count() >= limit:
        raise Unavailable(
            _("The queue of %(model)s is full (%(limit)s replies wait): try again later, or another model.")
            % {"model": model_config_name, "limit": limit},
            retry_after_s=FULL_RETRY_S,
        )
    budget = settings.USER_DAILY_TOKENS
    if budget and (used := tokens_used_today(user)) >= budget:
        raise TooMany(
            _("Your budget of %(budget)s tokens a day is used up (%(used)s generated): it begins anew at midnight UTC.")
            % {"budget": budget, "used": used},
            retry_after_s=seconds_to_midnight(),
        )
