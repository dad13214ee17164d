"""Finding out what kind of engine answers."""

import pytest

from inference.engines import (
    AutoEngine,
    EngineInfo,
    EngineUnreachable,
    TextChunk,
    TGIEngine,
    find_kind,
    make_engine,
)
from inference.engines.openai import OpenAIEngine
from tests.inference.engines.misbehaving import Handler, Serve, answer, collect, events, hang, request_for

INFO = {"model_id": "a/b", "router": "text-generation-router", "max_input_tokens": 10, "max_total_tokens": 20}
MODELS = {"object": "list", "data": [{"id": "a/b"}]}
TGI: dict[str, Handler] = {"GET /info": answer(200, INFO), "GET /v1/models": answer(200, MODELS)}
OPENAI: dict[str, Handler] = {"GET /v1/models": answer(200, MODELS)}


@pytest.mark.parametrize(
    ("handlers", "path", "kind"),
    [
        (TGI, "", "tgi"),
        (TGI, "/", "tgi"),
        (TGI, "/v1", "openai"),
        (OPENAI, "", "openai"),
        (OPENAI, "/v1/", "openai"),
        ({"GET /info": answer(200, {"name": "x"})}, "", None),
        ({"GET /info": answer(200, text="<html>"), "GET /v1/models": answer(200, text="<html>")}, "", None),
        ({}, "", None),
    ],
)
async def test_the_kind_is_told_by_what_answers(
    serve: Serve, handlers: dict[str, Handler], path: str, kind: str | None
):
    server = await serve(handlers)
    assert await find_kind(server.url + path) == kind


async def test_an_engine_that_hangs_is_of_no_kind(serve: Serve):
    server = await serve({"GET /info": hang, "GET /v1/models": hang})
    assert await find_kind(server.url, timeout_s=0.1) is None


async def test_an_engine_is_not_healthy_until_it_answers_and_is_itself_from_then_on(serve: Serve):
    loading = {"now": True}

    async def info(request):
        return await answer(503 if loading["now"] else 200, INFO)(request)

    tokens = {"index": 1, "token": {"id": 1, "text": "a", "logprob": 0, "special": False}}
    details = {"finish_reason": "length", "generated_tokens": 1, "input_length": 1}
    server = await serve(
        {
            "GET /info": info,
            "GET /health": answer(200, text=""),
            "POST /tokenize": answer(200, [1, 2]),
            "POST /generate_stream": events({**tokens, "generated_text": "a", "details": details}),
        }
    )
    engine = make_engine("auto", server.url, model_id="a/b", token_timeout_s=5.0)
    assert isinstance(engine, AutoEngine)
    assert not await engine.health()
    with pytest.raises(EngineUnreachable, match="neither TGI's /info nor /v1/models"):
        await engine.count_tokens("a")
    loading["now"] = False
    assert await engine.health()
    assert await engine.info() == EngineInfo("a/b", 10, 20)
    assert await engine.count_tokens("a") == 2
    assert (await collect(engine.generate(request_for())))[0] == [TextChunk("a", 1)]
    assert engine.can_continue
    await engine.aclose()


def test_a_named_kind_is_taken_at_its_word_and_a_template_of_its_own_means_chat():
    assert isinstance(make_engine("tgi", "http://x"), TGIEngine)
    assert isinstance(make_engine("openai", "http://x", model_id="a"), OpenAIEngine)
    chat = make_engine("tgi", "http://x", model_id="a", chat=True)
    assert isinstance(chat, OpenAIEngine)
    assert not chat.can_continue
