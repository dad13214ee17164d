"""Who may join a queue: the limits on queues and users, and what an operator has paused."""

from typing import Any

from django.conf import settings
from django.db import connection

from chats.errors import TooMany, Unavailable
from chats.models import Message
from chats.models.service import WHOLE_SERVICE
from chats.repository.usage import seconds_to_midnight, tokens_used_today

FULL_RETRY_S = 10


_LOOK = """
SELECT
    (SELECT reason FROM chats_pause WHERE compat_hash = %(service)s),
    (
        SELECT count(*) FROM chats_message JOIN chats_chat ON chats_chat.id = chats_message.chat_id
        WHERE chats_message.state = 'pending' AND chats_chat.user_id = %(user)s
    )
"""


def admit(user: Any, *, compat_hash: str, model_config_name: str) -> int:
    """Let a reply join its model's queue; the number of replies that the user has waiting already.

    Raises Unavailable (503) while the service is in maintenance or the queue is full, TooMany (429) for a user with
    too much waiting or an empty budget. A paused model's queue still takes replies: they wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"service": WHOLE_SERVICE, "user": user})
        maintenance, waiting = cursor.fetchone()
    if maintenance is not None:
        raise Unavailable(f"The service is in maintenance: {maintenance or 'try again later'}.", retry_after_s=60)
    if settings.MAX_PENDING_PER_USER and waiting >= settings.MAX_PENDING_PER_USER:
        raise TooMany(
            f"You have {waiting} replies waiting; at most {settings.MAX_PENDING_PER_USER} may wait: cancel one, or "
            "wait for one to begin.",
            retry_after_s=FULL_RETRY_S,
        )
    limit = settings.WORK_QUEUE_MAX_SIZE
    if limit and Message.objects.waiting(compat_hash).order_by()[: limit + 1].count() >= limit:
        raise Unavailable(
            f"The queue of {model_config_name} is full ({limit} replies wait): try again later, or another model.",
            retry_after_s=FULL_RETRY_S,
        )
    budget = settings.USER_DAILY_TOKENS
    if budget and (used := tokens_used_today(user)) >= budget:
        raise TooMany(
            f"Your budget of {budget} tokens a day is used up ({used} generated): it begins anew at midnight UTC.",
            retry_after_s=seconds_to_midnight(),
        )
    return int(waiting)
