"""When a reply ends: TGI's stopping criteria."""

import pytest

from inference.demo_tgi.generation import Generation
from inference.demo_tgi.pieces import end_of_text, piece_of

END = end_of_text("</s>")


def generation(*texts: str, max_new_tokens: int = 100, stop: tuple[str, ...] = ()) -> Generation:
    return Generation(iter(map(piece_of, texts)), END, max_new_tokens=max_new_tokens, stop=stop)


def drained(reply: Generation, at_a_time: int) -> Generation:
    while reply.finish_reason is None:
        reply.take(at_a_time)
    return reply


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
class TestEveryBatchSize:
    def test_a_reply_ends_with_the_end_of_text_which_counts_but_is_no_text(self, at_a_time: int):
        reply = drained(generation("a", "b", "c"), at_a_time)
        assert (reply.finish_reason, reply.tokens, reply.text) == ("eos_token", 4, "abc")

    def test_a_reply_ends_when_it_is_long_enough(self, at_a_time: int):
        reply = drained(generation("a", "b", "c", "d", max_new_tokens=3), at_a_time)
        assert (reply.finish_reason, reply.tokens, reply.text) == ("length", 3, "abc")

    def test_length_goes_before_the_end_of_text_and_before_a_stop(self, at_a_time: int):
        assert drained(generation("a", max_new_tokens=2), at_a_time).finish_reason == "length"
        reply = drained(generation("a", "b", max_new_tokens=2, stop=("b",)), at_a_time)
        assert reply.finish_reason == "length"

    def test_a_stop_sequence_over_several_tokens_ends_the_text(self, at_a_time: int):
        reply = drained(generation("x", "a", "b", "c", "d", stop=("abc", "nope")), at_a_time)
        assert (reply.finish_reason, reply.tokens, reply.text) == ("stop_sequence", 4, "xabc")

    def test_a_stop_sequence_that_ends_within_a_token_is_not_seen(self, at_a_time: int):
        reply = drained(generation("x", "ab", "c", stop=("a",)), at_a_time)
        assert (reply.finish_reason, reply.text) == ("eos_token", "xabc")

    def test_a_newline_may_follow_a_stop_sequence(self, at_a_time: int):
        reply = drained(generation("x", "stop.\n", "c", stop=("stop.",)), at_a_time)
        assert (reply.finish_reason, reply.text) == ("stop_sequence", "xstop.\n")


def test_after_its_end_there_is_nothing_to_take():
    reply = drained(generation("a"), 10)
    assert reply.take(10) == []
