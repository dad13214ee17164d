"""Message: what was said and answered, and how each reply came about.

A message's states and who may change them: docs/architecture.md. Every transition is a conditional update with the
attempt as its fence (chats/repository), so that the database settles every race.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left

from chats.ids import new_id
from chats.models.chat import Chat
from chats.models.service import Pause
from inference.schema import SCHEMA_FIELD, WORK_SCHEMA
from inference.thinking import divide


class Role(models.TextChoices):
    """Who speaks."""

    PROMPTER = "prompter"
    ASSISTANT = "assistant"


class State(models.TextChoices):
    """Where a message stands. `manual` is a prompt; the other states are a reply's."""

    MANUAL = "manual"
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    ABORTED_BY_WORKER = "aborted_by_worker"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"


SEARCHED_LENGTH = 200_000
"""Characters of a message that are searched: a tsvector has an end, and a message beyond it could not be stored."""

SEARCH_LANGUAGE = "english"
"""Stems English words and leaves those of most other languages as they are."""

CONTENT_VECTOR = SearchVector(Left("content", SEARCHED_LENGTH), config=SEARCH_LANGUAGE)
"""The words of a message, as its index has them."""

UNFINISHED = (State.PENDING, State.IN_PROGRESS)


class MessageQuerySet(models.QuerySet["Message"]):
    """Named queries over messages."""

    def waiting(self, compat_hash: str) -> MessageQuerySet:
        """The pending replies of one queue in the order in which they are due."""
        return self.filter(state=State.PENDING, compat_hash=compat_hash).order_by("queue_at", "id")

    def not_paused(self) -> MessageQuerySet:
        """Without the replies of models that an operator has paused."""
        return self.exclude(Exists(Pause.objects.filter(compat_hash=OuterRef("compat_hash"))))

    def of_known_schema(self) -> MessageQuerySet:
        """Without the replies that ask for what only a newer version of this code can do."""
        field = f"work_parameters__{SCHEMA_FIELD}"
        return self.filter(
            Q(work_parameters__isnull=True) | Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lte": WORK_SCHEMA})
        )

    def unfinished(self) -> MessageQuerySet:
        """Replies that are pending or in progress. Each has an index that holds no others: of a list of states Postgres
        would use neither, and read the whole table.
        """
        return self.filter(Q(state=State.PENDING) | Q(state=State.IN_PROGRESS))

    def held(self, message_id: Any, attempt: int) -> MessageQuerySet:
        """The one reply while this attempt still holds it: the fence of every ending."""
        return self.filter(pk=message_id, state=State.IN_PROGRESS, attempt=attempt)


class Message(models.Model):
    """A prompt or a reply. Two replies under one prompt are siblings: branches of the tree."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=9, choices=Role)
    state = models.CharField(max_length=17, choices=State)
    content = models.TextField(null=True, blank=True)  # noqa: DJ001  # null: nothing yet, which is not the empty reply
    thoughts = models.TextField(
        blank=True, default="", help_text="What a reasoning model wrote before its reply, with its tags."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    score = models.SmallIntegerField(default=0)
    draft_group = models.UUIDField(
        null=True, blank=True, help_text="Replies that were asked for together, while none of them is chosen."
    )
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001

    # What was asked of the model
    model_config_name = models.CharField(max_length=100, blank=True)
    compat_hash = models.CharField(max_length=255, blank=True)
    work_parameters = models.JSONField(null=True, blank=True)

    origin = models.JSONField(
        null=True, blank=True, editable=False, help_text="The id and the trace of the request that asked for it."
    )

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        editable=False,
        related_name="+",
        help_text="The chat's owner once more: to count what waits of a user without reading all that waits.",
    )

    # Its place and its attempts
    queue_at = models.DateTimeField(null=True, blank=True, help_text="Order in its queue: the earliest is due first.")
    attempt = models.PositiveIntegerField(default=0, help_text="Bumped by every claim and ending: the fence.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts lost with their worker or engine.")
    resumptions = models.JSONField(
        default=list,
        blank=True,
        help_text="Each {at, attempt, offset}: where a later attempt took the text up.",
    )

    # Who did it and when. The session, name and config are the worker's at that time: plain values, no foreign key.
    session_id = models.UUIDField(null=True, blank=True)
    worker_name = models.CharField(max_length=255, blank=True)
    worker_config = models.JSONField(null=True, blank=True)
    work_begin_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    work_end_at = models.DateTimeField(null=True, blank=True)

    # What came of it
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    generated_tokens = models.PositiveIntegerField(null=True, blank=True)
    omitted_messages = models.PositiveIntegerField(default=0, help_text="Oldest messages that did not fit the prompt.")
    finish_reason = models.CharField(max_length=32, blank=True)
    error = models.TextField(blank=True)
    epoch = models.PositiveIntegerField(default=0, help_text="The attempt at which the text last began from empty.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["chat", "id"], name="messages_of_chat"),
            GinIndex(CONTENT_VECTOR, name="messages_by_words"),
            models.Index(
                fields=["compat_hash", "queue_at", "id"],
                name="messages_waiting",
                condition=Q(state=State.PENDING),
            ),
            models.Index(
                fields=["asked_by"],
                name="messages_waiting_of_user",
                # That there is one goes without saying, but keeps Postgres from taking it for the queue's index.
                condition=Q(state=State.PENDING, asked_by__isnull=False),
            ),
            models.Index(fields=["session_id"], name="messages_running", condition=Q(state=State.IN_PROGRESS)),
            models.Index(fields=["-work_end_at"], name="messages_ended", condition=Q(work_end_at__isnull=False)),
            models.Index(
                fields=["compat_hash", "-work_end_at"],
                name="messages_done",
                condition=Q(state=State.COMPLETE),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["chat", "role", "idempotency_key"], name="message_idempotency_key"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(role=Role.PROMPTER, state=State.MANUAL, content__isnull=False)
                | (Q(role=Role.ASSISTANT, parent__isnull=False) & ~Q(state=State.MANUAL)),
                name="message_role_fits_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.COMPLETE) | Q(content__isnull=False),
                name="complete_message_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PENDING) | Q(queue_at__isnull=False),
                name="pending_message_has_a_place",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.IN_PROGRESS) | Q(session_id__isnull=False),
                name="running_message_has_a_session",
            ),
            models.CheckConstraint(condition=~Q(id=F("parent")), name="message_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id} ({self.state})"

    @property
    def thinks(self) -> bool:
        """Whether thoughts may stand before the reply."""
        return bool((self.work_parameters or {}).get("reasoning"))

    @property
    def text(self) -> str:
        """All of a finished reply as it was streamed, byte by byte: thoughts with their tags, then the content."""
        return self.thoughts + (self.content or "")

    def keep_text(self, text: str) -> None:
        """Take over a streamed text, thoughts and content apart; `text` then gives it back as it was."""
        self.thoughts, self.content = divide(text) if self.thinks else ("", text)

    @property
    def is_finished(self) -> bool:
        """No further text will come."""
        return self.state not in UNFINISHED
