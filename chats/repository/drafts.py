"""Drafts: several replies to one prompt at once, to be read side by side, and the choice between them."""

from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from chats.announcing import tell_choice
from chats.errors import BadRequest
from chats.models import Chat, Message, MessageEval
from chats.repository.asking import ask_reply
from chats.repository.lookup import message_of
from chats.repository.work_request import WorkRequest
from inference.parameters import MAX_SEED

MOST_DRAFTS = 4
"""Replies that may be asked for at once."""

_FURTHER = UUID("0193b6f4-5b0e-7a41-9d0c-3c5f8a2f6e11")
"""Namespace of the idempotency keys of the second draft and those after it."""


def ask_drafts(
    *, chat: Chat, parent_id: object, request: WorkRequest, drafts: int, idempotency_key: str | None = None
) -> list[Message]:
    """So many pending replies under a prompt, in one transaction: all or none. The first is the active one.

    Raises what `ask_reply` does.
    """
    group = uuid4() if drafts > 1 else None
    with transaction.atomic():
        return [
            ask_reply(
                chat=chat,
                parent_id=parent_id,
                request=_varied(request, place),
                idempotency_key=_key(idempotency_key, place),
                draft_group=group,
                is_active=place == 0,
            )
            for place in range(drafts)
        ]


def prefer(*, chat: Chat, selected: Message, inferior_ids: list[str]) -> None:
    """This reply is better than those siblings of it; the chat goes on from it, and its drafts are chosen between.

    Raises NotFound for what is no message of the chat, BadRequest for what is no sibling.
    """
    inferior = [message_of(chat, each) for each in inferior_ids]
    for each in inferior:
        if each.pk == selected.pk or each.parent_id != selected.parent_id:
            raise BadRequest(
                f"inferior_message_ids holds {each.pk}, which is no sibling of {selected.pk}.",
                field="inferior_message_ids",
            )
    with transaction.atomic():
        MessageEval.objects.create(selected=selected).inferior.set(inferior)
        chat.active_thread_tail = selected
        chat.save(update_fields=["active_thread_tail", "modified_at"])
        if selected.draft_group is not None:
            drafts = Message.objects.filter(chat=chat, draft_group=selected.draft_group)
            chosen = list(drafts)
            drafts.update(draft_group=None)
        else:
            chosen = []
    tell_choice(chat, chosen)


def _varied(request: WorkRequest, place: int) -> WorkRequest:
    """The request of the draft at this place: of one seed all drafts would be the same text."""
    return request if request.seed is None else replace(request, seed=(request.seed + place) % (MAX_SEED + 1))


def _key(key: str | None, place: int) -> str | None:
    """The key of the draft at this place: a repeated request finds each of its drafts."""
    return key if key is None or place == 0 else str(uuid5(_FURTHER, f"{place} {key}"))
