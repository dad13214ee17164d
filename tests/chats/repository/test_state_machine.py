"""A message's life under every order of events: the repository's verbs against a model of what they must do.

Workers claim, open, write, finish, fail, fall asleep and wake up too late; people cancel and requeue; the reconciler
times out and gives on by what it saw a while ago. Real PostgreSQL, real stream in Valkey.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chats.models import Chat, Message, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.asking import add_prompt, ask_reply
from chats.repository.ending import cancel, end, requeue
from chats.repository.work import Result
from chats.repository.work_request import WorkRequest
from inference.model_config import ModelConfig
from inference.parameters import SamplingParameters
from inference.stream import FENCED, OK, SyncStreamBuffer
from oasst_site.accounts.models import User
from tests.chats.broker import tickets

pytestmark = pytest.mark.usefixtures("transactional_db")

TEXTS = st.sampled_from(["a", "bc", "é", "漢字", "🙂 "])
FAILED = (State.ABORTED_BY_WORKER, State.CANCELLED, State.TIMEOUT)


@dataclass
class Reply:
    """What the model knows of a reply."""

    pk: UUID
    state: State = State.PENDING
    attempt: int = 0
    failures: int = 0
    content: str | None = None
    shown: str = ""
    """The stream's text."""
    fence: int = -1
    """The highest attempt that has opened the stream."""
    finished: str = ""
    """The reason to finish, once the stream has it."""


@dataclass
class Attempt:
    """A worker's claim: it may be long void when the worker acts on it."""

    reply: Reply
    attempt: int
    text: str = ""
    opened: bool = False
    finished: str = ""

    @property
    def holds(self) -> bool:
        """The row is this attempt's."""
        return self.reply.state == State.IN_PROGRESS and self.reply.attempt == self.attempt


@dataclass
class Seen:
    """A reply as the reconciler saw it, perhaps a while ago."""

    reply: Reply
    attempt: int


class MessageLife(RuleBasedStateMachine):
    """The verbs, each with what it must do to the model."""

    replies = Bundle("replies")
    attempts = Bundle("attempts")
    seen = Bundle("seen")

    model: ModelConfig

    def __init__(self) -> None:
        super().__init__()
        self._model = self.model
        self._buffer = SyncStreamBuffer(sync_redis())
        self._all: list[Reply] = []

    @initialize()
    def begin(self) -> None:
        sync_redis().delete(self._model.queue_name)
        self._user = User.objects.create(username=f"person-{uuid4().hex}")
        chat = Chat.objects.create(user=self._user)
        self._prompt = add_prompt(chat=chat, parent_id=None, content="What is a llama?")

    def teardown(self) -> None:
        if hasattr(self, "_user"):
            self._user.delete()

    # --- people ---

    @rule(target=replies)
    def ask(self) -> Reply:
        request = WorkRequest(model_config_name=self._model.name, sampling_parameters=SamplingParameters())
        reply = Reply(ask_reply(chat=self._prompt.chat, parent_id=self._prompt.pk, request=request).pk)
        self._all.append(reply)
        return reply

    @rule(reply=replies)
    def cancel(self, reply: Reply) -> None:
        assert cancel(reply.pk) == self._is_unfinished(reply)
        self._ended(reply, State.CANCELLED)

    @rule(reply=replies)
    def requeue(self, reply: Reply) -> None:
        assert requeue(reply.pk) == (reply.state in FAILED)
        if reply.state in FAILED:
            reply.state, reply.content, reply.failures = State.PENDING, None, 0
            reply.attempt += 1

    # --- the reconciler ---

    @rule(target=seen, reply=replies)
    def see(self, reply: Reply) -> Seen:
        return Seen(reply, reply.attempt)

    @rule(seen=seen)
    def time_out(self, seen: Seen) -> None:
        in_time = self._is_unfinished(seen.reply) and seen.reply.attempt == seen.attempt
        ended = end(seen.reply.pk, State.TIMEOUT, error="waited too long", attempt=seen.attempt)
        assert (ended is not None) == in_time
        if in_time:
            self._ended(seen.reply, State.TIMEOUT)

    @rule(seen=seen)
    def give_on(self, seen: Seen) -> None:
        self._release(Attempt(seen.reply, seen.attempt), failed=True)

    # --- workers ---

    @rule(target=attempts)
    def claim(self) -> Attempt:
        due = next(iter(Message.objects.waiting(self._model.compat_hash).values_list("pk", flat=True)), None)
        claimed = work.claim(compat_hash=self._model.compat_hash, session_id=uuid4(), worker_name="w@host")
        sync_redis().rpop(self._model.queue_name)  # the ticket that it was called by
        assert (claimed and claimed.message_id) == due
        if claimed is None:
            assert not [each for each in self._all if each.state == State.PENDING]
            return Attempt(Reply(uuid4(), State.COMPLETE), 0)
        reply = next(each for each in self._all if each.pk == claimed.message_id)
        assert (reply.state, claimed.attempt) == (State.PENDING, reply.attempt + 1)
        reply.state, reply.attempt = State.IN_PROGRESS, claimed.attempt
        return Attempt(reply, claimed.attempt)

    @rule(mine=attempts)
    def open(self, mine: Attempt) -> None:
        opened = self._buffer.open(str(mine.reply.pk), mine.attempt, continue_=True)
        if mine.attempt < mine.reply.fence:
            assert opened is FENCED
            return
        assert opened is not FENCED
        assert (opened.text, opened.finish_reason or "") == (mine.reply.shown, mine.reply.finished)
        if not mine.opened:
            mine.text, mine.finished, mine.opened = opened.text, opened.finish_reason or "", True
        mine.reply.fence = mine.attempt

    @rule(mine=attempts, text=TEXTS, reason=st.sampled_from(["", "", "", "length"]))
    def write(self, mine: Attempt, text: str, reason: str) -> None:
        if not mine.opened or mine.finished:
            return
        verdict = self._buffer.write(
            str(mine.reply.pk), mine.attempt, len(mine.text.encode()), text.encode(), 1, reason or None
        )
        assert (verdict is OK) == (mine.attempt == mine.reply.fence)
        if verdict is OK:
            mine.text += text
            mine.finished = mine.reply.finished = reason
            mine.reply.shown = mine.text

    @rule(mine=attempts)
    def complete(self, mine: Attempt) -> None:
        if not mine.finished:
            return
        done = work.complete(mine.reply.pk, mine.attempt, self._result(mine))
        assert done == mine.holds
        if done:
            mine.reply.state, mine.reply.content = State.COMPLETE, mine.text

    @rule(mine=attempts)
    def abort(self, mine: Attempt) -> None:
        if not mine.opened:
            return
        done = work.abort(mine.reply.pk, mine.attempt, self._result(mine), error="The engine is broken.")
        assert done == mine.holds
        if done:
            mine.reply.state, mine.reply.content = State.ABORTED_BY_WORKER, mine.text

    @rule(mine=attempts, failed=st.booleans())
    def release(self, mine: Attempt, failed: bool) -> None:
        self._release(mine, failed=failed)

    # --- what is always so ---

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        rows = {row.pk: row for row in Message.objects.filter(pk__in=[each.pk for each in self._all])}
        for reply in self._all:
            row = rows[reply.pk]
            assert (row.state, row.attempt, row.failures) == (reply.state, reply.attempt, reply.failures)
            assert row.content == reply.content

    @invariant()
    def the_broker_owes_nothing(self) -> None:
        waiting = sum(each.state == State.PENDING for each in self._all)
        assert len(tickets(self._model)) >= waiting

    # --- parts ---

    def _is_unfinished(self, reply: Reply) -> bool:
        return reply.state in (State.PENDING, State.IN_PROGRESS)

    def _ended(self, reply: Reply, state: State) -> None:
        """Ended from outside: fenced, with the text shown so far."""
        if self._is_unfinished(reply):
            reply.state, reply.content = state, reply.shown
            reply.attempt += 1
            reply.fence = max(reply.fence, reply.attempt)

    def _release(self, mine: Attempt, *, failed: bool) -> None:
        may = mine.holds and not (failed and mine.reply.failures >= django_settings.MAX_ATTEMPTS - 1)
        assert work.release(mine.reply.pk, mine.attempt, failed=failed) == may
        if may:
            mine.reply.state = State.PENDING
            mine.reply.failures += failed

    def _result(self, mine: Attempt) -> Result:
        return Result(content=mine.text, epoch=1, generated_tokens=1, finish_reason=mine.finished)


def test_a_message_lives_by_its_model_in_every_order_of_events(model: ModelConfig, settings: Any) -> None:
    settings.MAX_ATTEMPTS = 2  # so that they are spent within a short example
    run_state_machine_as_test(
        type("Life", (MessageLife,), {"model": model}),
        settings=hypothesis_settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
