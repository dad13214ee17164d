"""How chats and messages look on the wire, for REST and websocket: Open-Assistant's fields first, then ours."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from chats.models import Chat, Message, Report
from inference.thinking import split_thoughts


class ChatListRead(TypedDict):
    """A chat in a list."""

    id: str
    created_at: str
    modified_at: str
    title: str | None
    hidden: bool
    allow_data_use: bool
    active_thread_tail_message_id: str | None


class MessageRead(TypedDict):
    """A message. `content` is null until a reply is final; the fields from model_config_name on are our own."""

    id: str
    parent_id: str | None
    content: str | None
    chat_id: str
    created_at: str
    role: str
    state: str
    score: int
    reports: list[dict[str, Any]]
    work_parameters: dict[str, Any] | None
    safe_content: None
    safety_level: None
    safety_label: None
    safety_rots: None
    used_plugin: None
    model_config_name: str | None
    finish_reason: str | None
    error: str | None
    worker_name: str | None
    prompt_tokens: int | None
    generated_tokens: int | None
    thoughts: str | None
    omitted_messages: int
    attempt: int
    resumptions: list[dict[str, Any]]
    draft_group: str | None
    queue_at: str | None
    work_begin_at: str | None
    first_token_at: str | None
    work_end_at: str | None


class ChatFacts(ChatListRead):
    """A chat by itself, with what its models are told before its messages; empty: nothing."""

    system_prompt: str
    user_profile: str
    user_response_instructions: str


class ChatRead(ChatFacts):
    """A chat with all its messages, oldest first."""

    messages: list[MessageRead]


def chat_list_read(chat: Chat) -> ChatListRead:
    """The chat as it stands in a list."""
    return {
        "id": str(chat.pk),
        "created_at": chat.created_at.isoformat(),
        "modified_at": chat.modified_at.isoformat(),
        "title": chat.title,
        "hidden": chat.hidden,
        "allow_data_use": chat.allow_data_use,
        "active_thread_tail_message_id": _id(chat.active_thread_tail_id),
    }


def chat_facts(chat: Chat) -> ChatFacts:
    """The chat as those who have it open see it."""
    return {
        **chat_list_read(chat),
        "system_prompt": chat.system_prompt,
        "user_profile": chat.user_profile,
        "user_response_instructions": chat.user_response_instructions,
    }


def chat_read(chat: Chat) -> ChatRead:
    """The chat with its messages and their reports; two queries."""
    messages = chat.messages.order_by("id").prefetch_related("reports")
    return {**chat_facts(chat), "messages": [message_read(m, m.reports.all()) for m in messages]}


def message_read(message: Message, reports: Iterable[Report] = ()) -> MessageRead:
    """The message as every interface shows it. `reports`: for readers who may report it, none in a stream."""
    return {
        "id": str(message.pk),
        "parent_id": _id(message.parent_id),
        "content": message.content,
        "chat_id": str(message.chat_id),
        "created_at": message.created_at.isoformat(),
        "role": message.role,
        "state": message.state,
        "score": message.score,
        "reports": [report_read(report) for report in reports],
        "work_parameters": message.work_parameters,
        "safe_content": None,
        "safety_level": None,
        "safety_label": None,
        "safety_rots": None,
        "used_plugin": None,
        "model_config_name": message.model_config_name or None,
        "finish_reason": message.finish_reason or None,
        "error": message.error or None,
        "worker_name": message.worker_name or None,
        "prompt_tokens": message.prompt_tokens,
        "generated_tokens": message.generated_tokens,
        "thoughts": split_thoughts(message.thoughts)[0] or None,
        "omitted_messages": message.omitted_messages,
        "attempt": message.attempt,
        "resumptions": message.resumptions,
        "draft_group": _id(message.draft_group),
        "queue_at": _time(message.queue_at),
        "work_begin_at": _time(message.work_begin_at),
        "first_token_at": _time(message.first_token_at),
        "work_end_at": _time(message.work_end_at),
    }


def report_read(report: Report) -> dict[str, Any]:
    """A report as the person who made it sees it."""
    return {"id": str(report.pk), "report_type": report.report_type, "reason": report.reason}


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
