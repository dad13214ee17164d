"""Chats and messages in the Django admin: content is read-only; acting goes through the repository's verbs."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chats.models import Chat, Message, Role
from chats.repository.ending import cancel, delete_chat, requeue
from chats.tree import message_tree


class ReadOnlyAdmin(admin.ModelAdmin):
    """Nothing is added or changed here; what people wrote is theirs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    """Chats, each with its tree of messages."""

    list_display = ("title_or_id", "user", "message_count", "created_at", "modified_at", "hidden")
    list_filter = ("hidden", "allow_data_use", "created_at")
    search_fields = ("id", "title", "user__username", "user__display_name")
    list_select_related = ("user",)
    fields = (
        "id",
        "user",
        "title",
        "hidden",
        "allow_data_use",
        "created_at",
        "modified_at",
        "message_count",
        "tree",
    )
    readonly_fields = fields
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description="chat", ordering="title")
    def title_or_id(self, chat: Chat) -> str:
        return chat.title or str(chat.pk)

    @admin.display(description="messages")
    def tree(self, chat: Chat) -> SafeString:
        """The message tree, a line each, indented by depth."""
        return format_html_join(
            "",
            '<div class="oasst-tree-line" data-depth="{}">{}<a href="{}">{} · {}</a> {}</div>',
            (
                (
                    depth,
                    format_html_join("", "&nbsp;&nbsp;&nbsp;{}", (("",) for _ in range(depth))),
                    reverse("admin:chats_message_change", args=[message.pk]),
                    message.role,
                    message.state,
                    _excerpt(message),
                )
                for depth, message in message_tree(chat)
            ),
        )

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """A chat goes with all that is in it: messages are counted, not listed, and need no permission of their own."""
        chats = list(objs)
        counts = {"chats": len(chats), "messages": sum(chat.message_count for chat in chats)}
        missing = set() if self.has_delete_permission(request) else {"chat"}
        return [str(chat) for chat in chats], counts, missing, []

    def delete_model(self, request: HttpRequest, obj: Chat) -> None:
        delete_chat(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Chat]) -> None:
        for chat in queryset:
            delete_chat(chat)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages with their states, timings, worker and parameters."""

    list_display = (
        "short_id",
        "role",
        "state",
        "model_config_name",
        "worker_name",
        "excerpt",
        "queue_wait",
        "first_token",
        "tokens_per_second",
        "attempt",
        "created_at",
    )
    list_filter = ("state", "role", "model_config_name", "created_at")
    search_fields = ("id", "chat__id", "content", "worker_name", "session_id", "chat__user__username")
    list_select_related = ("chat",)
    actions = ("cancel_replies", "requeue_replies")
    ordering = ("-id",)
    show_full_result_count = False
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "id",
                    "chat_link",
                    "parent_link",
                    "role",
                    "state",
                    "thoughts",
                    "content",
                    "score",
                    "created_at",
                )
            },
        ),
        ("Work", {"fields": ("model_config_name", "compat_hash", "work_parameters")}),
        ("Queue and attempts", {"fields": ("queue_at", "attempt", "failures", "resumptions")}),
        (
            "Worker and times",
            {
                "fields": (
                    "session_id",
                    "worker_name",
                    "worker_config",
                    "work_begin_at",
                    "first_token_at",
                    "work_end_at",
                    "queue_wait",
                    "first_token",
                    "tokens_per_second",
                )
            },
        ),
        (
            "Result",
            {
                "fields": (
                    "finish_reason",
                    "prompt_tokens",
                    "generated_tokens",
                    "omitted_messages",
                    "error",
                    "epoch",
                )
            },
        ),
    )

    @admin.display(description="id", ordering="id")
    def short_id(self, message: Message) -> str:
        return f"…{str(message.pk)[-12:]}"

    @admin.display(description="content")
    def excerpt(self, message: Message) -> str:
        return _excerpt(message)

    @admin.display(description="chat")
    def chat_link(self, message: Message) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:chats_chat_change", args=[message.chat_id]), message.chat
        )

    @admin.display(description="parent")
    def parent_link(self, message: Message) -> SafeString | str:
        if message.parent_id is None:
            return "–"
        url = reverse("admin:chats_message_change", args=[message.parent_id])
        return format_html('<a href="{}">{}</a>', url, message.parent_id)

    @admin.display(description="queue wait")
    def queue_wait(self, message: Message) -> str:
        return _seconds(message.created_at, message.work_begin_at)

    @admin.display(description="first token")
    def first_token(self, message: Message) -> str:
        return _seconds(message.created_at, message.first_token_at)

    @admin.display(description="tokens/s")
    def tokens_per_second(self, message: Message) -> str:
        if not (message.generated_tokens and message.first_token_at and message.work_end_at):
            return "–"
        took = (message.work_end_at - message.first_token_at).total_seconds()
        return f"{message.generated_tokens / took:.1f}" if took > 0 else "–"

    @admin.action(description="Cancel the selected replies", permissions=["act"])
    def cancel_replies(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        replies = queryset.filter(role=Role.ASSISTANT).values_list("pk", flat=True)
        done = sum(cancel(message_id) for message_id in replies)
        self.message_user(
            request, f"{done} of {len(replies)} replies cancelled; the others had ended.", messages.SUCCESS
        )

    @admin.action(description="Requeue the selected replies that failed or were cancelled", permissions=["act"])
    def requeue_replies(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        replies = queryset.filter(role=Role.ASSISTANT).values_list("pk", flat=True)
        done = sum(requeue(message_id) for message_id in replies)
        self.message_user(
            request,
            f"{done} of {len(replies)} replies wait again; the others are unfinished or complete.",
            messages.SUCCESS,
        )

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Cancelling and requeueing change messages, though nobody may edit one."""
        return request.user.has_perm("chats.change_message")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Messages go with their chat: a hole in a tree helps nobody."""
        return False


def _excerpt(message: Message) -> str:
    text = " ".join((message.content or message.error or "").split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _seconds(start: Any, end: Any) -> str:
    return f"{(end - start).total_seconds():.2f} s" if start and end else "–"
