"""A reasoning model's reply in the worker: what is streamed and stored, and what the engine is asked to go on from."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio

from inference.engines import Engine, make_engine
from inference.stream import StreamBuffer
from tests.inference.engines.conftest import serve  # noqa: F401
from tests.inference.engines.misbehaving import Handler, Serve, Server, answer, events
from tests.workers.attempts import CONFIG, Attempt
from workers import generation
from workers.outcomes import Completed

THINKER = CONFIG.model_copy(update={"reasoning": True, "prompt_format": "chatml"})
OPENED = THINKER.model_copy(update={"opens_thoughts": True})
CHATTING = THINKER.model_copy(update={"prompt_format": "engine"})
THINK = "<think>\n"


def token(text: str, *, whole: str | None = None) -> dict[str, Any]:
    """An event of TGI's stream; with `whole` the last one."""
    details = {"finish_reason": "eos_token", "generated_tokens": 3, "seed": 7, "input_length": 11}
    return {
        "index": 1,
        "token": {"id": 5, "text": text, "logprob": -0.5, "special": False},
        "generated_text": whole,
        "details": details if whole is not None else None,
    }


def tgi(*turns: Handler) -> dict[str, Handler]:
    """A TGI that streams this at its first request, that at its second."""
    left = list(turns)

    async def stream(request: Any) -> Any:
        return await left.pop(0)(request)

    return {"POST /generate_stream": stream, "POST /tokenize": answer(200, [1, 2, 3])}


def prompts(server: Server) -> list[str]:
    """What was asked to be gone on from."""
    return [body["inputs"] for body in server.bodies if "parameters" in body]


@pytest.fixture
async def buffer(redis_url: str) -> AsyncIterator[StreamBuffer]:
    async with redis.asyncio.Redis.from_url(redis_url, socket_timeout=2) as client:
        yield StreamBuffer(client)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "FIRST_PAUSE_S", 0.01)


async def ended(engine: Engine, attempt: Attempt) -> tuple[str, str, str]:
    """The stream's text and the row's two parts."""
    outcome = await attempt.outcome()
    await engine.aclose()
    assert isinstance(outcome, Completed), outcome
    assert attempt.told() == await attempt.shown() == outcome.result.thoughts + outcome.result.content
    return attempt.told(), outcome.result.thoughts, outcome.result.content


async def test_the_stream_has_all_and_the_row_has_it_cut_in_two(serve: Serve, buffer: StreamBuffer):  # noqa: F811
    said = [token(THINK), token("Hm.\n</thi"), token("nk>\n\nYes", whole="")]
    engine = make_engine("tgi", (await serve(tgi(events(*said)))).url)
    text, thoughts, content = await ended(engine, Attempt(engine, buffer, config=THINKER))
    assert (thoughts, content) == ("<think>\nHm.\n</think>\n\n", "Yes")
    assert text == thoughts + content


async def test_a_reply_cut_off_in_its_thoughts_goes_on_in_them(serve: Serve, buffer: StreamBuffer):  # noqa: F811
    first = events(token(THINK), token("Hm,"), then="reset")
    second = events(token(" yes.\n</think>\n\n"), token("Yes", whole=""))
    server = await serve(tgi(first, second))
    engine = make_engine("tgi", server.url)
    _, thoughts, content = await ended(engine, Attempt(engine, buffer, config=THINKER))
    assert (thoughts, content) == ("<think>\nHm, yes.\n</think>\n\n", "Yes")
    assert prompts(server)[1] == prompts(server)[0] + "<think>\nHm,"


@pytest.mark.parametrize("said_itself", [False, True])
async def test_thoughts_that_the_template_opens_are_opened_once(
    serve: Serve,  # noqa: F811
    buffer: StreamBuffer,
    said_itself: bool,
):
    said = [*([token(THINK)] if said_itself else []), token("Hm.\n</think>\n\n"), token("Yes", whole="")]
    server = await serve(tgi(events(*said)))
    engine = make_engine("tgi", server.url)
    text, _, content = await ended(engine, Attempt(engine, buffer, config=OPENED))
    assert (text, content) == ("<think>\nHm.\n</think>\n\nYes", "Yes")
    assert prompts(server)[0].endswith("<|im_start|>assistant\n<think>\n")


async def test_an_engine_that_tells_thoughts_apart_is_understood(serve: Serve, buffer: StreamBuffer):  # noqa: F811
    def delta(**delta: Any) -> dict[str, Any]:
        return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}

    last = {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    said = [delta(reasoning_content="Hm, "), delta(reasoning_content="yes."), delta(content="Yes"), last]
    server = await serve({"POST /v1/chat/completions": events(*said, "data: [DONE]\n\n")})
    engine = make_engine("openai", server.url, model_id="m", chat=True)
    _, thoughts, content = await ended(engine, Attempt(engine, buffer, config=CHATTING))
    assert (thoughts, content) == ("<think>\nHm, yes.\n</think>\n\n", "Yes")
