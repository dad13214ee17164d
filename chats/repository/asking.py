"""Asking: the rows of a chat, a prompt and its reply, and the reply's ticket once they are committed.

An idempotency key makes a retry safe: the second request with the same key finds what the first one made.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chats.announcing import tell_chat_changed, tell_chat_made
from chats.content import check_text
from chats.errors import BadRequest, Conflict, NotFound, TooLarge, Unprocessable
from chats.ids import new_id, parse_id
from chats.models import INSTRUCTIONS, UNFINISHED, Chat, Message, Preferences, Role, State
from chats.repository.admission import admit
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
    facts = Preferences.objects.of(user).for_new_chat() | given
    if idempotency_key is None:
        chat, is_new = Chat.objects.create(user=user, **facts), True
    else:
        chat, is_new = Chat.objects.get_or_create(user=user, idempotency_key=idempotency_key, defaults=facts)
    if is_new:
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
        count, _ = _grow(chat, title=first_title(content))
        parent = _parent(chat, parent_id, role=Role.ASSISTANT) if parent_id is not None else None
        if parent is None and count > 1 and not may_branch_root:
            raise BadRequest(
                f"Chat {chat.pk} has messages already: parent_id must name the reply that this prompt follows.",
                field="parent_id",
            )
        if chat.title is None:
            transaction.on_commit(partial(_tell_title, chat), robust=True)
        return Message.objects.create(
            chat=chat,
            parent=parent,
            role=Role.PROMPTER,
            state=State.MANUAL,
            content=content,
            idempotency_key=idempotency_key,
        )

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
        reply_id = new_id()
        _, instructions = _grow(chat, tail=reply_id if is_active else None)
        config, parameters = request.within(instructions).settle()
        waiting = admit(chat.user_id, compat_hash=config.compat_hash, model_config_name=config.name)
        prompt = _parent(chat, parent_id, role=Role.PROMPTER)
        reply = Message.objects.create(
            id=reply_id,
            chat=chat,
            parent=prompt,
            role=Role.ASSISTANT,
            state=State.PENDING,
            asked_by_id=chat.user_id,
            model_config_name=config.name,
            compat_hash=config.compat_hash,
            work_parameters=parameters.to_json(),
            queue_at=_due(waiting),
            idempotency_key=idempotency_key,
            draft_group=draft_group,
            origin=origin.here(),
        )
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
    """What `make` makes in one transaction, or what an earlier request with the same key made.

    With a key the chat is locked before the look: of two requests at once the second one waits, and finds.
    """
    with transaction.atomic():
        if key is not None:
            Chat.objects.select_for_update(no_key=True).filter(pk=chat.pk).values_list("pk", flat=True).first()
            if found := Message.objects.filter(chat=chat, role=role, idempotency_key=key).first():
                return found
        return make()


_GROW = """
UPDATE chats_chat SET
    message_count = message_count + 1,
    modified_at = now(),
    title = COALESCE(title, %(title)s),
    active_thread_tail_id = COALESCE(%(tail)s, active_thread_tail_id)
WHERE id = %(chat)s
RETURNING message_count, system_prompt, user_profile, user_response_instructions
"""


def _grow(chat: Chat, *, title: str | None = None, tail: UUID | None = None) -> tuple[int, dict[str, str]]:
    """Count one more message, and what goes with it, in one statement; the new count, and the chat's instructions now.

    title: where the chat has none yet. tail: where its thread now ends. Locks the chat's row, so that two tabs'
    requests follow each other. Raises NotFound, TooLarge.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GROW, {"chat": chat.pk, "title": title, "tail": tail})
        row = cursor.fetchone()
    if row is None:
        raise NotFound(
            _("There is no chat %(chat)s any more: it was deleted meanwhile.") % {"chat": chat.pk}, field="chat_id"
        )
    count = int(row[0])
    if count > settings.CHAT_MAX_MESSAGES:
        raise TooLarge(
            _("Chat %(chat)s is full: at most %(most)s messages. Start a new chat.")
            % {"chat": chat.pk, "most": settings.CHAT_MAX_MESSAGES}
        )
    return count, dict(zip(INSTRUCTIONS, row[1:], strict=True))


def _tell_title(chat: Chat) -> None:
    """The chat has its title, now that it is committed: a refused first prompt names nothing.

    Read anew, since a socket keeps the chat as it was when it was opened.
    """
    with suppress(Chat.DoesNotExist):  # deleted meanwhile
        chat.refresh_from_db()
        tell_chat_changed(chat)


def _parent(chat: Chat, parent_id: object, *, role: Role) -> Message:
    """The parent, of this chat and this role, finished when it is a reply."""
    key = parse_id(parent_id)
    parent = Message.objects.filter(pk=key, chat=chat).first() if key else None
    if parent is None:
        raise BadRequest(f"parent_id {parent_id} is no message of chat {chat.pk}.", field="parent_id")
    if parent.role != role:
        raise BadRequest(
            f"parent_id {parent_id} is {'a prompt' if parent.role == Role.PROMPTER else 'a reply'}; "
            f"{'a reply belongs under a prompt' if role == Role.PROMPTER else 'a prompt belongs under a reply'}.",
            field="parent_id",
        )
    if parent.state in UNFINISHED:
        raise Conflict(
            _("The reply %(message)s is still %(state)s: wait for its end, or cancel it.")
            % {"message": parent_id, "state": parent.state},
            field="parent_id",
        )
    return parent


def _due(waiting: int) -> datetime:
    """When the reply is due: its user's waiting messages each move it back, so that nobody blocks anybody."""
    return timezone.now() + timedelta(seconds=waiting * settings.FAIR_SHARE_S)
