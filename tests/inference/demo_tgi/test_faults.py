"""Faults on purpose, as a client of TGI sees them."""

import asyncio

import aiohttp
import pytest
from text_generation import AsyncClient, errors

from inference.demo_tgi import lorem_text

from .conftest import Server, Start

BODY = {"inputs": "hello", "parameters": {"max_new_tokens": 10}}


async def test_the_next_requests_are_answered_with_a_status(server: Server):
    await server.arm({"kind": "status", "count": 2}, {"kind": "status", "status": 500})
    answers = [await server.post("/generate_stream", BODY) for _ in range(4)]
    assert [answer.status for answer in answers] == [429, 429, 500, 200]
    assert await answers[0].json() == {"error": "Model is overloaded", "error_type": "overloaded"}


async def test_a_proxy_before_the_engine_may_answer_with_a_page(server: Server):
    await server.arm({"kind": "status", "status": 502, "body": "html"}, {"kind": "status", "body": "none"})
    page = await server.post("/generate", BODY)
    assert (page.status, page.content_type) == (502, "text/html")
    assert await (await server.post("/generate", BODY)).read() == b""


async def test_an_error_comes_in_mid_stream(server: Server):
    await server.arm({"kind": "error", "after_tokens": 4})
    *before, last = await server.events("hello", max_new_tokens=10)
    assert len(before) == 4
    assert last == {"error": "Request failed during generation: told to fail", "error_type": "generation"}
    assert (await server.requests())["failed"] == 1


@pytest.mark.filterwarnings("ignore:The `dict` method is deprecated")
@pytest.mark.parametrize(
    ("error_type", "expected"),
    [
        ("generation", errors.GenerationError),
        ("incomplete_generation", errors.IncompleteGenerationError),
        ("overloaded", errors.OverloadedError),
        ("validation", errors.ValidationError),
    ],
)
async def test_tgi_s_own_client_knows_each_error(server: Server, error_type: str, expected: type[Exception]):
    await server.arm({"kind": "error", "error_type": error_type, "after_tokens": 1, "count": 2})
    client = AsyncClient(server.url)
    with pytest.raises(expected):
        async for _ in client.generate_stream("hello", max_new_tokens=5):
            pass
    with pytest.raises(expected):
        await client.generate("hello", max_new_tokens=5)


async def test_a_reply_hangs_until_its_client_leaves(server: Server):
    await server.arm({"kind": "hang", "after_tokens": 3, "keepalive_s": 0.01})
    async with server.session.post(f"{server.url}/generate_stream", json=BODY) as response:
        lines = [line async for line in _lines(response, 12)]
        assert sum(line.startswith(b"data:") for line in lines) == 3
        assert lines[-2:] == [b":\n", b"\n"]
        assert (await server.requests())["open"] == 1
        response.close()
    await server.until("cancelled")


async def test_a_reply_is_held_until_the_faults_are_disarmed(server: Server):
    await server.arm({"kind": "hold", "after_tokens": 3, "keepalive_s": 0.01})
    async with server.session.post(f"{server.url}/generate_stream", json=BODY) as response:
        lines = [line async for line in _lines(response, 12)]
        assert sum(line.startswith(b"data:") for line in lines) == 3
        assert (await server.requests())["open"] == 1
        await server.disarm()
        rest = [line async for line in response.content if line.startswith(b"data:")]
    assert len(rest) == 7


async def test_a_reply_that_reaches_its_hold_after_the_faults_were_disarmed_is_not_held(start: Start):
    server = await start(tokens_per_second=100)
    await server.arm({"kind": "hold", "after_tokens": 5})
    async with server.session.post(f"{server.url}/generate_stream", json=BODY) as response:
        await server.disarm()
        assert len([line async for line in response.content if line.startswith(b"data:")]) == 10


async def test_a_request_is_never_answered(server: Server):
    await server.arm({"kind": "silence"})
    asking = asyncio.create_task(server.session.post(f"{server.url}/generate_stream", json=BODY))
    await server.until("open")
    assert not asking.done()
    asking.cancel()
    await server.until("cancelled")


async def test_a_stream_ends_silently_without_a_last_token(server: Server):
    await server.arm({"kind": "cut", "after_tokens": 5})
    events = await server.events("hello", max_new_tokens=10)
    assert len(events) == 5
    assert events[-1]["generated_text"] is None


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_connection_breaks_in_mid_stream(server: Server, how: str):
    await server.arm({"kind": "cut", "after_tokens": 5, "how": how})
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
        await server.events("hello", max_new_tokens=10)
    assert (await server.requests())["failed"] == 1


async def test_garbage_comes_between_the_events(server: Server):
    await server.arm({"kind": "garbage", "after_tokens": 1, "data": "[DONE]"})
    body = await (await server.post("/generate_stream", BODY)).read()
    assert body.count(b"data:{") == 10
    assert body.split(b"\n\n")[1] == b"data:[DONE]"


@pytest.mark.parametrize("how", ["replacement", "held"])
async def test_characters_are_split_over_tokens(server: Server, how: str):
    await server.arm({"kind": "split", "how": how})
    events = await server.events("hello", max_new_tokens=400, seed=1)
    texts = [event["token"]["text"] for event in events]
    truth = events[-1]["generated_text"]
    if how == "held":
        assert "".join(texts) == truth
        assert "" in texts
    else:
        assert any(text.endswith("\ufffd") for text in texts)
        assert "\ufffd" not in truth
    assert lorem_text(1, "hello", 400).startswith(truth)


async def test_the_end_of_text_is_the_first_token(server: Server):
    await server.arm({"kind": "empty"})
    [event] = await server.events("hello", max_new_tokens=10, details=True)
    assert (event["generated_text"], event["token"]["special"]) == ("", True)
    assert event["details"]["finish_reason"] == "eos_token"


async def test_the_last_event_may_not_say_what_was_streamed(server: Server):
    await server.arm({"kind": "wrong_text"})
    events = await server.events("hello", max_new_tokens=3)
    assert "".join(event["token"]["text"] for event in events) != events[-1]["generated_text"]


async def test_health_info_and_tokenize_can_fail(server: Server):
    for on, answer in (
        ("health", lambda: server.get("/health")),
        ("info", lambda: server.get("/info")),
        ("tokenize", lambda: server.post("/tokenize", {"inputs": "hello"})),
    ):
        await server.arm({"kind": "status", "status": 503, "on": on})
        failed = await answer()
        assert (failed.status, (await failed.json())["error"]) == (503, "unhealthy")
        assert (await answer()).status == 200


async def test_a_fault_waits_for_its_own_prompt(server: Server):
    await server.arm({"kind": "status", "prompt_contains": "mine"})
    assert (await server.post("/generate", BODY)).status == 200
    assert (await server.post("/generate", {**BODY, "inputs": "this is mine"})).status == 429
    assert (await server.post("/generate", {**BODY, "inputs": "this is mine"})).status == 200


async def test_a_fault_without_a_count_acts_until_it_is_disarmed(server: Server):
    await server.arm({"kind": "status", "count": None})
    assert [(await server.post("/generate", BODY)).status for _ in range(3)] == [429] * 3
    armed = (await (await server.get("/_faults")).json())["armed"]
    assert [(fault["kind"], fault["left"]) for fault in armed] == [("status", None)]
    await (await server.session.delete(f"{server.url}/_faults")).read()
    assert (await server.post("/generate", BODY)).status == 200


async def test_one_reply_is_slow_and_hangs_all_the_same(start: Start):
    server = await start()
    await server.arm({"kind": "hang", "after_tokens": 1}, {"kind": "pace", "tokens_per_second": 50})
    async with server.session.post(f"{server.url}/generate_stream", json=BODY) as response:
        await response.content.readline()
        assert [entry["fault"] for entry in (await server.requests())["latest"]] == ["hang"]


@pytest.mark.parametrize("token_length", [None, 1, 5, 1000])
async def test_the_reply_is_what_was_told_and_goes_on_where_it_was_cut_off(server: Server, token_length: int | None):
    text = "# Title\n\n- one *two* **three**\n\n```py\nprint('four')\n```\n"
    await server.arm({"kind": "say", "text": text, "token_length": token_length, "count": 2})
    events = await server.events("<|prompter|>hello<|endoftext|><|assistant|>", max_new_tokens=100)
    assert events[-1]["generated_text"] == text
    assert events[-1]["details"] is None or events[-1]["details"]["finish_reason"] == "eos_token"
    events = await server.events(f"<|prompter|>hello<|endoftext|><|assistant|>{text[:20]}", max_new_tokens=100)
    assert events[-1]["generated_text"] == text[20:]


@pytest.mark.parametrize(
    "fault", [{"kind": "cutt"}, {"kind": "cut", "after": 3}, {"kind": "status", "status": 200}, "cut"]
)
async def test_a_misspelt_fault_is_refused(server: Server, fault: object):
    response = await server.post("/_faults", fault)
    assert response.status == 422
    assert (await response.json())["error"][0]["loc"]


async def _lines(response: aiohttp.ClientResponse, n: int):
    for _ in range(n):
        yield await response.content.readline()
