"""The TGI engine over HTTP, against servers that keep to the protocol and servers that do not."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from inference.engines import (
    EngineError,
    EngineFailed,
    EngineInfo,
    EngineOverloaded,
    EngineRejected,
    EngineStalled,
    EngineUnreachable,
    Finished,
    TextChunk,
    TGIEngine,
    make_engine,
)
from inference.parameters import SamplingParameters
from inference.rhythm import Rhythm
from tests.inference.engines.misbehaving import (
    AT_ONCE_S,
    Handler,
    Serve,
    Server,
    answer,
    collect,
    events,
    failing,
    hang,
    request_for,
    reset,
)

STREAM = "POST /generate_stream"

MakeEngine = Callable[..., TGIEngine]


@pytest.fixture
async def engine_at() -> AsyncGenerator[MakeEngine, None]:
    """``engine_at(url, **options)``; closed after the test."""
    engines: list[TGIEngine] = []

    def make(url: str, **options: Any) -> TGIEngine:
        engine = make_engine("tgi", url, **{"token_timeout_s": 5.0, **options})
        assert isinstance(engine, TGIEngine)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        await engine.aclose()


def token(text: str, *, special: bool = False) -> dict[str, Any]:
    """An event of TGI's stream."""
    return {
        "index": 1,
        "token": {"id": 5, "text": text, "logprob": -0.5, "special": special},
        "generated_text": None,
        "details": None,
    }


def last(text: str, whole: str, *, reason: str = "eos_token", tokens: int = 3, special: bool = False) -> dict[str, Any]:
    """The event that ends TGI's stream."""
    details = {"finish_reason": reason, "generated_tokens": tokens, "seed": 7, "input_length": 11}
    return {**token(text, special=special), "generated_text": whole, "details": details}


async def text_of(engine: TGIEngine) -> str:
    chunks, _ = await collect(engine.generate(request_for()))
    return "".join(chunk.text for chunk in chunks)


async def test_a_reply_comes_token_by_token_and_ends_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("Hel"), token("lo"), last("</s>", "Hello", special=True))})
    chunks, finished = await collect(engine_at(server.url).generate(request_for()))
    assert ("".join(chunk.text for chunk in chunks), sum(chunk.tokens for chunk in chunks)) == ("Hello", 3)
    assert finished == Finished("eos_token", generated_tokens=3, input_tokens=11, final_text="Hello")


@pytest.mark.parametrize("reason", ["length", "eos_token", "stop_sequence"])
async def test_the_reason_to_finish_is_tgis(serve: Serve, engine_at: MakeEngine, reason: str):
    server = await serve({STREAM: events(last("a", "a", reason=reason))})
    _, finished = await collect(engine_at(server.url).generate(request_for()))
    assert finished.reason == reason


async def test_an_empty_reply_is_a_reply(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("</s>", "", special=True, tokens=1))})
    chunks, finished = await collect(engine_at(server.url).generate(request_for()))
    assert chunks == [TextChunk("", 1)]
    assert finished == Finished("eos_token", generated_tokens=1, input_tokens=11, final_text="")


async def test_a_stop_at_the_first_token_ends_the_reply(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("STOP", "STOP", reason="stop_sequence", tokens=1))})
    chunks, finished = await collect(engine_at(server.url).generate(request_for(stop=("STOP",))))
    assert (chunks, finished.reason) == ([TextChunk("STOP", 1)], "stop_sequence")


async def test_special_tokens_are_not_shown_but_for_the_tags_of_thoughts(serve: Serve, engine_at: MakeEngine):
    said = [token("<think>", special=True), token("Hm"), token("</think>", special=True), token("<pad>", special=True)]
    server = await serve({STREAM: events(*said, last("Yes", "HmYes"))})
    assert await text_of(engine_at(server.url)) == "<think>Hm</think>Yes"


async def test_the_request_is_in_tgis_words(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("a", "a"))})
    sampling = SamplingParameters(
        top_k=40, top_p=0.8, typical_p=0.5, temperature=0.7, repetition_penalty=1.2, max_new_tokens=99
    )
    engine = engine_at(server.url + "/", api_key="secret")
    await collect(engine.generate(request_for(sampling=sampling, stop=("a", "b", "c", "d", "e"))))
    assert server.headers[0]["Authorization"] == "Bearer secret"
    sent = server.bodies[0]
    assert sent["inputs"] == "Once upon a time"
    wanted = {
        "max_new_tokens": 20,
        "do_sample": True,
        "seed": 7,
        "top_k": 40,
        "top_p": 0.8,
        "typical_p": 0.5,
        "temperature": 0.7,
        "repetition_penalty": 1.2,
        "stop": ["a", "b", "c", "d"],
        "details": True,
    }
    assert sent["parameters"].items() >= wanted.items()


async def test_masses_of_one_are_left_out_because_the_client_refuses_them(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("a", "a"))})
    sampling = SamplingParameters(top_p=1.0, typical_p=1.0)
    await collect(engine_at(server.url).generate(request_for(sampling=sampling)))
    assert not {"top_p", "typical_p"} & set(server.bodies[0]["parameters"])


async def test_without_sampling_nothing_is_sent_that_would_turn_it_on(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("a", "a"))})
    await collect(engine_at(server.url).generate(request_for(do_sample=False)))
    parameters = server.bodies[0]["parameters"]
    assert parameters["do_sample"] is False
    assert not {"top_k", "top_p", "typical_p", "temperature"} & set(parameters)


ERROR = {"error": "told by the engine", "error_type": "unknown"}


@pytest.mark.parametrize(
    ("handler", "named", "told"),
    [
        (reset, EngineUnreachable, "Server disconnected"),
        (answer(429, {**ERROR, "error_type": "overloaded"}), EngineOverloaded, "told by the engine"),
        (answer(429, {"error": "slow down"}), EngineOverloaded, "slow down"),
        (answer(429, text="slow down"), EngineOverloaded, "HTTP 429: slow down"),
        (answer(422, {**ERROR, "error_type": "validation"}), EngineRejected, "told by the engine"),
        (answer(422, {"detail": "no such field"}), EngineRejected, "no such field"),
        (answer(422, text="what?"), EngineRejected, "HTTP 422: what?"),
        (answer(400, {"error": "bad"}), EngineRejected, "bad"),
        (answer(401, {"error": "who are you"}), EngineRejected, "who are you"),
        (answer(403, {"error": "not you"}), EngineRejected, "not you"),
        (answer(404, text="404: Not Found"), EngineRejected, "HTTP 404"),
        (answer(424, {**ERROR, "error_type": "generation"}), EngineFailed, "told by the engine"),
        (answer(424, {**ERROR, "error_type": "incomplete_generation"}), EngineFailed, "told by the engine"),
        (answer(500, {**ERROR}), EngineFailed, "told by the engine"),
        (answer(500, {"error": {"message": "out of memory"}}), EngineFailed, "out of memory"),
        (answer(500, {"message": "no key called error"}), EngineFailed, "no key called error"),
        (answer(502, text="<html>Bad Gateway", kind="text/html"), EngineFailed, "HTTP 502: <html>Bad Gateway"),
        (answer(503, text=""), EngineFailed, "HTTP 503 without a word"),
        (answer(504, {"error": "shard"}), EngineFailed, "shard"),
        (answer(200, text="<html>It works!", kind="text/html"), EngineFailed, "HTTP 200: <html>It works!"),
        (answer(200, {**ERROR, "error_type": "overloaded"}), EngineOverloaded, "told by the engine"),
        (answer(200, {"generated_text": "whole"}), EngineFailed, "whole"),
    ],
)
async def test_a_refusal_gets_its_name(
    serve: Serve, engine_at: MakeEngine, handler: Handler, named: type[EngineError], told: str
):
    server = await serve({STREAM: handler})
    with pytest.raises(EngineError) as caught:
        await collect(engine_at(server.url).generate(request_for()))
    assert type(caught.value) is named
    assert server.url in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("ending", "named", "told"),
    [
        (events(token("so"), then="reset"), EngineFailed, "payload"),
        (events(token("so")), EngineFailed, "without a last token"),
        (events(token("so"), "data: [DONE]\n\n"), EngineFailed, "without a last token"),
        (events(token("so"), "data:{broken\n\n"), EngineFailed, "{broken"),
        (events(token("so"), b"data:\xff\xfe\n\n"), EngineFailed, "HTTP 200"),
        (events(token("so"), {"token": {"text": 5}}), EngineFailed, "text"),
        (events(token("so"), {"message": "no key called error"}), EngineFailed, "no key called error"),
        (events(token("so"), ["a", "list"]), EngineFailed, "list"),
        (events(token("so"), {"error": "m", "error_type": "generation"}), EngineFailed, "m"),
        (events(token("so"), {"error": "m", "error_type": "incomplete_generation"}), EngineFailed, "m"),
        (events(token("so"), {"error": "m", "error_type": "overloaded"}), EngineOverloaded, "m"),
        (events(token("so"), {"error": "m", "error_type": "validation"}), EngineRejected, "m"),
        (events(token("so"), {"error": "m", "error_type": "of tomorrow"}), EngineFailed, "m"),
        (events(token("so"), {"error": "m"}), EngineFailed, "m"),
        (events(token("so"), last("x", "sox", reason="boredom")), EngineFailed, "boredom"),
    ],
)
async def test_what_goes_wrong_in_mid_stream_gets_its_name_after_the_text(
    serve: Serve, engine_at: MakeEngine, ending: Handler, named: type[EngineError], told: str
):
    server = await serve({STREAM: ending})
    seen, error = await failing(engine_at(server.url).generate(request_for()))
    assert seen == [TextChunk("so", 1)]
    assert type(error) is named
    assert told in str(error)


async def test_a_stream_without_anything_is_incomplete(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events()})
    with pytest.raises(EngineFailed, match="without a last token"):
        await collect(engine_at(server.url).generate(request_for()))


@pytest.mark.parametrize("named", [EngineUnreachable, EngineOverloaded, EngineFailed, EngineStalled])
def test_what_may_succeed_later_is_retryable(named: type[EngineError]):
    assert named("x").retryable


def test_what_is_refused_is_not_retryable():
    assert not EngineRejected("x").retryable


async def test_a_refused_connection_is_unreachable(engine_at: MakeEngine):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(EngineUnreachable, match=url):
            await collect(engine_at(url).generate(request_for()))
        with pytest.raises(EngineUnreachable, match=url):
            await engine_at(url).count_tokens("a")
        assert not await engine_at(url).health()


async def test_what_the_client_itself_refuses_is_rejected(engine_at: MakeEngine):
    with pytest.raises(EngineRejected, match="inputs"):
        await collect(engine_at("http://127.0.0.1:9").generate(request_for("")))


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", ""])
def test_an_address_that_is_not_http_is_refused_at_once(url: str):
    with pytest.raises(ValueError, match="is not http://HOST"):
        make_engine("tgi", url)


def test_an_unknown_kind_of_engine_is_told_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown kind of engine 'gpt'; there are tgi"):
        make_engine("gpt", "http://x")


async def test_silence_before_the_answer_is_a_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: hang})
    with pytest.raises(EngineStalled, match="silent for too long"):
        await collect(engine_at(server.url, token_timeout_s=0.5).generate(request_for()))
    await asyncio.wait_for(server.reader_left.wait(), 60)


async def test_silence_in_mid_stream_is_a_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("so"), then="hang")})
    seen, error = await failing(engine_at(server.url, token_timeout_s=1.0).generate(request_for()))
    assert (seen, type(error)) == ([TextChunk("so", 1)], EngineStalled)
    await asyncio.wait_for(server.reader_left.wait(), 60)


async def test_keepalive_comments_are_no_tokens(serve: Serve, engine_at: MakeEngine):
    comments = [": keep-alive\n\n"] * 500
    server = await serve({STREAM: events(token("so"), *comments, then="hang", between=0.01)})
    begun = asyncio.get_running_loop().time()
    _, error = await failing(engine_at(server.url, token_timeout_s=1.0).generate(request_for()))
    assert type(error) is EngineStalled
    assert asyncio.get_running_loop().time() - begun < 4


async def test_keepalive_comments_between_tokens_are_skipped(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(":\n\n", token("so"), ": still here\n\nevent: x\nid: 3\n", last("!", "so!"))})
    assert await text_of(engine_at(server.url)) == "so!"


async def test_a_slow_stream_is_no_stall(serve: Serve, engine_at: MakeEngine):
    tokens = [token("a") for _ in range(8)]
    server = await serve({STREAM: events(*tokens, last("b", "aaaaaaaab"), between=0.2)})
    assert await text_of(engine_at(server.url, token_timeout_s=1.4)) == "aaaaaaaab"


async def test_what_comes_between_two_turns_of_a_stream_is_one_chunk(serve: Serve, engine_at: MakeEngine):
    tokens = [token("a") for _ in range(20)]
    server = await serve({STREAM: events(*tokens, last("b", "a" * 20 + "b"), between=0.005)})
    rhythm = Rhythm(pause_per_stream_s=0.5, longest_pause_s=0.5)
    chunks, finished = await collect(engine_at(server.url, rhythm=rhythm).generate(request_for()))
    assert "".join(chunk.text for chunk in chunks) == "a" * 20 + "b"
    assert len(chunks) <= 4  # the first at once, the others half a second later
    assert finished.final_text == "a" * 20 + "b"
    assert rhythm.pause_s == 0


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Since when each turn was waited for; none takes any time."""
    waits: list[float] = []

    def wait_s(_: Rhythm, since: float) -> float:
        waits.append(since)
        return 0.0

    monkeypatch.setattr(Rhythm, "wait_s", wait_s)
    return waits


async def test_a_stream_whose_tokens_come_more_seldom_than_its_turns_is_read_as_they_come(
    serve: Serve, engine_at: MakeEngine, waits: list[float]
):
    server = await serve({STREAM: events(token("a"), token("b"), last("c", "abc"), between=0.1)})
    rhythm = Rhythm(pause_per_stream_s=0.01, longest_pause_s=0.01)
    chunks, _ = await collect(engine_at(server.url, rhythm=rhythm).generate(request_for()))
    assert [chunk.text for chunk in chunks] == ["a", "b", "c"]
    assert len(waits) <= 1  # the first token may come at once


async def test_a_stream_that_is_read_late_keeps_its_turns(serve: Serve, engine_at: MakeEngine, waits: list[float]):
    # As it does in a process that has too much to do: read at every token it would never get out of that.
    several = "".join(f"data:{json.dumps(token(text))}\n\n" for text in "aa")
    server = await serve({STREAM: events(*[several] * 4, last("b", "a" * 8 + "b"), between=0.1)})
    rhythm = Rhythm(pause_per_stream_s=0.01, longest_pause_s=0.01)
    chunks, _ = await collect(engine_at(server.url, rhythm=rhythm).generate(request_for()))
    assert [chunk.text for chunk in chunks] == ["aa"] * 4 + ["b"]
    assert len(waits) == 4


async def test_a_reply_that_came_in_one_go_is_not_held_up(serve: Serve, engine_at: MakeEngine):
    whole = "".join(f"data:{json.dumps(each)}\n\n" for each in (token("a"), last("b", "ab")))
    server = await serve({STREAM: events(whole, then="hang")})
    engine = engine_at(server.url, rhythm=Rhythm(pause_per_stream_s=60, longest_pause_s=60))
    assert await asyncio.wait_for(text_of(engine), 5) == "ab"


async def test_leaving_a_stream_between_two_turns_closes_the_connection_at_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), then="hang")})
    rhythm = Rhythm(pause_per_stream_s=60, longest_pause_s=60)
    async with aclosing(engine_at(server.url, rhythm=rhythm).generate(request_for())) as stream:
        await anext(stream)
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    assert waiting.cancelled()
    async with asyncio.timeout(AT_ONCE_S):
        await server.reader_left.wait()
    assert rhythm.pause_s == 0


async def test_a_slow_reader_is_no_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), token("b"), last("c", "abc"))})
    engine = engine_at(server.url, token_timeout_s=1.0)
    text = ""
    async for item in engine.generate(request_for()):
        await asyncio.sleep(1.2)
        text += item.text if isinstance(item, TextChunk) else ""
    assert text == "abc"


async def test_however_the_bytes_arrive_the_text_is_the_same(serve: Serve, engine_at: MakeEngine):
    tokens = [token("né"), token("🎈 "), last("…", "né🎈 …")]
    data = "".join(f"data: {json.dumps(each, ensure_ascii=False)}\r\n\r\n" for each in tokens).encode()
    server = await serve({STREAM: events(*(data[at : at + 1] for at in range(len(data))))})
    assert await text_of(engine_at(server.url)) == "né🎈 …"


async def test_the_last_line_needs_no_end(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), f"data:{json.dumps(last('b', 'ab'))}")})
    assert await text_of(engine_at(server.url)) == "ab"


async def test_what_follows_the_last_token_is_not_waited_for(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(last("a", "a"), "data: [DONE]\n\n", then="hang")})
    assert await asyncio.wait_for(text_of(engine_at(server.url)), 5) == "a"


async def test_a_reply_of_a_mebibyte_arrives_though_its_last_line_repeats_it(serve: Serve, engine_at: MakeEngine):
    piece = "word " * 200
    count = 2**20 // len(piece) + 1
    tokens = [token(piece) for _ in range(count)]
    server = await serve({STREAM: events(*tokens, last("", piece * count, tokens=count + 1))})
    chunks, finished = await collect(engine_at(server.url).generate(request_for()))
    assert "".join(chunk.text for chunk in chunks) == piece * count == finished.final_text


@pytest.mark.parametrize(
    ("texts", "whole", "shown"),
    [
        (["a", "\ufffd", "\ufffd"], "a\N{PARTY POPPER}", "a\N{PARTY POPPER}"),
        (["a", "\ufffd", "\ufffd"], "something else", "a\ufffd\ufffd"),
        (["a", "\ufffd", "", "b"], "a\ufffdb", "a\ufffdb"),
        (["a\ufffd", "b\ufffd", ""], "a\ufffdbé", "a\ufffdbé"),
        (["a\0", "b"], "a\0b", "a\ufffdb"),
    ],
)
async def test_split_characters_are_settled_by_the_final_text(
    serve: Serve, engine_at: MakeEngine, texts: list[str], whole: str, shown: str
):
    *first, ending = texts
    server = await serve({STREAM: events(*map(token, first), last(ending, whole))})
    assert await text_of(engine_at(server.url)) == shown


async def test_closing_the_stream_closes_the_connection_at_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), token("b"), then="hang")})
    async with aclosing(engine_at(server.url).generate(request_for())) as stream:
        first = await anext(stream)
        assert isinstance(first, TextChunk)
        assert first.text in ("a", "ab")
    async with asyncio.timeout(AT_ONCE_S):
        await server.reader_left.wait()


async def test_cancelling_the_reader_closes_the_connection_at_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), then="hang")})
    reader = asyncio.create_task(collect(engine_at(server.url).generate(request_for())))
    await asyncio.wait_for(server.streaming.wait(), 60)
    reader.cancel()
    async with asyncio.timeout(AT_ONCE_S):
        await server.reader_left.wait()
    with pytest.raises(asyncio.CancelledError):
        await reader


async def read_one_after_the_other(engine: TGIEngine, replies: int) -> None:
    """So many replies, each when the connection of the one before is free."""
    for _ in range(replies):
        assert await text_of(engine) == "ab"
        await asyncio.gather(*engine._client._letting_go)


async def test_replies_one_after_the_other_share_a_connection(serve: Serve, engine_at: MakeEngine):
    connections: set[object] = set()
    stream = events(token("a"), last("b", "ab"))

    async def noting(request: web.Request) -> web.StreamResponse:
        connections.add(request.transport)
        return await stream(request)

    server = await serve({STREAM: noting})
    await read_one_after_the_other(engine_at(server.url), 5)
    assert len(connections) == 1


async def test_a_kept_connection_that_the_server_closes_costs_no_reply(serve: Serve, engine_at: MakeEngine):
    asked: list[object] = []
    stream = events(token("a"), last("b", "ab"))

    async def once_each(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        used = transport in asked
        asked.append(transport)
        if used:
            transport.abort()
        return await stream(request)

    server = await serve({STREAM: once_each})
    await read_one_after_the_other(engine_at(server.url), 3)
    assert len(set(asked)) == 3
    assert len(asked) == 5


async def test_a_new_connection_that_the_server_closes_is_told_at_once(serve: Serve, engine_at: MakeEngine):
    asked = 0

    async def never(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await reset(request)

    server = await serve({STREAM: never})
    _, error = await failing(engine_at(server.url).generate(request_for()))
    assert isinstance(error, EngineUnreachable)
    assert asked == 1


async def test_a_server_that_goes_on_after_the_last_token_keeps_nobody(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), last("b", "ab"), then="hang")})
    async with asyncio.timeout(5):
        assert await text_of(engine_at(server.url)) == "ab"
        await server.reader_left.wait()


async def test_many_replies_stream_at_a_time(serve: Serve, engine_at: MakeEngine):
    server = await serve({STREAM: events(token("a"), last("b", "ab"), between=0.1)})
    engine = engine_at(server.url)
    async with asyncio.timeout(60):
        texts = await asyncio.gather(*(text_of(engine) for _ in range(150)))
    assert texts == ["ab"] * 150


async def test_tokens_are_counted_by_the_engine(serve: Serve, engine_at: MakeEngine):
    tokens = [{"id": at, "text": "x", "start": at, "stop": at + 1} for at in range(5)]
    server = await serve({"POST /tokenize": answer(200, tokens)})
    assert await engine_at(server.url).count_tokens("hello") == 5
    assert server.bodies == [{"inputs": "hello"}]
    assert await engine_at(server.url).count_tokens("") == 0


@pytest.mark.parametrize(
    ("handler", "named"),
    [
        (answer(200, {"tokens": 5}), EngineFailed),
        (answer(200, text="five"), EngineFailed),
        (answer(422, {"error": "too long", "error_type": "validation"}), EngineRejected),
        (answer(500, text="oh"), EngineFailed),
        (hang, EngineStalled),
        (reset, EngineUnreachable),
    ],
)
async def test_a_count_that_fails_gets_its_name_in_bounded_time(
    serve: Serve, engine_at: MakeEngine, handler: Handler, named: type[EngineError]
):
    server = await serve({"POST /tokenize": handler})
    with pytest.raises(EngineError, match=f"{server.url}/tokenize") as caught:
        await engine_at(server.url, call_timeout_s=1.0).count_tokens("hello")
    assert type(caught.value) is named


@pytest.mark.parametrize(
    ("handler", "healthy"),
    [
        (answer(200, text=""), True),
        (answer(200, text="OK"), True),
        (answer(503, {"error": "unhealthy", "error_type": "healthcheck"}), False),
        (answer(404, text=""), False),
        (hang, False),
        (reset, False),
    ],
)
async def test_health_is_an_answer_and_never_an_error(
    serve: Serve, engine_at: MakeEngine, handler: Handler, healthy: bool
):
    server = await serve({"GET /health": handler})
    assert await engine_at(server.url, health_timeout_s=1.0).health() is healthy


@pytest.mark.parametrize("input_limit", ["max_input_tokens", "max_input_length"])
async def test_the_engine_describes_itself(serve: Serve, engine_at: MakeEngine, input_limit: str):
    server = await serve({"GET /info": answer(200, {"model_id": "a/b", input_limit: 10, "max_total_tokens": 20})})
    assert await engine_at(server.url).info() == EngineInfo("a/b", max_input_tokens=10, max_total_tokens=20)


async def test_a_description_without_a_model_is_nonsense(serve: Serve, engine_at: MakeEngine):
    server = await serve({"GET /info": answer(200, {"name": "x"})})
    with pytest.raises(EngineFailed, match="a model_id was expected"):
        await engine_at(server.url).info()


async def test_an_engine_can_be_used_again_after_it_was_closed(serve: Serve, engine_at: MakeEngine):
    server: Server = await serve({STREAM: events(last("a", "a"))})
    engine = engine_at(server.url)
    assert await text_of(engine) == "a"
    await engine.aclose()
    assert await text_of(engine) == "a"
