"""Asking: the rows of a chat, a prompt and its reply, and the reply's ticket once they are committed.

An idempotency key makes a retry safe: the second request with the same key finds what the first one made.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chats.announcing import tell_chat_changed, tell_chat_made
from chats.content import check_text
from chats.errors import Unprocessable
from chats.models import Chat, Message, Role, State
from chats.repository.admission import admit, standing_of
from chats.repository.appending import append
from chats.repository.lookup import find_chat
from chats.repository.starting import started
from chats.repository.work_request import WorkRequest
from chats.telemetry import origin
from chats.tickets import send_ticket

log = structlog.get_logger(__name__)

TITLE_LENGTH = 100


def first_title(content: str) -> str:
    """The title that a chat has from its first prompt."""
    return " ".join(content.split())[:TITLE_LENGTH]


def start_chat(*, user: Any, idempotency_key: str | None = None, **given: Any) -> Chat:
    """A new, empty chat of the user. given: data use and instructions, in the place of the user's preferences."""
    chat = started(Chat(user_id=user.pk, idempotency_key=idempotency_key), given)
    if chat is None:
        return Chat.objects.get(user=user, idempotency_key=idempotency_key)
    tell_chat_made(chat)
    return chat


def add_prompt(
    *,
    chat: Chat,
    parent_id: object,
    content: str,
    may_branch_root: bool = False,
    idempotency_key: str | None = None,
) -> Message:
    """A prompt under a finished reply, or the first message of an empty chat when `parent_id` is None.

    `may_branch_root`: None may also mean a new first prompt beside the old one (an edit); Open-Assistant's REST
    refuses that.

    Raises BadRequest for empty or unstorable content and an unknown or wrong parent, Conflict while the parent is
    still being written, TooLarge for the content or the chat, NotFound when the chat was deleted meanwhile.
    """
    check_text(content, field="content", max_length=settings.MESSAGE_MAX_LENGTH)

    def make() -> Message:
        prompt = Message(
            chat=chat, role=Role.PROMPTER, state=State.MANUAL, content=content, idempotency_key=idempotency_key
        )
        now = append(prompt, parent_id=parent_id, title=first_title(content), may_branch_root=may_branch_root)
        if chat.title is None:  # a refused first prompt names nothing
            tell = _tell_anew if connection.in_atomic_block else tell_chat_changed
            transaction.on_commit(partial(tell, now), robust=True)
        return prompt

    prompt = _once(chat, Role.PROMPTER, idempotency_key, make)
    if prompt.content != content:
        raise Unprocessable(
            f"Idempotency-Key {idempotency_key!r} was used for another prompt: send a new key.",
            field="idempotency_key",
        )
    return prompt


def ask_reply(
    *,
    chat: Chat,
    parent_id: object,
    request: WorkRequest,
    idempotency_key: str | None = None,
    draft_group: UUID | None = None,
    is_active: bool = True,
) -> Message:
    """A pending reply under a prompt; its ticket goes out on commit. A second one is a sibling of the first.

    draft_group: of replies that are asked for together (see `drafts`). is_active: the chat's thread ends in it now.

    Raises Unprocessable for an unknown model or lengths beyond it, BadRequest for an unknown or wrong parent,
    TooLarge for a full chat, NotFound when the chat was deleted meanwhile, and what `admit` does.
    """

    def make() -> Message:
        standing = standing_of(chat)
        config, parameters = request.within(standing.instructions).settle()
        admit(standing, chat.user_id, compat_hash=config.compat_hash, model_config_name=config.name)
        reply = Message(
            chat=chat,
            role=Role.ASSISTANT,
            state=State.PENDING,
            asked_by_id=chat.user_id,
            model_config_name=config.name,
            compat_hash=config.compat_hash,
            work_parameters=parameters.to_json(),
            queue_at=_due(standing.waiting),
            idempotency_key=idempotency_key,
            draft_group=draft_group,
            origin=origin.here(),
        )
        append(reply, parent_id=parent_id, is_tail=is_active)
        transaction.on_commit(partial(_asked, reply))
        return reply

    return _once(chat, Role.ASSISTANT, idempotency_key, make)


def _asked(reply: Message) -> None:
    """The reply is committed: its ticket goes out."""
    log.info(
        "reply asked", message_id=str(reply.pk), chat_id=str(reply.chat_id), model=reply.model_config_name,
    )  # fmt: skip
    send_ticket(reply.pk, reply.compat_hash)


def _once(chat: Chat, role: Role, key: str | None, make: Callable[[], Message]) -> Message:
    """What `make` makes, or what an earlier request with the same key made.

    With a key the chat is locked before the look: of two requests at once the second one waits, and finds.
    """
    if key is None:
        return make()
    with transaction.atomic():
        Chat.objects.select_for_update(no_key=True).filter(pk=chat.pk).values_list("pk", flat=True).first()
        return Message.objects.filter(chat=chat, role=role, idempotency_key=key).first() or make()


def _tell_anew(chat: Chat) -> None:
    """Publish the chat as it is after all of the transaction in which it got its title."""
    if (now := find_chat(chat.pk)) is not None:  # else deleted meanwhile
        tell_chat_changed(now)


def _due(waiting: int) -> datetime:
    """When the reply is due: its user's waiting messages each move it back, so that nobody blocks anybody."""
    return timezone.now() + timedelta(seconds=waiting * settings.FAIR_SHARE_S)
