"""What an attempt's outcome does to the message, on a real database."""

from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from chats.models import Message, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.work import Result, Work
from inference.stream import OK, SyncStreamBuffer
from workers.outcomes import Aborted, Completed, Drained, Failed, Lost
from workers.postgres import Turns
from workers.settlement import settle

RESULT = Result(
    content="A llama is",
    epoch=1,
    generated_tokens=3,
    prompt_tokens=7,
    first_token_at=datetime(2026, 1, 1, tzinfo=UTC),
    finish_reason="length",
)


@pytest.fixture
def claimed(ask, model, tickets) -> Work:
    """A reply that this worker holds, its ticket used up."""
    ask()
    claimed = work.claim(compat_hash=model.compat_hash, session_id=uuid4(), worker_name="w@host")
    assert claimed is not None
    sync_redis().delete(model.queue_name)
    assert tickets() == 0
    return claimed


@pytest.fixture
def turns():
    turns = Turns(pool_size=20)
    yield turns
    turns.close()


@pytest.fixture
def settled(turns):
    """`settled(claimed, outcome)`: the state that the message now has by it, and the message."""

    def settled(claimed: Work, outcome) -> tuple[State | None, Message]:
        state = settle(claimed, outcome, turn=turns.turn, keep_trying=lambda: False)
        return state, Message.objects.get(pk=claimed.message_id)

    return settled


def overtake(claimed: Work) -> None:
    """Somebody else gave the message to another worker."""
    assert work.release(claimed.message_id, claimed.attempt, failed=False)
    again = work.claim(compat_hash=claimed.compat_hash, session_id=uuid4(), worker_name="other@host")
    assert again is not None


def spend_attempts(claimed: Work) -> None:
    Message.objects.filter(pk=claimed.message_id).update(failures=settings.MAX_ATTEMPTS - 1)


def test_a_whole_reply_is_complete(settled, claimed):
    state, message = settled(claimed, Completed(RESULT))
    assert state == message.state == State.COMPLETE
    assert (message.content, message.finish_reason, message.generated_tokens) == ("A llama is", "length", 3)
    assert message.work_end_at


def test_an_aborted_reply_keeps_its_text_and_says_why(settled, claimed):
    state, message = settled(claimed, Aborted("The prompt is too long", RESULT))
    assert state == message.state == State.ABORTED_BY_WORKER
    assert (message.content, message.error) == ("A llama is", "The prompt is too long")


def test_a_failed_attempt_goes_back_to_the_queue_with_a_ticket(settled, claimed, tickets):
    state, message = settled(claimed, Failed("The model's engine cannot be reached", RESULT))
    assert state == message.state == State.PENDING
    assert (message.failures, message.error, tickets()) == (1, "", 1)
    assert message.first_token_at == RESULT.first_token_at


def test_the_last_failed_attempt_aborts_and_keeps_the_text(settled, claimed, tickets):
    spend_attempts(claimed)
    state, message = settled(claimed, Failed("The model's engine cannot be reached", RESULT))
    assert state == message.state == State.ABORTED_BY_WORKER
    assert message.content == "A llama is"
    assert message.error == (f"The model's engine cannot be reached (given up after {settings.MAX_ATTEMPTS} attempts)")
    assert tickets() == 0


def test_the_last_attempt_that_could_not_even_open_the_stream_keeps_what_is_in_it(settled, claimed):
    spend_attempts(claimed)
    stream = SyncStreamBuffer(sync_redis())
    stream.open(str(claimed.message_id), claimed.attempt, True)
    assert stream.write(str(claimed.message_id), claimed.attempt, 0, b"Shown so far", 3, None) is OK
    state, message = settled(claimed, Failed("The stream's store refused", None))
    assert state == message.state == State.ABORTED_BY_WORKER
    assert message.content == "Shown so far"


def test_a_drained_reply_goes_back_to_the_queue_and_it_is_no_failure(settled, claimed, tickets):
    state, message = settled(claimed, Drained(RESULT.first_token_at))
    assert state == message.state == State.PENDING
    assert (message.failures, tickets()) == (0, 1)


def test_a_lost_stream_whose_row_is_still_ours_is_given_back(settled, claimed, tickets):
    state, message = settled(claimed, Lost())
    assert state == message.state == State.PENDING
    assert tickets() == 1


@pytest.mark.parametrize(
    "outcome",
    [
        Completed(RESULT),
        Aborted("reason", RESULT),
        Failed("reason", RESULT),
        Failed("reason", None),
        Drained(None),
        Lost(),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
@pytest.mark.parametrize("spent", [False, True])
def test_a_message_that_somebody_else_took_is_left_alone(settled, claimed, tickets, outcome, spent):
    overtake(claimed)
    if spent:
        spend_attempts(claimed)
    before, waiting = Message.objects.get(pk=claimed.message_id), tickets()
    state, message = settled(claimed, outcome)
    assert state is None
    assert (message.state, message.attempt, message.content, message.error, message.worker_name) == (
        State.IN_PROGRESS,
        before.attempt,
        before.content,
        before.error,
        "other@host",
    )
    assert tickets() == waiting


def test_an_ending_outlives_a_broken_connection_to_postgres(claimed, turns):
    broken = False

    @contextmanager
    def turn():
        nonlocal broken
        with turns.turn(), connection.cursor() as cursor:
            if not broken:
                broken = True
                with pytest.raises(OperationalError):
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            yield

    assert settle(claimed, Completed(RESULT), turn=turn, keep_trying=lambda: True) == State.COMPLETE
