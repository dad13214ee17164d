"""Telling everybody who has a chat open, or the list it stands in, that it has changed."""

from functools import partial
from typing import Any

from django.db import transaction

from chats.database import soon
from chats.groups import announce_chat, announce_choice, announce_feedback, chats_event, publish, user_group
from chats.models import Chat, Message
from chats.wire import chat_facts, chat_list_read, report_read
from inference import events
from inference.events import FeedbackEvent


def tell_chat_changed(chat: Chat) -> None:
    """Publish the chat as it is now, title and all, from synchronous code; nobody waits for it."""
    if not chat.is_transient:
        soon(announce_chat, chat.pk, chat.user_id, opened=chat_facts(chat), listed=chat_list_read(chat))


def tell_chat_made(chat: Chat) -> None:
    """Tell the user's lists of the chat once it is committed; nobody can have it open by then."""
    if not chat.is_transient:
        event = chats_event(events.chat(chat_list_read(chat)))
        transaction.on_commit(partial(soon, publish, user_group(chat.user_id), event), robust=True)


def tell_chats_changed(user: Any) -> None:
    """So much changed in the user's list that it is to be read anew."""
    soon(publish, user_group(user.pk), chats_event(events.chats_changed()))


def tell_feedback(message: Message) -> None:
    """What is said of the message changed: publish that as it is stored now, whatever was known of it before."""
    soon(announce_feedback, message.chat_id, _feedback(message))


def tell_choice(chat: Chat, drafts: list[Message]) -> None:
    """One of the drafts was chosen: tell which, as the chat's active thread, then that they are none any more."""
    facts = {"opened": chat_facts(chat), "listed": chat_list_read(chat)}
    soon(announce_choice, chat.pk, chat.user_id, drafts=[_feedback(draft) for draft in drafts], **facts)


def _feedback(message: Message) -> FeedbackEvent:
    message.refresh_from_db(fields=["score", "draft_group"])
    return events.feedback(
        str(message.pk),
        score=message.score,
        reports=[report_read(report) for report in message.reports.all()],
        draft_group=None if message.draft_group is None else str(message.draft_group),
    )
