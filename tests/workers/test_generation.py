"""One attempt at one reply, against a real engine that misbehaves on command and a real stream in Valkey."""

import time
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from inference.engines import TGIEngine
from inference.stream import FENCED, OK, StreamBuffer
from tests.workers.attempts import CONFIG, TOKEN_TIMEOUT_S, Attempt, ChatOnlyEngine, FillerEngine, filler_engine
from workers import generation
from workers.in_flight import StopReason
from workers.outcomes import Aborted, Completed, Drained, Failed, Lost

PACE = 200.0  # tokens per second, where a test needs time in mid-reply


@pytest.fixture
async def buffer(redis_url: str) -> AsyncIterator[StreamBuffer]:
    async with redis.asyncio.Redis.from_url(redis_url, socket_timeout=2) as client:
        yield StreamBuffer(client)


@pytest.fixture
async def server() -> AsyncIterator[FillerEngine]:
    async with filler_engine() as server:
        yield server


@pytest.fixture
async def slow_server() -> AsyncIterator[FillerEngine]:
    async with filler_engine(PACE) as server:
        yield server


@pytest.fixture
async def attempt(server: FillerEngine, buffer: StreamBuffer) -> AsyncIterator[Attempt]:
    """At an engine that answers at once."""
    engine = TGIEngine(server.url, token_timeout_s=TOKEN_TIMEOUT_S)
    yield Attempt(engine, buffer)
    await engine.aclose()


@pytest.fixture
async def slow(slow_server: FillerEngine, buffer: StreamBuffer) -> AsyncIterator[Attempt]:
    """At an engine that takes two seconds for the reply."""
    engine = TGIEngine(slow_server.url)
    yield Attempt(engine, buffer, max_new_tokens=int(2 * PACE))
    await engine.aclose()


async def test_a_reply_is_what_the_engine_said_and_everybody_was_told(attempt: Attempt):
    outcome = await attempt.outcome()
    assert isinstance(outcome, Completed)
    result = outcome.result
    assert result.content == attempt.expected == attempt.told() == await attempt.shown()
    assert (result.finish_reason, result.generated_tokens, result.epoch) == ("length", 50, 1)
    assert result.prompt_tokens
    assert result.first_token_at
    assert attempt.in_flight.tokens == attempt.running.tokens == 50


async def test_an_empty_reply_is_complete(attempt: Attempt, server: FillerEngine):
    await server.arm({"kind": "empty"})
    outcome = await attempt.outcome()
    assert isinstance(outcome, Completed)
    assert (outcome.result.content, outcome.result.finish_reason) == ("", "eos_token")


async def test_no_part_of_a_stop_sequence_is_shown(attempt: Attempt):
    words = attempt.expected.split(" ")
    stop = f"{words[20]} {words[21]}"
    attempt.config = CONFIG.model_copy(update={"stop_sequences": (stop,)})
    outcome = await attempt.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content == attempt.expected[: attempt.expected.index(stop)] == attempt.told()
    assert outcome.result.finish_reason == "stop_sequence"
    assert outcome.result.generated_tokens >= 20


BROKEN_OFF = [
    {"kind": "cut", "how": "end", "after_tokens": 13},
    {"kind": "cut", "how": "close", "after_tokens": 13},
    {"kind": "cut", "how": "reset", "after_tokens": 13},
    {"kind": "error", "error_type": "generation", "after_tokens": 13},
    {"kind": "error", "error_type": "incomplete_generation", "after_tokens": 13},
    {"kind": "error", "error_type": "overloaded"},
    {"kind": "hang", "after_tokens": 13, "keepalive_s": 0.1},
    {"kind": "silence"},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500, "body": "html"},
    {"kind": "status", "status": 503, "body": "none"},
    {"kind": "status", "status": 502, "on": "tokenize", "body": "html"},
]


@pytest.mark.parametrize("fault", BROKEN_OFF, ids=lambda fault: "-".join(map(str, fault.values())))
async def test_an_engine_that_breaks_off_is_asked_again_and_no_text_is_lost(
    attempt: Attempt, server: FillerEngine, fault: dict
):
    await server.arm(fault)
    outcome = await attempt.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content == attempt.expected == attempt.told()
    assert outcome.result.generated_tokens == 50


async def test_tokens_between_failures_start_the_count_of_failures_again(attempt: Attempt, server: FillerEngine):
    cut = {"kind": "cut", "how": "end", "after_tokens": 5}
    await server.arm(*[cut] * (generation.ENGINE_TRIES + 2))
    outcome = await attempt.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content == attempt.expected


async def test_an_engine_that_stays_down_is_given_up_with_the_text_kept(attempt: Attempt, server: FillerEngine):
    await server.arm({"kind": "cut", "how": "end", "after_tokens": 7}, {"kind": "status", "status": 500, "count": None})
    outcome = await attempt.outcome()
    assert isinstance(outcome, Failed)
    assert outcome.result
    assert attempt.expected.startswith(outcome.result.content)
    assert outcome.result.content == await attempt.shown()
    assert outcome.result.generated_tokens == 7
    assert attempt.suspicions == generation.ENGINE_TRIES
    assert outcome.reason == (
        "The model's engine broke off: Request failed during generation: told to fail (4 times in a row)"
    )


async def test_an_engine_that_is_gone_is_suspected(attempt: Attempt, buffer: StreamBuffer):
    attempt.engine = TGIEngine("http://127.0.0.1:1")
    outcome = await attempt.outcome()
    assert isinstance(outcome, Failed)
    assert outcome.reason == "The model's engine cannot be reached (4 times in a row)"
    assert attempt.suspicions == generation.ENGINE_TRIES
    await attempt.engine.aclose()


async def test_a_request_that_the_engine_refuses_is_aborted_at_once(attempt: Attempt, server: FillerEngine):
    await server.arm({"kind": "error", "error_type": "validation"})
    outcome = await attempt.outcome()
    assert isinstance(outcome, Aborted)
    assert outcome.reason.startswith("The model's engine refuses the request: ")
    assert server.url not in outcome.reason
    assert (await server.requests())["started"] == 1


async def test_a_prompt_that_cannot_fit_is_aborted_with_its_length(attempt: Attempt):
    attempt.prompt = "far too long " * CONFIG.max_input_length
    outcome = await attempt.outcome()
    assert isinstance(outcome, Aborted)
    assert str(CONFIG.max_input_length) in outcome.reason


async def test_a_stop_from_outside_closes_the_engine_at_once_and_says_nothing_more(
    slow: Attempt, slow_server: FillerEngine
):
    slow.start()
    await slow.has_shown(40)
    began = time.monotonic()
    slow.running.stop(StopReason.ENDED)
    assert isinstance(await slow.outcome(), Lost)
    await slow_server.has_noticed(1)
    assert time.monotonic() - began < 1


async def test_a_stop_that_comes_before_the_task_runs_is_heeded(slow: Attempt):
    slow.running.stop(StopReason.ENDED)
    assert isinstance(await slow.outcome(), Lost)
    assert await slow.shown() == ""


async def test_a_drain_keeps_what_was_said_and_the_next_attempt_goes_on_in_mid_sentence(
    slow: Attempt, slow_server: FillerEngine, attempt: Attempt
):
    slow.start()
    await slow.has_shown(100)
    slow.running.stop(StopReason.DRAIN)
    outcome = await slow.outcome()
    assert isinstance(outcome, Drained)
    assert outcome.first_token_at
    shown = await slow.shown()
    assert shown == slow.told()
    assert slow.expected.startswith(shown)
    assert len(shown) >= 100
    following = slow.next(engine=attempt.engine)
    outcome = await following.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content == slow.expected == following.told(before=shown)
    assert following.resumed_at == [len(shown.encode())]
    assert outcome.result.generated_tokens == slow.max_new_tokens
    assert outcome.result.epoch == 1


async def test_a_drain_while_the_engine_is_down_does_not_wait_for_it(attempt: Attempt, server: FillerEngine):
    await server.arm({"kind": "cut", "how": "end", "after_tokens": 7}, {"kind": "silence", "count": None})
    attempt.engine = TGIEngine(server.url, token_timeout_s=60)
    attempt.start()
    await attempt.has_shown(20)
    began = time.monotonic()
    attempt.running.stop(StopReason.DRAIN)
    assert isinstance(await attempt.outcome(), Drained)
    assert time.monotonic() - began < 5
    await attempt.engine.aclose()


async def test_an_attempt_that_was_overtaken_writes_nothing_more(slow: Attempt, slow_server: FillerEngine):
    slow.start()
    await slow.has_shown(40)
    overtaken_at = await slow.buffer.open(str(slow.message_id), 2, True)
    assert overtaken_at is not FENCED
    assert isinstance(await slow.outcome(), Lost)
    assert await slow.shown() == overtaken_at.text
    await slow_server.has_noticed(1)


async def test_a_late_attempt_finds_the_stream_taken(attempt: Attempt, server: FillerEngine):
    await attempt.buffer.open(str(attempt.message_id), 5, True)
    assert isinstance(await attempt.outcome(), Lost)
    assert (await server.requests())["started"] == 0


async def test_a_reply_that_was_whole_when_its_worker_died_needs_no_engine(attempt: Attempt, server: FillerEngine):
    await attempt.buffer.open(str(attempt.message_id), 1, True)
    assert await attempt.buffer.write(str(attempt.message_id), 1, 0, b"All of it.", 4, "eos_token") is OK
    following = attempt.next()
    outcome = await following.outcome()
    assert isinstance(outcome, Completed)
    assert (outcome.result.content, outcome.result.finish_reason) == ("All of it.", "eos_token")
    assert outcome.result.generated_tokens == 4
    assert (await server.requests())["started"] == 0


async def test_a_reply_whose_budget_is_spent_is_finished_without_the_engine(attempt: Attempt, server: FillerEngine):
    await attempt.buffer.open(str(attempt.message_id), 1, True)
    await attempt.buffer.write(str(attempt.message_id), 1, 0, b"All there was to", 50, None)
    following = attempt.next()
    outcome = await following.outcome()
    assert isinstance(outcome, Completed)
    assert (outcome.result.content, outcome.result.finish_reason) == ("All there was to", "length")
    assert (await server.requests())["started"] == 0


async def test_what_was_spent_comes_off_the_budget(attempt: Attempt, server: FillerEngine):
    beginning = attempt.expected[:60]
    await attempt.buffer.open(str(attempt.message_id), 1, True)
    await attempt.buffer.write(str(attempt.message_id), 1, 0, beginning.encode(), 20, None)
    outcome = await attempt.next().outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content.startswith(beginning)
    assert outcome.result.generated_tokens == 50
    (request,) = (await server.requests())["latest"]
    assert request["parameters"]["max_new_tokens"] == 30
    assert request["inputs"].endswith(beginning)


async def test_an_engine_that_cannot_go_on_leaves_it_to_the_next_attempt_which_begins_anew(
    attempt: Attempt, server: FillerEngine
):
    await server.arm({"kind": "cut", "how": "end", "after_tokens": 9})
    attempt.engine = ChatOnlyEngine(server.url)
    outcome = await attempt.outcome()
    assert isinstance(outcome, Failed)
    assert "cannot go on" in outcome.reason
    following = attempt.next()
    outcome = await following.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.epoch == 2
    assert following.events[0]["event_type"] == "restart"
    assert outcome.result.content == attempt.expected == following.told()
    assert outcome.result.generated_tokens == 50
    await attempt.engine.aclose()


async def test_a_flush_in_mid_reply_loses_nothing(slow: Attempt, empty_redis):
    slow.start()
    await slow.has_shown(40)
    empty_redis.flushall()
    outcome = await slow.outcome()
    assert isinstance(outcome, Completed)
    assert outcome.result.content == slow.expected == slow.told() == await slow.shown()


async def test_a_flush_after_somebody_else_took_the_message_ends_the_attempt(slow: Attempt, empty_redis):
    slow.start()
    await slow.has_shown(40)
    slow.still_mine = False
    empty_redis.flushall()
    assert isinstance(await slow.outcome(), Lost)
    assert await slow.shown() == ""
