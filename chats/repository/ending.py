"""Ending a reply from outside its worker: cancel, time out, abort, delete. No worker need be alive.

One transaction bumps the attempt, fences the stream with it, and stores the text shown so far. With Redis
away the row is ended all the same, with what Postgres has.
"""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef
from django.utils import timezone
from redis.exceptions import RedisError

from chats.database import soon
from chats.groups import announce_deleted_chat, announce_end
from chats.models import UNFINISHED, Chat, Message, State
from chats.redis import sync_redis
from chats.repository.usage import count_reply
from chats.tickets import send_ticket
from inference.stream.buffer import SyncStreamBuffer
from inference.stream.script import Opened

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """A reply that was just ended: whom to tell. `attempt` is the one that was ended."""

    message_id: UUID
    session_id: UUID | None
    attempt: int
    is_fenced: bool
    """Its stream took no more text from then on; False: Redis was away, or not asked."""


def end(
    message_id: UUID, state: State, *, error: str = "", attempt: int | None = None, fence: bool = True
) -> Ending | None:
    """Put an unfinished reply into a final state and fence its stream. None: it had ended already.

    `attempt`: only while the reply is still at this attempt (the reconciler acts on what it saw). `fence`: False where
    Redis is known to be away, so that nobody waits for it again.
    """
    with transaction.atomic():
        unfinished = Message.objects.filter(pk=message_id, state__in=UNFINISHED)
        if attempt is not None:
            unfinished = unfinished.filter(attempt=attempt)
        changed = unfinished.update(state=state, error=error, attempt=F("attempt") + 1, work_end_at=timezone.now())
        if not changed:
            return None
        message = Message.objects.only("id", "attempt", "session_id", "work_begin_at", "work_parameters").get(
            pk=message_id
        )
        opened = _fence(message) if fence else None
        if opened is not None:
            message.keep_text(opened.text)
            message.epoch = opened.epoch
            message.generated_tokens = opened.tokens
            message.finish_reason = opened.finish_reason or ""
            message.save(update_fields=["content", "thoughts", "epoch", "generated_tokens", "finish_reason"])
            count_reply(message_id)
    if opened is not None:
        _expire(message_id)
    return Ending(message_id, message.session_id, attempt=message.attempt - 1, is_fenced=opened is not None)


def cancel(message_id: UUID) -> bool:
    """End an unfinished reply as cancelled and tell its worker and readers. False: it had ended already."""
    ending = end(message_id, State.CANCELLED)
    if ending is None:
        return False
    transaction.on_commit(partial(tell, ending))
    return True


def requeue(message_id: UUID) -> bool:
    """Give a reply that ended without success another chance: it goes on from the text that its stream still has.

    False: it is unfinished or complete. (An operator's verb; people regenerate, which makes a sibling.)
    """
    with transaction.atomic():
        changed = Message.objects.filter(
            pk=message_id, state__in=(State.ABORTED_BY_WORKER, State.CANCELLED, State.TIMEOUT)
        ).update(
            state=State.PENDING,
            asked_by=Chat.objects.filter(pk=OuterRef("chat")).values("user"),  # old rows and imported ones have none
            attempt=F("attempt") + 1,
            failures=0,
            queue_at=timezone.now(),
            content=None,
            thoughts="",
            error="",
            finish_reason="",
            generated_tokens=None,
            prompt_tokens=None,
            omitted_messages=0,
            work_begin_at=None,
            first_token_at=None,
            work_end_at=None,
        )
        if changed:
            message = Message.objects.only("compat_hash").get(pk=message_id)
            transaction.on_commit(partial(send_ticket, message_id, message.compat_hash))
    return changed == 1


def delete_chat(chat: Chat) -> None:
    """Delete the chat with all messages; what runs in it is fenced and stopped, readers and open websockets are told.

    The chat's row is locked first, as asking locks it: a reply asked for at the same moment goes with the chat or finds
    none. A chat that is gone already is left at that.
    """
    chat_id = chat.pk
    with transaction.atomic():
        if not Chat.objects.select_for_update().filter(pk=chat_id).values_list("pk", flat=True).first():
            return
        endings: list[Ending] = []
        for message_id in Message.objects.filter(chat_id=chat_id).unfinished().values_list("pk", flat=True):
            ending = end(message_id, State.CANCELLED, fence=all(each.is_fenced for each in endings))
            if ending is not None:
                endings.append(ending)
        chat.delete()
        transaction.on_commit(partial(_tell_deleted, chat_id, chat.user_id, endings))


def delete_chats_of(user: Any) -> None:
    """Delete everything a user has said and been told, running work too."""
    for chat in Chat.objects.owned_by(user):
        delete_chat(chat)


def tell(ending: Ending) -> None:
    """Tell the ended reply's worker and readers."""
    soon(announce_end, ending.message_id, ending.session_id, ending.attempt)


def _tell_deleted(chat_id: UUID, user_id: object, endings: list[Ending]) -> None:
    soon(_announce_deleted, chat_id, user_id, endings)


async def _announce_deleted(chat_id: UUID, user_id: object, endings: list[Ending]) -> None:
    ends = (announce_end(each.message_id, each.session_id, each.attempt) for each in endings)
    await asyncio.gather(*ends, announce_deleted_chat(chat_id, user_id))


def _fence(message: Message) -> Opened | None:
    """Fence the stream with the row's new attempt; what was shown, None when Redis cannot say."""
    try:
        opened = SyncStreamBuffer(sync_redis()).open(str(message.pk), message.attempt, continue_=True)
    except (RedisError, OSError) as error:
        logger.warning("Message %s ended without its stream's text: Redis is away (%s)", message.pk, error)
        return None
    return opened if isinstance(opened, Opened) else None


def _expire(message_id: UUID) -> None:
    """Let the stream go after the minute that readers may need to catch up."""
    try:
        SyncStreamBuffer(sync_redis()).expire(str(message_id))
    except (RedisError, OSError):
        logger.info("The stream of message %s keeps its own expiry: Redis is away", message_id)
