"""TGI's endpoints over HTTP."""

import pytest

from inference.demo_tgi import lorem_text, tokens
from inference.demo_tgi.limits import Limits

from .conftest import Server, Start

OASST = "<|prompter|>{}<|endoftext|><|assistant|>"


async def test_a_stream_is_one_event_per_token_and_the_last_tells_all(server: Server):
    prompt = OASST.format("hello")
    response = await server.post(
        "/generate_stream",
        {
            "inputs": prompt,
            "parameters": {"max_new_tokens": 3, "seed": 5, "details": True, "do_sample": True},
        },
    )
    first, second, last = (await response.read()).removesuffix(b"\n\n").split(b"\n\n")

    assert response.content_type == "text/event-stream"
    assert first.startswith(b'data:{"index":1,"token":{"id":')
    assert second.endswith(b'"special":false},"generated_text":null,"details":null}')
    text = lorem_text(5, "hello", 3)
    assert last.decode().endswith(
        f'"generated_text":"{text}","details":{{"finish_reason":"length","generated_tokens":3,'
        f'"seed":5,"input_length":{tokens.count(prompt)}}}}}'
    )


async def test_the_streamed_tokens_are_the_generated_text(server: Server):
    events = await server.events(OASST.format("hello"), max_new_tokens=2000, seed=1)

    assert [event["index"] for event in events] == list(range(1, 2001))
    text = "".join(event["token"]["text"] for event in events)
    assert text == events[-1]["generated_text"] == lorem_text(1, "hello", 2000)
    assert not any("top_tokens" in event for event in events)


async def test_a_reply_that_was_cut_off_goes_on_where_its_text_ends(server: Server):
    whole = lorem_text(1, "hello", 50)
    for said in (0, 1, 17, 100, 201):
        events = await server.events(OASST.format("hello") + whole[:said], max_new_tokens=20, seed=1)
        assert whole[:said] + events[-1]["generated_text"] in lorem_text(1, "hello", 90)


async def test_earlier_messages_and_the_system_prompt_change_nothing(server: Server):
    prompts = [
        OASST.format("hello"),
        OASST.format("before") + "So<|endoftext|>" + OASST.format("hello"),
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n",
    ]
    texts = {(await server.events(prompt, max_new_tokens=9, seed=1))[-1]["generated_text"] for prompt in prompts}
    assert texts == {lorem_text(1, "hello", 9)}


async def test_a_stop_sequence_ends_the_text_and_stays_in_it(server: Server):
    words = lorem_text(1, "hello", 9).split()
    events = await server.events(OASST.format("hello"), max_new_tokens=50, seed=1, stop=[words[8]], details=True)
    assert events[-1]["generated_text"] == lorem_text(1, "hello", 9)
    assert events[-1]["details"]["finish_reason"] == "stop_sequence"


async def test_the_full_text_begins_with_the_prompt(server: Server):
    asked = {"max_new_tokens": 2, "return_full_text": True}
    assert (await server.events("hello", **asked))[-1]["generated_text"].startswith("hello")
    # At "/" that is the default, and the answer is a list.
    answer = await (await server.post("/", {"inputs": "hello", "parameters": {"max_new_tokens": 2}})).json()
    assert answer[0]["generated_text"] == "hello" + lorem_text(None, "hello", 2)


async def test_the_root_streams_when_asked_to(server: Server):
    events = await server.events("hello", path="/", max_new_tokens=2, return_full_text=False)
    assert events[-1]["generated_text"] == lorem_text(None, "hello", 2)


async def test_generate_answers_in_one_piece(server: Server):
    body = {"inputs": "hello", "parameters": {"max_new_tokens": 4, "seed": 2}}
    answer = await (await server.post("/generate", body)).json()
    assert answer == {"generated_text": lorem_text(2, "hello", 4)}


async def test_generate_tells_details_when_asked_to(server: Server):
    parameters = {
        "max_new_tokens": 4,
        "do_sample": True,
        "best_of": 2,
        "details": True,
        "decoder_input_details": True,
        "top_n_tokens": 2,
    }
    response = await server.post("/generate", {"inputs": "hello there", "parameters": parameters})
    details = (await response.json())["details"]

    assert details["finish_reason"] == "length"
    assert [token["text"] for token in details["prefill"]] == ["hello", " there"]
    assert details["prefill"][0]["logprob"] is None
    assert len(details["tokens"]) == details["generated_tokens"] == 4
    assert [len(tops) for tops in details["top_tokens"]] == [2] * 4
    assert len(details["best_of_sequences"]) == 1
    assert details["best_of_sequences"][0]["seed"] != details["seed"]
    assert response.headers["x-prompt-tokens"] == "2"
    assert response.headers["x-generated-tokens"] == "4"


async def test_top_tokens_come_with_the_stream(server: Server):
    events = await server.events("hello", max_new_tokens=3, top_n_tokens=3)
    assert all(event["top_tokens"][0] == event["token"] for event in events)
    assert all(len(event["top_tokens"]) == 3 for event in events)


async def test_truncate_keeps_the_end_of_the_prompt(server: Server):
    events = await server.events("one two three", max_new_tokens=2, truncate=2, details=True)
    assert events[-1]["details"]["input_length"] == 2
    assert events[-1]["generated_text"] == lorem_text(None, "two three", 2)


async def test_without_max_new_tokens_a_reply_goes_on_to_the_total(start: Start):
    server = await start(limits=Limits(max_input_tokens=10, max_total_tokens=30))
    events = await server.events("hello", details=True)
    assert events[-1]["details"] == {
        "finish_reason": "length",
        "generated_tokens": 29,
        "seed": None,
        "input_length": 1,
    }


async def test_tokenize_tells_each_token_with_its_place_in_characters(server: Server):
    response = await server.post("/tokenize", {"inputs": "Hé, 世界 🙂"})
    told = await response.json()
    assert [(token["text"], token["start"], token["stop"]) for token in told] == [
        ("Hé,", 0, 3),
        (" 世", 3, 5),
        ("界", 5, 6),
        (" 🙂", 6, 8),
    ]
    truncated = await server.post("/tokenize", {"inputs": "one two three", "parameters": {"truncate": 1}})
    assert [token["text"] for token in await truncated.json()] == [" three"]


async def test_info_health_models_and_the_root_tell_what_is_served(server: Server):
    info = await (await server.get("/info")).json()
    assert info["model_id"] == "_lorem"
    assert info["max_total_tokens"] == 131_072
    health = await server.get("/health")
    assert (health.status, await health.read()) == (200, b"")
    models = await (await server.get("/v1/models")).json()
    assert [model["id"] for model in models["data"]] == ["_lorem"]
    assert "holds no language model" in await (await server.get("/")).text()


async def test_the_model_is_called_as_in_the_catalogue(start: Start):
    for options, expected in (
        ({"model": "demo"}, "oasst-demo"),
        ({"model": "not-in-the-catalogue"}, "not-in-the-catalogue"),
        ({"model": "demo", "model_id": "other"}, "other"),
    ):
        server = await start(**options)
        assert (await (await server.get("/info")).json())["model_id"] == expected


async def test_metrics_count_what_was_done(server: Server):
    await server.events("hello", max_new_tokens=7)
    await server.events("", max_new_tokens=7)
    text = await (await server.get("/metrics")).text()
    for line in (
        "tgi_request_count 2",
        "tgi_request_success 1",
        'tgi_request_failure{err="validation"} 1',
        "tgi_queue_size 0",
        "tgi_batch_current_size 0",
        "tgi_request_generated_tokens_sum 7",
        'tgi_request_generated_tokens_bucket{le="8"} 1',
        'tgi_request_generated_tokens_bucket{le="4"} 0',
        "tgi_request_input_length_count 1",
    ):
        assert line in text.splitlines()


async def test_more_requests_than_allowed_are_told_that_the_model_is_overloaded(start: Start):
    server = await start(tokens_per_second=20, limits=Limits(max_concurrent_requests=1))
    async with server.session.post(f"{server.url}/generate_stream", json={"inputs": "hello"}) as running:
        assert await running.content.readline()
        assert await server.events("hello") == [{"error": "Model is overloaded", "error_type": "overloaded"}]
        assert (await server.post("/generate", {"inputs": "hello"})).status == 429
    await server.until("cancelled")
    assert (await server.post("/generate", {"inputs": "hello", "parameters": {"max_new_tokens": 1}})).status == 200


async def test_a_key_is_asked_for_where_tgi_asks(start: Start):
    server = await start(api_key="secret")
    body = {"inputs": "hello", "parameters": {"max_new_tokens": 1}}
    assert (await server.post("/generate", body)).status == 401
    assert (await server.post("/generate_stream", body, Authorization="Bearer other")).status == 401
    assert (await server.post("/generate", body, Authorization="Bearer secret")).status == 200
    assert (await server.get("/health")).status == 200


async def test_a_client_that_leaves_stops_the_generation(server: Server):
    async with server.session.post(
        f"{server.url}/generate_stream", json={"inputs": "leaving", "parameters": {"max_new_tokens": 100_000}}
    ) as response:
        assert await response.content.readline()
        response.close()
    seen = await server.until("cancelled", prompt_contains="leaving")
    assert seen["latest"][0]["state"] == "cancelled"
    assert seen["latest"][0]["tokens"] < 100_000


async def test_the_requests_are_told_with_what_they_asked(server: Server):
    await server.events("find me", max_new_tokens=3, seed=4)
    await server.events("another", max_new_tokens=3)
    seen = await server.requests(prompt_contains="find")
    assert (seen["started"], seen["finished"], seen["open"]) == (1, 1, 0)
    entry = seen["latest"][0]
    assert (entry["inputs"], entry["parameters"]) == ("find me", {"max_new_tokens": 3, "seed": 4})
    assert (entry["tokens"], entry["finish_reason"], entry["endpoint"]) == (3, "length", "/generate_stream")
    assert (await server.requests())["started"] == 2


@pytest.mark.parametrize("path", ["/_requests", "/_faults"])
async def test_pages_in_a_browser_cannot_use_the_endpoints_for_tests(server: Server, path: str):
    assert (await server.get(path, Origin="http://evil.example")).status == 403
