"""The engine for OpenAI-compatible servers over HTTP, against servers that keep to the protocol and that do not."""

import asyncio
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
    make_engine,
)
from inference.engines.openai import OpenAIEngine
from inference.parameters import SamplingParameters
from inference.prompts import ChatMessage
from tests.inference.engines.misbehaving import (
    AT_ONCE_S,
    Handler,
    Serve,
    answer,
    collect,
    events,
    failing,
    hang,
    request_for,
    reset,
)

TEXT = "POST /v1/completions"
CHAT = "POST /v1/chat/completions"
DONE = "data: [DONE]\n\n"

MakeEngine = Callable[..., OpenAIEngine]


@pytest.fixture
async def engine_at() -> AsyncGenerator[MakeEngine, None]:
    """``engine_at(url, **options)``; closed after the test."""
    engines: list[OpenAIEngine] = []

    def make(url: str, **options: Any) -> OpenAIEngine:
        engine = make_engine("openai", url, **{"model_id": "a/b", "token_timeout_s": 5.0, **options})
        assert isinstance(engine, OpenAIEngine)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        await engine.aclose()


def text(piece: str, reason: str | None = None, **choice: Any) -> dict[str, Any]:
    """A chunk of the completions endpoint."""
    choices = [{"index": 0, "text": piece, "logprobs": None, "finish_reason": reason, **choice}]
    return {"id": "c", "object": "text_completion", "created": 1, "model": "a/b", "choices": choices}


def delta(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    """A chunk of the chat endpoint."""
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "a/b", "choices": choices}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    """The chunk with the counts, after the last one with text."""
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**text(""), "choices": [], "usage": counts}


async def text_of(engine: OpenAIEngine, **request: Any) -> str:
    chunks, _ = await collect(engine.generate(request_for(**request)))
    return "".join(chunk.text for chunk in chunks)


async def test_a_reply_comes_piece_by_piece_and_ends_with_the_servers_counts(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("Hel"), text("lo"), text("", "stop"), usage(11, 3), DONE)})
    engine = engine_at(server.url)
    chunks, finished = await collect(engine.generate(request_for()))
    assert chunks == [TextChunk("Hel", 1), TextChunk("lo", 1), TextChunk("", 1)]
    assert finished == Finished("eos_token", generated_tokens=3, input_tokens=11)
    assert engine.can_continue


@pytest.mark.parametrize("ending", [[], [DONE], [": bye\n\n"]])
async def test_counts_may_be_missing(serve: Serve, engine_at: MakeEngine, ending: list[str]):
    server = await serve({TEXT: events(text("a"), text("b", "length"), *ending)})
    _, finished = await collect(engine_at(server.url).generate(request_for()))
    assert finished == Finished("length", generated_tokens=None, input_tokens=None)


async def test_a_server_that_counts_as_it_goes_is_believed(serve: Serve, engine_at: MakeEngine):
    chunks = [
        {**text("abc"), "usage": {"completion_tokens": 2}},
        {**text("d", "length"), "usage": usage(7, 5)["usage"]},
    ]
    server = await serve({TEXT: events(*chunks, DONE)})
    got, finished = await collect(engine_at(server.url).generate(request_for()))
    assert got == [TextChunk("abc", 2), TextChunk("d", 3)]
    assert finished == Finished("length", generated_tokens=5, input_tokens=7)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"reason": "length"}, "length"),
        ({"reason": "stop"}, "eos_token"),
        ({"reason": "stop", "stop_reason": "</s>"}, "stop_sequence"),
        ({"reason": "stop", "stop_reason": 2}, "eos_token"),
        ({"reason": "stop", "matched_stop": "END"}, "stop_sequence"),
        ({"reason": "of tomorrow"}, "eos_token"),
    ],
)
async def test_the_reason_to_finish_is_read_in_every_dialect(
    serve: Serve, engine_at: MakeEngine, told: dict[str, Any], reason: str
):
    server = await serve({TEXT: events(text("a", **told), DONE)})
    _, finished = await collect(engine_at(server.url).generate(request_for()))
    assert finished.reason == reason


async def test_an_empty_reply_is_a_reply(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("", "stop"), usage(5, 1), DONE)})
    chunks, finished = await collect(engine_at(server.url).generate(request_for()))
    assert "".join(chunk.text for chunk in chunks) == ""
    assert finished == Finished("eos_token", generated_tokens=1, input_tokens=5)


async def test_the_prompt_goes_out_as_it_is_with_its_parameters(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a", "stop"), DONE)})
    sampling = SamplingParameters(
        top_k=40, top_p=0.8, typical_p=0.5, temperature=0.7, repetition_penalty=1.2, max_new_tokens=99
    )
    engine = engine_at(server.url + "/v1/", api_key="secret")
    await text_of(engine, sampling=sampling, stop=("a", "b", "c", "d", "e"))
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert server.bodies == [
        {
            "model": "a/b",
            "prompt": "Once upon a time",
            "max_tokens": 20,
            "seed": 7,
            "stop": ["a", "b", "c", "d"],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.7,
            "top_p": 0.8,
            "top_k": 40,
            "typical_p": 0.5,
            "repetition_penalty": 1.2,
        }
    ]


async def test_what_is_off_is_said_and_without_sampling_the_likeliest_is_asked_for(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a", "stop"), DONE)})
    off = SamplingParameters(top_k=None, top_p=None, temperature=None)
    await text_of(engine_at(server.url), sampling=off)
    await text_of(engine_at(server.url), do_sample=False)
    sampled, greedy = server.bodies
    assert (sampled["temperature"], sampled["top_p"]) == (1.0, 1.0)
    assert greedy["temperature"] == 0.0
    for body in (sampled, greedy):
        assert not {"top_k", "typical_p", "repetition_penalty", "stop"} & set(body)


async def test_a_server_that_knows_only_openais_parameters_gets_only_those(
    serve: Serve, engine_at: MakeEngine, caplog: pytest.LogCaptureFixture
):
    streaming = events(text("a", "stop"), DONE)

    async def strict(request: web.Request) -> web.StreamResponse:
        if "top_k" in await request.json():
            return web.json_response({"error": {"message": "Unrecognized request argument: top_k"}}, status=400)
        return await streaming(request)

    server = await serve({TEXT: strict})
    engine = engine_at(server.url)
    assert await text_of(engine) == "a"
    assert await text_of(engine) == "a"
    assert ["top_k" in body for body in server.bodies] == [True, False, False]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"{server.url}/v1 refuses top_k: they have no effect there"
    ]


async def test_on_the_chat_endpoint_messages_go_out_by_role(serve: Serve, engine_at: MakeEngine):
    said = [delta(role="assistant", content=""), delta(content="Hi"), delta(content="!"), delta("stop")]
    server = await serve({CHAT: events(*said, usage(9, 3), DONE)})
    engine = engine_at(server.url, chat=True)
    messages = (ChatMessage("system", "Be brief."), ChatMessage("user", "Hello"))
    chunks, finished = await collect(engine.generate(request_for(messages=messages)))
    assert "".join(chunk.text for chunk in chunks) == "Hi!"
    assert finished == Finished("eos_token", generated_tokens=3, input_tokens=9)
    assert server.bodies[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]
    assert not engine.can_continue


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_thoughts_that_come_apart_stand_between_tags(serve: Serve, engine_at: MakeEngine, name: str):
    chunks = [delta(**{name: "Hm, "}), delta(**{name: "yes."}), delta(content="Yes"), delta("stop", content=".")]
    server = await serve({CHAT: events(*chunks, DONE)})
    assert await text_of(engine_at(server.url, chat=True)) == "<think>\nHm, yes.\n</think>\n\nYes."


async def test_thoughts_that_come_apart_are_left_out_where_nobody_tells_them_apart(serve: Serve, engine_at: MakeEngine):
    chunks = [delta(reasoning_content="Hm, "), delta(reasoning_content="yes."), delta("stop", content="Yes."), DONE]
    server = await serve({CHAT: events(*chunks)})
    chunked, _ = await collect(engine_at(server.url, chat=True).generate(request_for(thoughts=False)))
    assert "".join(chunk.text for chunk in chunked) == "Yes."
    assert sum(chunk.tokens for chunk in chunked) == 3


async def test_thoughts_without_an_answer_are_closed(serve: Serve, engine_at: MakeEngine):
    server = await serve({CHAT: events(delta(reasoning_content="Hm"), delta("length"), DONE)})
    assert await text_of(engine_at(server.url, chat=True)) == "<think>\nHm\n</think>\n\n"


@pytest.mark.parametrize(
    ("handler", "named", "told"),
    [
        (reset, EngineUnreachable, "disconnected"),
        (answer(400, {"error": {"message": "too long", "code": 400}}), EngineRejected, "too long"),
        (answer(400, {"message": "too long", "object": "error"}), EngineRejected, "too long"),
        (answer(401, {"error": {"message": "who are you"}}), EngineRejected, "who are you"),
        (answer(404, {"error": {"message": "no such model"}}), EngineRejected, "no such model"),
        (answer(422, {"detail": "what?"}), EngineRejected, "what?"),
        (answer(429, {"error": {"message": "slow down"}}), EngineOverloaded, "slow down"),
        (answer(429, text="slow down"), EngineOverloaded, "slow down"),
        (answer(500, text="<html>Oh", kind="text/html"), EngineFailed, "<html>Oh"),
        (answer(503, {"error": {"message": "Loading model", "code": 503}}), EngineFailed, "Loading model"),
        (answer(200, text="<html>It works!", kind="text/html"), EngineFailed, "without a reason to finish"),
        (answer(200, {"choices": []}), EngineFailed, "without a reason to finish"),
        (events(), EngineFailed, "without a reason to finish"),
        (events(DONE), EngineFailed, "without a reason to finish"),
    ],
)
async def test_a_refusal_gets_its_name(
    serve: Serve, engine_at: MakeEngine, handler: Handler, named: type[EngineError], told: str
):
    server = await serve({TEXT: handler})
    seen, error = await failing(engine_at(server.url).generate(request_for()))
    assert (seen, type(error)) == ([], named)
    assert server.url in str(error)
    assert told in str(error)


@pytest.mark.parametrize(
    ("ending", "named", "told"),
    [
        (events(text("so"), then="reset"), EngineFailed, "peer closed"),
        (events(text("so")), EngineFailed, "without a reason to finish"),
        (events(text("so"), DONE), EngineFailed, "without a reason to finish"),
        (events(text("so"), "data: {broken\n\n"), EngineFailed, "JSON"),
        (events(text("so"), {"message": "no chunk"}), EngineFailed, "no chunk of a stream"),
        (events(text("so"), ["a", "list"]), EngineFailed, "no chunk of a stream"),
        (events(text("so"), {**text("x"), "choices": "none"}), EngineFailed, "no chunk of a stream"),
        (events(text("so"), text(5)), EngineFailed, "text is no text"),  # type: ignore[arg-type]
        (events(text("so"), text("", "abort")), EngineFailed, "gave the reply up: abort"),
        (events(text("so"), {"error": {"message": "CUDA", "code": 500}}), EngineFailed, "CUDA"),
        (events(text("so"), {"error": {"message": "later", "code": 429}}), EngineOverloaded, "later"),
        (events(text("so"), {"error": {"message": "no", "code": "400"}}), EngineRejected, "no"),
        (events(text("so"), {"error": "just a text"}), EngineFailed, "streaming"),
    ],
)
async def test_what_goes_wrong_in_mid_stream_gets_its_name_after_the_text(
    serve: Serve, engine_at: MakeEngine, ending: Handler, named: type[EngineError], told: str
):
    server = await serve({TEXT: ending})
    seen, error = await failing(engine_at(server.url).generate(request_for()))
    assert (seen, type(error)) == ([TextChunk("so", 1)], named)
    assert told in str(error)


async def test_a_refused_connection_is_unreachable(engine_at: MakeEngine):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(EngineUnreachable, match=url):
            await collect(engine_at(url).generate(request_for()))
        with pytest.raises(EngineUnreachable, match=url):
            await engine_at(url).count_tokens("a")
        with pytest.raises(EngineUnreachable, match=url):
            await engine_at(url).info()
        assert not await engine_at(url).health()


async def test_silence_before_the_answer_is_a_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: hang})
    engine = engine_at(server.url, token_timeout_s=0.5)
    await engine.health()  # the first connection's certificates take longer to load than a short timeout lasts
    with pytest.raises(EngineStalled, match="silent for too long"):
        await collect(engine.generate(request_for()))
    await asyncio.wait_for(server.reader_left.wait(), 60)


async def test_comments_in_mid_stream_do_not_hide_a_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("so"), *[": ping\n\n"] * 500, then="hang", between=0.01)})
    begun = asyncio.get_running_loop().time()
    seen, error = await failing(engine_at(server.url, token_timeout_s=1.0).generate(request_for()))
    assert (seen, type(error)) == ([TextChunk("so", 1)], EngineStalled)
    assert asyncio.get_running_loop().time() - begun < 4
    await asyncio.wait_for(server.reader_left.wait(), 60)


async def test_silence_after_the_end_costs_only_the_counts(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a", "stop"), then="hang")})
    chunks, finished = await collect(engine_at(server.url, token_timeout_s=1).generate(request_for()))
    assert (chunks, finished) == ([TextChunk("a", 1)], Finished("eos_token"))


async def test_a_slow_reader_is_no_stall(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a"), text("b"), text("c", "stop"), usage(1, 3), DONE)})
    shown = ""
    async for item in engine_at(server.url, token_timeout_s=1.0).generate(request_for()):
        await asyncio.sleep(1.2)
        shown += item.text if isinstance(item, TextChunk) else ""
    assert shown == "abc"


async def test_characters_are_whole(serve: Serve, engine_at: MakeEngine):
    pieces = [text("a\ufffd"), text("\ud83c"), text("b\0"), text("\N{PARTY POPPER}é", "stop")]
    server = await serve({TEXT: events(*pieces, DONE)})
    assert await text_of(engine_at(server.url)) == "a\ufffd\ufffdb\ufffd\N{PARTY POPPER}é"


async def test_closing_the_stream_closes_the_connection_at_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a"), text("b"), then="hang")})
    async with aclosing(engine_at(server.url).generate(request_for())) as stream:
        assert await anext(stream) == TextChunk("a", 1)
    async with asyncio.timeout(AT_ONCE_S):
        await server.reader_left.wait()


async def test_cancelling_the_reader_closes_the_connection_at_once(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a"), then="hang")})
    reader = asyncio.create_task(collect(engine_at(server.url).generate(request_for())))
    await asyncio.wait_for(server.streaming.wait(), 60)
    reader.cancel()
    async with asyncio.timeout(AT_ONCE_S):
        await server.reader_left.wait()
    with pytest.raises(asyncio.CancelledError):
        await reader


async def test_many_replies_stream_at_a_time(serve: Serve, engine_at: MakeEngine):
    server = await serve({TEXT: events(text("a"), text("b", "stop"), DONE, between=0.1)})
    engine = engine_at(server.url)
    async with asyncio.timeout(60):
        texts = await asyncio.gather(*(text_of(engine) for _ in range(64)))
    assert texts == ["ab"] * 64


@pytest.mark.parametrize(
    "said",
    [
        {"count": 5, "max_model_len": 4096, "tokens": [1, 2, 3, 4, 5]},
        {"tokens": [1, 2, 3, 4, 5]},
        [{"id": at, "text": "x", "start": 0, "stop": 1} for at in range(5)],
    ],
    ids=["vLLM and SGLang", "llama.cpp", "TGI"],
)
async def test_tokens_are_counted_where_the_server_counts(serve: Serve, engine_at: MakeEngine, said: object):
    server = await serve({"POST /tokenize": answer(200, said)})
    assert await engine_at(server.url).count_tokens("one two three") == 5
    assert await engine_at(server.url).count_tokens("") == 0
    assert {server.bodies[0][name] for name in ("prompt", "content", "inputs")} == {"one two three"}


@pytest.mark.parametrize("handler", [answer(404, text=""), answer(405, text=""), answer(200, {"no": "count"})])
async def test_where_the_server_does_not_count_the_number_is_estimated(
    serve: Serve, engine_at: MakeEngine, handler: Handler
):
    server = await serve({"POST /tokenize": handler})
    engine = engine_at(server.url)
    assert 3 <= await engine.count_tokens("one two three") <= 30
    await engine.count_tokens("again")
    assert len(server.bodies) == 1


async def test_a_count_that_fails_for_now_is_an_error(serve: Serve, engine_at: MakeEngine):
    server = await serve({"POST /tokenize": hang})
    with pytest.raises(EngineStalled, match=f"{server.url}/tokenize"):
        await engine_at(server.url, call_timeout_s=1.0).count_tokens("hello")


@pytest.mark.parametrize(
    ("handlers", "healthy"),
    [
        ({"GET /health": answer(200, text="")}, True),
        ({"GET /health": answer(503, {"error": {"message": "Loading model"}})}, False),
        ({"GET /v1/models": answer(200, {"data": []})}, True),
        ({"GET /v1/models": answer(500, text="")}, False),
        ({"GET /health": hang}, False),
        ({"GET /health": reset}, False),
    ],
)
async def test_health_is_an_answer_and_never_an_error(
    serve: Serve, engine_at: MakeEngine, handlers: dict[str, Handler], healthy: bool
):
    server = await serve(handlers)
    assert await engine_at(server.url, health_timeout_s=1.0).health() is healthy


async def test_the_engine_describes_the_model_that_it_is_asked_for(serve: Serve, engine_at: MakeEngine):
    models = [{"id": "x/y"}, {"id": "a/b", "max_model_len": 4096}]
    server = await serve({"GET /v1/models": answer(200, {"object": "list", "data": models})})
    assert await engine_at(server.url).info() == EngineInfo("a/b", max_total_tokens=4096)
    assert await engine_at(server.url, model_id="other").info() == EngineInfo("x/y")


async def test_a_server_that_lists_nothing_is_believed_to_serve_the_model(serve: Serve, engine_at: MakeEngine):
    server = await serve({"GET /v1/models": answer(200, {"object": "list", "data": []})})
    assert await engine_at(server.url, model_id="a/b").info() == EngineInfo("a/b")


@pytest.mark.parametrize("said", [{"models": []}, [], {"data": [{"name": "x"}]}])
async def test_a_description_without_a_model_is_nonsense(serve: Serve, engine_at: MakeEngine, said: object):
    server = await serve({"GET /v1/models": answer(200, said)})
    with pytest.raises(EngineFailed, match="a list of models was expected"):
        await engine_at(server.url).info()


def test_an_address_that_is_not_http_is_refused_at_once():
    with pytest.raises(ValueError, match="is not http://HOST"):
        make_engine("openai", "localhost:8000/v1", model_id="a/b")
