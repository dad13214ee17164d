"""The writer's rules: which step comes when."""

import pytest

from inference.stream.script import FENCED, OK, STALE, Opened
from inference.stream.writer_state import AskStillMine, Publish, Seed, Write, WriterState

M = "a-message"


def going_on(text="", attempt=2, **options):
    """A writer that goes on in epoch 1."""
    return WriterState(M, attempt, Opened(1, text, 7, None), **options)


def carried_out(writer):
    """All steps to the end, each answered well."""
    steps = []
    while (step := writer.next_step()) is not None:
        steps.append(step)
        if isinstance(step, Publish):
            writer.published()
        elif isinstance(step, AskStillMine):
            writer.still_mine(True)
        else:
            writer.answered(OK)
    return steps


def test_nothing_to_say_is_no_step():
    assert going_on("text").next_step() is None


def test_a_write_carries_all_that_waits_and_its_event():
    writer = going_on("one")
    writer.push(" t", 1)
    writer.push("wo", 1)
    (write,) = carried_out(writer)
    assert (write.offset, write.data, write.tokens, write.finish_reason) == (3, b" two", 9, None)
    assert (write.event["offset"], write.event["end"], write.event["text"]) == (3, 7, " two")


def test_a_step_stays_the_same_until_it_is_answered():
    writer = going_on()
    writer.push("one", 1)
    first = writer.next_step()
    writer.push(" two", 1)
    assert writer.next_step() is first


def test_the_finish_reason_goes_with_the_last_bytes_and_not_before():
    writer = going_on(flight_bytes=4)
    writer.push("0123456789", 1)
    writer.finish("length")
    writes = [step for step in carried_out(writer) if isinstance(step, Write)]
    assert [(write.data, write.finish_reason) for write in writes] == [
        (b"0123", None),
        (b"4567", None),
        (b"89", "length"),
    ]


def test_a_finish_reason_that_comes_after_the_last_bytes_goes_alone_and_once():
    writer = going_on("text")
    writer.finish("eos_token")
    assert carried_out(writer) == [Write(4, b"", 7, "eos_token", None)]
    assert writer.next_step() is None


def test_a_text_that_was_found_finished_is_not_finished_again():
    assert WriterState(M, 2, Opened(1, "text", 7, "length")).next_step() is None


def test_a_stale_write_leads_to_the_row_and_then_to_a_seed_of_all_text():
    writer = going_on("one")
    writer.push(" two", 1)
    writer.next_step()
    writer.answered(STALE)
    writer.push(" three", 1)
    writer.finish("length")
    assert writer.next_step() == AskStillMine()
    writer.still_mine(True)
    seed, publish = carried_out(writer)
    assert seed == Seed(1, b"one two three", 9, "length")
    assert publish.event["offset"] == 3


def test_what_a_seed_stored_is_told_in_pieces():
    writer = going_on("one", flight_bytes=4)
    writer.push("!", 1)
    writer.next_step()
    writer.answered(STALE)
    writer.push("23456789", 1)
    writer.still_mine(True)
    seed, *told = carried_out(writer)
    assert seed.data == b"one!23456789"
    assert [publish.event["text"] for publish in told] == ["!234", "5678", "9"]


def test_a_stale_seed_asks_again():
    writer = going_on("one")
    writer.push("!", 1)
    writer.next_step()
    writer.answered(STALE)
    writer.still_mine(True)
    writer.next_step()
    writer.answered(STALE)
    assert writer.next_step() == AskStillMine()


@pytest.mark.parametrize("end", [lambda writer: writer.answered(FENCED), lambda writer: writer.answered(STALE)])
def test_after_the_fence_there_is_no_step(end):
    writer = going_on("one")
    writer.push("!", 1)
    writer.next_step()
    end(writer)
    if not writer.fenced:
        writer.still_mine(False)
    assert writer.fenced
    assert writer.next_step() is None


def test_a_new_stream_asks_for_the_row_before_it_writes():
    writer = WriterState(M, 1, Opened(1, "", 0, None))
    writer.push("text", 1)
    assert [type(step) for step in carried_out(writer)] == [AskStillMine, Write]


def test_a_new_epoch_is_told_before_its_text():
    writer = WriterState(M, 3, Opened(3, "", 0, None))
    writer.push("text", 1)
    steps = carried_out(writer)
    assert [type(step) for step in steps] == [AskStillMine, Publish, Write]
    assert steps[1].event == {"event_type": "restart", "message_id": M, "cursor": "3.0"}


def test_an_answer_to_no_question_is_an_error():
    with pytest.raises(RuntimeError, match="no change of the stream is in flight"):
        going_on().answered(OK)


def test_a_new_stream_that_was_opened_just_after_the_claim_is_written_at_once():
    writer = WriterState(M, 1, Opened(1, "", 0, None), just_claimed=True)
    writer.push("text", 1)
    assert isinstance(writer.next_step(), Write)


def test_readers_of_an_earlier_epoch_learn_of_a_new_one_before_its_first_text():
    writer = WriterState(M, 2, Opened(2, "", 0, None), just_claimed=True)
    writer.push("text", 1)
    restart, write = carried_out(writer)
    assert restart.event["event_type"] == "restart"
    assert write.data == b"text"


def test_a_text_that_is_gone_on_with_is_not_asked_about_either():
    assert WriterState(M, 2, Opened(1, "text", 7, None), just_claimed=True).next_step() is None
